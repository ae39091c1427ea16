"""A load as its docks see it, put together from rows: what may come on, what is on, and what stands beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from server.db import dock_log, load_marks, loads, routing, tables
from server.db import people as people_rows
from server.domain.dock.values import DockParcel, Load, LoadState, OnTruck, OtherLoad, Pallet, ParcelState
from server.domain.errors import DomainError
from server.domain.routes.calendars import next_dispatch
from server.domain.sales.orders import OrderStatus
from server.usecases.shipping.accounts import accounts

CANCELLED_SECONDS = 7 * 86_400
"""So long a dock knows that a parcel was cancelled."""
_PACKED = (OrderStatus.PACKED, OrderStatus.SHIPPED)


@dataclass(frozen=True, slots=True)
class Known:
    """Names and plans of a site, read once for all parcels of a picture."""

    carriers: Mapping[str, str]
    people: Mapping[int, str]
    benches: Mapping[int, str]
    plan_by_order: Mapping[int, str]
    plan_by_parcel: Mapping[str, str]
    newer: Mapping[tuple[int, int], str]
    seen: Mapping[str, Row[Any]]


def load_picture(connection: Connection, row: Row[Any], now: float) -> Load:
    """The load with every parcel its docks may meet."""
    open_rows = loads.of_site(connection, row.site_id)
    on = loads.parcels_on(connection, {*(each.id for each in open_rows), row.id})
    here = loads.parcels_here(connection, row.site_id, now - CANCELLED_SECONDS)
    marks = load_marks.marked(connection, row.id)
    # Labels allotted beforehand are known to the dock once one was scanned there.
    scanned = loads.parcels_with(connection, row.site_id, marks[load_marks.ASIDE]) if marks[load_marks.ASIDE] else ()
    found = {p.id: p for p in (*on, *here, *scanned)}.values()
    known = known_of(connection, row.site_id, found, [each.id for each in open_rows])
    cut_off, ends = times(connection, row, now)
    return replace(
        bare_load(connection, row, found, known),
        cut_off=cut_off,
        day_ends=ends,
        others=tuple(_others(connection, row, open_rows, known)),
        cancelled_on=_cancelled(connection, row, known),
    )


def bare_load(connection: Connection, row: Row[Any], found: Iterable[Row[Any]], known: Known) -> Load:
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


def known_of(connection: Connection, site_id: int, found: Iterable[Row[Any]], load_ids: Sequence[str]) -> Known:
    """What these parcels' rows do not say themselves."""
    bench, person = tables.bench, tables.person
    by_order, by_parcel = load_marks.planned(connection, site_id)
    void = {p.order_id for p in found if _void(p)}
    return Known(
        carriers={code: each.name for code, each in accounts(connection).items()},
        people={row.id: row.name for row in connection.execute(select(person.c.id, person.c.name))},
        benches={row.id: row.name for row in connection.execute(select(bench.c.id, bench.c.name))},
        plan_by_order=by_order,
        plan_by_parcel=by_parcel,
        newer=loads.newer_numbers(connection, void) if void else {},
        seen=dock_log.seen_at(connection, load_ids) if load_ids else {},
    )


def dock_parcel(row: Row[Any], known: Known) -> DockParcel:
    """A parcel's row as the rules see it."""
    seen, void = known.seen.get(row.id), _void(row)
    return DockParcel(
        parcel_id=row.id,
        tracking=row.tracking,
        order_number=row.order_number,
        channel=row.channel,
        carrier=row.carrier,
        state=ParcelState(row.state),
        load_id=row.load_id,
        service=row.service,
        carrier_name=known.carriers.get(row.carrier, row.carrier),
        loaded_at=row.loaded_at,
        loaded_by=known.people.get(row.loaded_by, ""),
        assumed=bool(row.assumed),
        planned_load=known.plan_by_parcel.get(row.id) or known.plan_by_order.get(row.order_id, ""),
        ship_by=row.ship_by,
        seen_at=seen.at if seen else row.ready_at or row.bought_at,
        seen_where=known.benches.get(seen.bench_id if seen else row.packed_at, ""),
        seen_by=known.people.get(seen.person_id if seen else row.packed_by, ""),
        seen_at_dock=seen is not None,
        void=void,
        replaced_by=known.newer.get((row.order_id, row.box_no), "") if void else "",
        unfinished=row.state == ParcelState.READY and row.order_status not in _PACKED,
    )


def other_load(row: Row[Any], carriers: Mapping[str, str], benches: Mapping[int, str], loaded: int) -> OtherLoad:
    """A load's row as another load of the site sees it."""
    state = LoadState.PLANNED if row.opened_at is None else LoadState.CLOSING if row.closing_at else LoadState.OPEN
    return OtherLoad(
        load_id=row.id,
        carrier=row.carrier,
        carrier_name=carriers.get(row.carrier, row.carrier),
        trailer=row.trailer,
        dock=benches.get(row.bench_id, ""),
        services=tuple(row.services),
        state=state,
        cut_off=row.cut_off,
        loaded=loaded,
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
        raise DomainError("not_found", "there is no such load at this site")
    return row


def _void(row: Row[Any]) -> bool:
    """Its number is dead although its order lives."""
    return bool(row.state == ParcelState.CANCELLED and row.order_status != OrderStatus.CANCELLED)


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
