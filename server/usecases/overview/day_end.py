"""The day's end on one list: everything that is not finished at a site, and where to go for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from server.db import day_end as rows
from server.db import loads, sites, tables
from server.db.transaction import Database
from server.domain.sales.orders import OrderStatus
from server.typed import learnt
from server.usecases.overview.board_benches import SILENT_SECONDS
from server.usecases.overview.board_words import PHASE_WORDS, reason_words, spoken
from server.usecases.shipping.accounts import accounts
from server.wire import Heartbeat

SHOWN = 40
"""So many lines of one kind are listed; the others are counted."""

TITLES = {
    "Orders open on benches": "Finish each there, or empty its box.",
    "Scans not sent": "Give the bench its network back, and leave it on.",
    "Set aside": "Take each where it belongs, then ASIDE DONE and scan it.",
    "Staged and not loaded": "Load each, or keep it for the next vehicle.",
    "Open loads": "Close each at its dock: CLOSE, then CLOSE again.",
    "Full totes": "Pack what is in it, or put it back and empty the tote.",
    "Carriers that have not accepted a load": "Asked again by itself; one that refused is an incident.",
    "Shipments no channel was told of": "Told by itself; what is put aside needs a person.",
}
"""Kinds of open ends in their order, and what to do about each."""


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """One thing that is not finished: ``what`` it is, ``where`` to go, since when (seconds since the epoch).

    ``link`` is a page of this server, or nothing.
    """

    what: str
    where: str
    since: float | None = None
    who: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind: how many there are, the first of them, and what to ``do`` about them."""

    title: str
    do: str
    total: int
    ends: tuple[OpenEnd, ...]


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A site's day; it is closed when nothing is open."""

    site: str
    name: str
    time_zone: str
    sections: tuple[Section, ...]

    @property
    def closed(self) -> bool:
        """Whether everybody may go home."""
        return not self.sections


def day_ends(db: Database, site_code: str = "") -> tuple[DayEnd, ...]:
    """Of one site, or of all active ones by rank; raise DomainError("not_found")."""
    with db.read() as connection:
        if site_code:
            chosen = [sites.by_code(connection, site_code)]
        else:
            chosen = [site for site in sites.all_sites(connection) if site.active]
        names = {code: spoken(each.name, 40) for code, each in accounts(connection).items()}
        return tuple(_day(connection, site, names, db.now()) for site in chosen)


def without_names(days: Iterable[DayEnd]) -> tuple[DayEnd, ...]:
    """The same for people who need not know who."""
    return tuple(replace(day, sections=tuple(_nameless(each) for each in day.sections)) for day in days)


def _nameless(section: Section) -> Section:
    return replace(section, ends=tuple(replace(end, who="") for end in section.ends))


def _day(connection: Connection, site: Row[Any], names: dict[str, str], now: float) -> DayEnd:
    found = (
        _on_benches(connection, site.id),
        _unsent(connection, site.id, now),
        _aside(connection, site.id),
        _staged(connection, site.id, names),
        _loads(connection, site.id, names),
        _totes(connection, site.id),
        _closes(connection, site.id, names),
        _untold(connection, site.id),
    )
    sections = []
    for (title, do), ends in zip(TITLES.items(), found, strict=True):
        listed = tuple(ends)
        if listed:
            sections.append(Section(title, do, len(listed), listed[:SHOWN]))
    return DayEnd(site.code, spoken(site.name, 60), site.time_zone, tuple(sections))


def _on_benches(connection: Connection, site_id: int) -> Iterator[OpenEnd]:
    for row in rows.open_sessions(connection, site_id):
        what = f"order {row.number}, {PHASE_WORDS.get(row.state, 'packing')}"
        yield OpenEnd(spoken(what, 80), spoken(row.bench, 40), row.opened_at, spoken(row.person or "", 40), "/board")


def _unsent(connection: Connection, site_id: int, now: float) -> Iterator[OpenEnd]:
    """A silent bench at which somebody is signed in may hold more scans than it last said."""
    for row in rows.beats(connection, site_id):
        try:
            beat = msgspec.convert(row.beat, learnt(Heartbeat))
        except msgspec.ValidationError:
            # A station of another version; it is on the board.
            continue
        silent = now - row.seen_at > SILENT_SECONDS
        if beat.unsent:
            what = f"{beat.unsent} scan{'s' if beat.unsent > 1 else ''} not sent{', bench silent' if silent else ''}"
        elif silent and beat.person_id is not None:
            what = "silent with somebody signed in: it may hold scans"
        else:
            continue
        yield OpenEnd(what, spoken(row.name, 40), row.seen_at if silent else None, link="/board")


def _aside(connection: Connection, site_id: int) -> Iterator[OpenEnd]:
    for row in rows.set_aside(connection, site_id):
        what = f"{row.tracking or row.parcel_id}: {reason_words(row.reason)[0]}"
        where = f"{row.bench or 'dock'}, {row.load_id}"
        yield OpenEnd(spoken(what, 80), spoken(where, 60), row.at, link=f"/dock/{row.load_id}")


def _staged(connection: Connection, site_id: int, names: dict[str, str]) -> Iterator[OpenEnd]:
    for row in rows.staged(connection, site_id):
        packed = f", packed at {row.bench}" if row.bench else ""
        where = f"lane {names.get(row.carrier, row.carrier)}{packed}"
        yield OpenEnd(spoken(f"{row.tracking}, order {row.number}", 80), spoken(where, 80), row.ready_at)


def _loads(connection: Connection, site_id: int, names: dict[str, str]) -> Iterator[OpenEnd]:
    found = [row for row in loads.of_site(connection, site_id) if row.opened_at is not None]
    counts = loads.counts(connection, [row.id for row in found])
    b = tables.bench
    benches = {each.id: each.name for each in connection.execute(b.select())}
    for row in found:
        trailer = f" {row.trailer}" if row.trailer else ""
        on = counts.get(row.id, 0)
        what = f"{row.id}, {names.get(row.carrier, row.carrier)}{trailer}, {on} parcel{'' if on == 1 else 's'}"
        where = spoken(benches.get(row.bench_id, "the dock"), 40)
        yield OpenEnd(spoken(what, 100), where, row.opened_at, link=f"/dock/{row.id}")


def _totes(connection: Connection, site_id: int) -> Iterator[OpenEnd]:
    for tote, inside in groupby(rows.full_totes(connection, site_id), key=lambda row: row.tote):
        found = list(inside)
        numbers = ", ".join(row.number for row in found)
        gone = all(row.status == OrderStatus.CANCELLED for row in found)
        what = f"order{'s' if len(found) > 1 else ''} {numbers}{', cancelled: put back' if gone else ''}"
        yield OpenEnd(spoken(what, 100), spoken(f"tote {tote}", 40))


def _closes(connection: Connection, site_id: int, names: dict[str, str]) -> Iterator[OpenEnd]:
    for row in rows.carrier_closes(connection, site_id):
        said = f": {row.text}" if row.text else ""
        where = names.get(row.carrier, row.carrier)
        link = "/incidents" if row.state == "refused" else f"/dock/{row.load_id}"
        yield OpenEnd(spoken(f"{row.load_id} {row.state}{said}", 120), where, row.closed_at, link=link)


def _untold(connection: Connection, site_id: int) -> Iterator[OpenEnd]:
    for row in rows.untold(connection, site_id):
        parked = row.state == "parked"
        state = "put aside, see the incidents" if parked else "waiting"
        what = f"{row.parcels} parcel{'' if row.parcels == 1 else 's'} {state}"
        yield OpenEnd(what, spoken(f"channel {row.name}", 60), row.since, link="/incidents" if parked else "/board")
