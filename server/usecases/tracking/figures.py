"""What loaded, told and scanned parcels add up to: the data of SBK-07 and KPI-08."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from server import carriers
from server.channels import of_kind
from server.db import sites, tables, told
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.tracking.telling import TellAt, tell_at
from server.usecases.shipping.accounts import accounts

WITHIN = 86_400.0
"""Seconds in which a parcel that was handed over should be scanned (KPI-08)."""


@dataclass(frozen=True, slots=True)
class Told:
    """How it stands with what one channel is told of parcels. Lists are tracking numbers."""

    channel: str
    tell_at: TellAt
    confirmed: int
    pending: int
    failed: int
    loaded_not_told: tuple[str, ...]
    """Handed over, and the channel has not taken it: it waits for its moment, is on its way, or was put aside."""
    told_not_loaded: tuple[str, ...]
    cancelled_but_told: tuple[str, ...]
    cancelled_maybe_told: tuple[str, ...]
    """Cancelled after a try whose answer did not come: the channel may have it, and a person has to look there."""
    scanned_not_loaded: tuple[str, ...]
    """Its carrier has it and no load of ours had."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """Of parcels handed over: how many were scanned by their carrier within a day, of those whose day is over."""

    name: str
    handed_over: int
    scanned: int

    @property
    def share(self) -> float:
        """0 to 1; 1 where nothing was handed over."""
        return self.scanned / self.handed_over if self.handed_over else 1.0


def told_figures(connection: Connection, since: float) -> list[Told]:
    """Each channel that is told of shipments, for parcels bought since then."""
    differing = told.differing(connection, since)
    counts = told.counts(connection, since)
    found = []
    for row in sites.channels(connection, active_only=False):
        mine = [each for each in differing if each.channel == row.code]
        if of_kind(row.kind).tells(row.settings):
            found.append(_told(row, counts.get(row.code, (0, 0, 0)), mine))
    return found


def _told(channel: Row[Any], counts: tuple[int, int, int], rows: Iterable[Row[Any]]) -> Told:
    rows = list(rows)

    def those(wanted: Callable[[Row[Any]], bool]) -> tuple[str, ...]:
        return tuple(row.tracking for row in rows if wanted(row))

    gone = ParcelState.CANCELLED
    queued = (None, told.WITHDRAWN)
    return Told(
        channel.code,
        tell_at(channel.policy),
        *counts,
        loaded_not_told=those(lambda r: r.handed_at is not None and r.told != "sent" and r.state != gone),
        told_not_loaded=those(lambda r: r.handed_at is None and r.told not in queued and r.state != gone),
        cancelled_but_told=those(lambda r: r.state == gone and r.told == "sent"),
        cancelled_maybe_told=those(lambda r: r.state == gone and r.told == told.WITHDRAWN and r.tried),
        scanned_not_loaded=those(lambda r: r.handed_at is None and r.first_scan_at is not None),
    )


def compliance(
    connection: Connection, since: float, until: float, now: float
) -> tuple[list[Compliance], list[Compliance]]:
    """(by carrier, by bench) for parcels handed over in [since, until); carriers that never scan are left out.

    A parcel counts when its day is over, or it was scanned. A scan before the load was closed counts too.
    """
    p, t, s, b = tables.parcel, tables.parcel_track, tables.pack_session, tables.bench
    joined = (
        t.join(p, p.c.id == t.c.parcel_id).outerjoin(s, s.c.id == p.c.session_id).outerjoin(b, b.c.id == s.c.bench_id)
    )
    query: Select[Any] = select(p.c.carrier, b.c.name.label("bench"), t.c.handed_at, t.c.first_scan_at).select_from(
        joined
    )
    rows = connection.execute(query.where(t.c.handed_at >= since, t.c.handed_at < until)).all()
    scanning = _scanning(connection) | {row.carrier for row in rows if row.first_scan_at is not None}
    counted = [row for row in rows if row.carrier in scanning and (_in_time(row) or row.handed_at + WITHIN <= now)]
    by_bench = [row for row in counted if row.bench is not None]
    return _shares(counted, lambda row: row.carrier), _shares(by_bench, lambda row: row.bench)


def _in_time(row: Row[Any]) -> bool:
    return row.first_scan_at is not None and bool(row.first_scan_at <= row.handed_at + WITHIN)


def _shares(rows: Iterable[Row[Any]], name: Callable[[Row[Any]], str]) -> list[Compliance]:
    counts: dict[str, list[int]] = {}
    for row in rows:
        count = counts.setdefault(name(row), [0, 0])
        count[0] += 1
        count[1] += _in_time(row)
    return [Compliance(each, handed, scanned) for each, (handed, scanned) in sorted(counts.items())]


def _scanning(connection: Connection) -> set[str]:
    found = set()
    for code, account in accounts(connection).items():
        try:
            can = carriers.capabilities(account)
        except DomainError:
            continue
        if can.track or can.hear:
            found.add(code)
    return found
