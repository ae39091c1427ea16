"""A load as its docks see it, put together from rows: what may come on, what is on, and what stands beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from server.db import dock_rows, load_marks, loads, routing, tables
from server.db import people as people_rows
from server.db.dock_rows import Brief, DockRow
from server.domain.dock.groups import in_order
from server.domain.dock.values import Load, OnTruck, OtherLoad, Pallet
from server.domain.errors import DomainError
from server.domain.routes.calendars import next_dispatch
from server.usecases.loading.known import Known, dock_parcel, known_of, other_load

CANCELLED_SECONDS = 7 * 86_400
"""So long a dock knows that a parcel was cancelled."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Rows of all parcels that the docks of a load may meet, and what those rows do not say themselves."""

    beside: Sequence[Row[Any]]
    """Loads of the site that are planned or open."""
    found: Sequence[Brief]
    known: Known


def sight(connection: Connection, row: Row[Any], now: float) -> Sight:
    """Everything of a load's parcels, read once."""
    beside = loads.of_site(connection, row.site_id)
    on = dock_rows.on(connection, {*(each.id for each in beside), row.id})
    here = dock_rows.here(connection, row.site_id, now - CANCELLED_SECONDS)
    aside = load_marks.marked(connection, row.id)[load_marks.ASIDE]
    # Labels allotted beforehand are known to the dock once one was scanned there.
    scanned = dock_rows.some(connection, aside) if aside else []
    found = list({p.id: p for p in (*scanned, *here, *on)}.values())
    return Sight(beside, found, known_of(connection, row.site_id, found, [each.id for each in beside]))


def load_picture(connection: Connection, row: Row[Any], now: float) -> Load:
    """The load with every parcel its docks may meet."""
    seen = sight(connection, row, now)
    return picture_of(connection, row, now, seen, seen.found)


def picture_of(connection: Connection, row: Row[Any], now: float, seen: Sight, shown: Iterable[DockRow]) -> Load:
    """The load with these of the parcels."""
    cut_off, ends = times(connection, row, now)
    load = bare_load(connection, row, shown, seen.known)
    return replace(
        load,
        parcels=in_order(load.parcels),
        cut_off=cut_off,
        day_ends=ends,
        others=tuple(_others(connection, row, seen.beside, seen.known)),
        cancelled_on=_cancelled(connection, row, seen.known),
    )


def bare_load(connection: Connection, row: Row[Any], found: Iterable[DockRow], known: Known) -> Load:
    """A load's row with these parcels and its marks: what a scan is judged by."""
    marks = load_marks.marked(connection, row.id)
    pallets = load_marks.pallets(connection, row.site_id, row.id)
    return Load(
        load_id=row.id,
        carrier=row.carrier,
        carrier_name=known.carriers.get(row.carrier, row.carrier),
        closed=row.closed_at is not None,
        parcels=tuple(dock_parcel(p, known) for p in found),
        set_aside=marks[load_marks.ASIDE],
        planned=row.opened_at is None,
        closing=row.closing_at is not None,
        services=tuple(row.services),
        trailer=row.trailer,
        driver=row.driver,
        dock=known.benches.get(row.bench_id, ""),
        listed=row.listed,
        remaining=marks[load_marks.REMAINS],
        pallets=tuple(Pallet(sscc, ids) for sscc, ids in pallets.items()),
    )


def day_ends(time_zone: str, now: float) -> float:
    """The next midnight at a site, seconds since the epoch."""
    zone = ZoneInfo(time_zone)
    day = datetime.fromtimestamp(now, UTC).astimezone(zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def times(connection: Connection, row: Row[Any], now: float) -> tuple[float | None, float]:
    """The load's own cut-off, or its site's as it was when the load was opened; and the end of the day."""
    site = connection.execute(select(tables.site).where(tables.site.c.id == row.site_id)).one()
    cut_off = row.cut_off
    if cut_off is None and "cut_off" in (site.node or {}):
        leaves = next_dispatch(routing.node_of_row(site).calendar, row.opened_at or now)
        cut_off = leaves.at if leaves else None
    return cut_off, day_ends(site.time_zone, now)


def clock(at: float, time_zone: str) -> str:
    """A time as the people of a site read it."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"


def checked(connection: Connection, row: Row[Any] | None, bench_id: int) -> Row[Any]:
    """The load if it is of the bench's site; raise DomainError("not_found")."""
    if row is None or row.site_id != people_rows.bench(connection, bench_id).site_id:
        raise DomainError("not_found", "there is no such load at this site", says="load_none")
    return row


def _others(connection: Connection, row: Row[Any], rows: Sequence[Row[Any]], known: Known) -> Iterable[OtherLoad]:
    counts = loads.counts(connection, [each.id for each in rows])
    for each in rows:
        if each.id != row.id:
            yield other_load(each, known.carriers, known.benches, counts.get(each.id, 0))


def _cancelled(connection: Connection, row: Row[Any], known: Known) -> tuple[OnTruck, ...]:
    return tuple(
        OnTruck(
            parcel_id=each.parcel_id,
            tracking=each.tracking,
            order_number=each.order_number,
            position=each.position,
            of=each.of,
            loaded_at=each.loaded_at,
            loaded_by=known.people.get(each.person_id, ""),
            answer=each.answer,
        )
        for each in load_marks.cancels(connection, row.id)
    )
