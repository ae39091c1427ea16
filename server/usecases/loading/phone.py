"""What a loader's phone shows inside the vehicle: loaded, left, the last verdicts, and whether all of it is fresh."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from server.db import board, load_marks, loads, sites, tables
from server.db.transaction import Database
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.errors import DomainError
from server.typed import learnt
from server.usecases.loading.phone_words import PhoneVerdict, verdict
from server.usecases.loading.picture import times
from server.usecases.overview.board_benches import SILENT_SECONDS
from server.usecases.overview.board_words import reason_words, spoken
from server.usecases.shipping.accounts import name_of
from server.wire import Heartbeat

VERDICTS = 4
"""So many of the newest scans are told, so that none is missed between two looks."""
LISTED = 30
_e, _m, _p, _b = tables.dock_event, tables.load_mark, tables.parcel, tables.bench


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A parcel that somebody must look for, and why."""

    tracking: str
    words: str


@dataclass(frozen=True, slots=True)
class DockHeard:
    """A dock whose scans are not all here: ``unsent`` of them wait, or it is silent ``since``."""

    name: str
    unsent: int = 0
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLoad:
    """A load on a phone; ``verdicts`` the newest first. ``cancelled`` are on the vehicle and nobody pulled them."""

    load_id: str
    carrier: str
    trailer: str
    state: str
    loaded: int
    left: int
    cut_off: float | None
    verdicts: tuple[PhoneVerdict, ...]
    aside_count: int
    aside: tuple[PhoneLine, ...]
    cancelled: tuple[PhoneLine, ...]
    docks: tuple[DockHeard, ...]


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """An open load to choose."""

    load_id: str
    carrier: str
    trailer: str
    dock: str
    site: str
    loaded: int


def phone_loads(db: Database, site_id: int | None) -> tuple[PhoneChoice, ...]:
    """Loads that are open now, at one site or at all, the newest first."""
    with db.read() as connection:
        places = {s.id: s.code for s in sites.all_sites(connection) if site_id in (None, s.id)}
        found = [row for each in places for row in loads.of_site(connection, each) if row.opened_at is not None]
        counts = loads.counts(connection, [row.id for row in found])
        names = {b.id: b.name for b in connection.execute(select(_b.c.id, _b.c.name))}
        return tuple(
            PhoneChoice(
                load_id=row.id,
                carrier=spoken(name_of(connection, row.carrier), 40),
                trailer=spoken(row.trailer, 40),
                dock=spoken(names.get(row.bench_id, ""), 40),
                site=places[row.site_id],
                loaded=counts.get(row.id, 0),
            )
            for row in sorted(found, key=lambda row: -row.number)
        )


def find_load(connection: Connection, load_id: str, site_id: int | None) -> Row[Any]:
    """The load, open or closed; raise DomainError("not_found") where there is none at this site."""
    row = loads.find(connection, load_id) if load_id.isascii() and load_id.isalnum() else None
    if row is None or site_id not in (None, row.site_id):
        raise DomainError("not_found", "there is no such load at this dock")
    return row


def phone_load(db: Database, load_id: str) -> PhoneLoad:
    """The load as it is now; raise DomainError("not_found")."""
    with db.read() as connection:
        row = find_load(connection, load_id, None)
        closed = row.closed_at is not None
        aside, count = _aside(connection, load_id)
        waits = () if closed else [c for c in load_marks.cancels(connection, load_id) if not c.answer]
        return PhoneLoad(
            load_id=row.id,
            carrier=spoken(name_of(connection, row.carrier), 40),
            trailer=spoken(row.trailer, 40),
            state="closed" if closed else "closing" if row.closing_at else "open",
            loaded=loads.counts(connection, [load_id]).get(load_id, 0),
            left=0 if closed else _left(connection, row),
            cut_off=None if closed else times(connection, row, db.now())[0],
            verdicts=_verdicts(connection, load_id),
            aside_count=0 if closed else count,
            aside=() if closed else aside,
            cancelled=tuple(PhoneLine(spoken(c.tracking, 40), f"{c.position} of {c.of}") for c in waits),
            docks=() if closed else _docks(connection, row, db.now()),
        )


def _left(connection: Connection, row: Row[Any]) -> int:
    """Parcels that are expected on it, by the rule of the dock's own screen."""
    ready = (_p.c.site_id == row.site_id) & (_p.c.state == ParcelState.READY.value) & (_p.c.carrier == row.carrier)
    query = select(_p.c.id, _p.c.order_id, _p.c.service).where(ready, _p.c.purchase == "bought")
    by_order, by_parcel = load_marks.planned(connection, row.site_id)
    parcels = (
        DockParcel(
            parcel_id=p.id,
            tracking="",
            order_number="",
            channel="",
            carrier=row.carrier,
            state=ParcelState.READY,
            service=p.service,
            planned_load=by_parcel.get(p.id) or by_order.get(p.order_id, ""),
        )
        for p in connection.execute(query)
    )
    services = tuple(row.services)
    load = Load(row.id, row.carrier, "", False, tuple(parcels), services=services, listed=row.listed)
    return len(load.missing)


def _verdicts(connection: Connection, load_id: str) -> tuple[PhoneVerdict, ...]:
    """Of the newest scans of this load, whoever scanned: the server's verdict, which is the stricter one."""
    columns = (_e.c.dock_session, _e.c.seq, _e.c.reason, _e.c.raw, _e.c.parcel_id, _p.c.tracking)
    scans = (_e.c.load_id == load_id) & (_e.c.part == 0)
    query: Select[Any] = select(*columns).outerjoin(_p, _p.c.id == _e.c.parcel_id).where(scans)
    newest = query.order_by(_e.c.received_at.desc(), _e.c.seq.desc(), _e.c.at.desc()).limit(VERDICTS)
    return tuple(verdict(row) for row in connection.execute(newest))


def _aside(connection: Connection, load_id: str) -> tuple[tuple[PhoneLine, ...], int]:
    """The SET ASIDE list, the newest first, and how many are on it."""
    open_one = (_m.c.load_id == load_id) & (_m.c.kind == load_marks.ASIDE) & _m.c.done_at.is_(None)
    columns = (_m.c.reason, _m.c.parcel_id, _p.c.tracking)
    query: Select[Any] = select(*columns).outerjoin(_p, _p.c.id == _m.c.parcel_id)
    found: Sequence[Row[Any]] = connection.execute(query.where(open_one).order_by(_m.c.at.desc(), _m.c.parcel_id)).all()
    lines = (PhoneLine(spoken(r.tracking or r.parcel_id, 40), reason_words(r.reason)[0]) for r in found[:LISTED])
    return tuple(lines), len(found)


def _docks(connection: Connection, row: Row[Any], now: float) -> tuple[DockHeard, ...]:
    """Docks that load this vehicle and of which something may be missing here."""
    behind = []
    for bench in board.benches(connection):
        beat = _beat(bench.beat)
        here = bench.id == row.bench_id or (beat is not None and beat.load_id == row.id)
        if not here or bench.seen_at is None:
            continue
        silent = bench.seen_at if now - bench.seen_at > SILENT_SECONDS else None
        unsent = beat.unsent if beat is not None else 0
        if silent is not None or unsent:
            behind.append(DockHeard(spoken(bench.name, 40), unsent, silent))
    return tuple(behind)


def _beat(stored: Any) -> Heartbeat | None:
    try:
        return msgspec.convert(stored, learnt(Heartbeat)) if stored else None
    except msgspec.ValidationError:
        # A station of another version: whether it is silent is known all the same.
        return None
