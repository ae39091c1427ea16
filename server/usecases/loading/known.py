"""A parcel and a load as their rows, and what those do not say, make them for docks."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from server.db import dock_log, load_marks, loads, tables
from server.db.dock_rows import Brief, DockRow
from server.domain.dock.groups import GROUPS, WIDTH, group_of
from server.domain.dock.values import DockParcel, LoadState, OtherLoad, ParcelState
from server.domain.sales.orders import OrderStatus
from server.usecases.shipping.accounts import accounts

_PACKED = (OrderStatus.PACKED, OrderStatus.SHIPPED)


@dataclass(frozen=True, slots=True)
class Known:
    """Names and plans of a site, read once for all parcels of a picture."""

    carriers: Mapping[str, str]
    people: Mapping[int | None, str]
    benches: Mapping[int | None, str]
    plan_by_order: Mapping[int, str]
    plan_by_parcel: Mapping[str, str]
    newer: Mapping[tuple[int, int], str]
    seen: Mapping[str, Row[Any]]


def known_of(connection: Connection, site_id: int, found: Iterable[DockRow], load_ids: Sequence[str]) -> Known:
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


def dock_parcel(row: DockRow, known: Known) -> DockParcel:
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
        weight_grams=row.weight_grams,
    )


def other_load(row: Row[Any], carriers: Mapping[str, str], benches: Mapping[int | None, str], loaded: int) -> OtherLoad:
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
        listed=row.listed,
    )


def digests_of(found: Iterable[Brief], known: Known) -> list[str]:
    """Of each group of parcels a digest of everything a dock is shown of them; the last one is of the names in them."""
    facts: list[list[Any]] = [[] for _ in range(GROUPS)]
    for row in found:
        facts[group_of(row.id)].append((*row, *_beside(row, known)))
    names = [sorted(each.items()) for each in (known.carriers, known.people, known.benches)]
    return [_digest(each) for each in (*facts, names)]


def _beside(row: Brief, known: Known) -> tuple[Any, ...]:
    scan = known.seen.get(row.id)
    replaced = known.newer.get((row.order_id, row.box_no)) if known.newer and _void(row) else None
    where = (scan.at, scan.bench_id, scan.person_id) if scan else None
    return known.plan_by_parcel.get(row.id), known.plan_by_order.get(row.order_id), where, replaced


def _digest(facts: Sequence[Any]) -> str:
    whole = hashlib.blake2b(msgspec.msgpack.encode(facts), digest_size=WIDTH * 3 // 4).digest()
    return base64.urlsafe_b64encode(whole).decode()


def _void(row: DockRow) -> bool:
    """Its number is dead although its order lives."""
    return bool(row.state == ParcelState.CANCELLED and row.order_status != OrderStatus.CANCELLED)
