"""Closing a load: the manifest is frozen, stock falls, channels are told, and what stayed behind is somebody's task."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row

from printing import pdf
from printing.documents import LoadManifest, ManifestLine
from server import wire
from server.db import loads, orders, parcels
from server.db import people as rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.typed import learnt
from server.usecases.booking import stock
from server.usecases.loading.dock import answer, checked
from server.usecases.outward import outbox
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import name_of
from server.usecases.staff.people import LOADS, at_bench

NAMED_MAX = 40
"""So many parcels are named in an incident; the manifest names all."""


def close_load(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    """Close the load with what the person counted; closing it again gives the same answer.

    Raise DomainError("changed", loaded=) when another number is on it now, "not_found" or "not_signed_in".
    """
    who = at_bench(db, actor, request.person_id, LOADS)
    return again(lambda: _close(db, who, bench_id, load_id, request))


def manifest_pdf(db: Database, bench_id: int, load_id: str) -> bytes:
    """The closed load's manifest on paper: the same bytes every time. Raise DomainError("not_closed" | "not_found")."""
    with db.read() as connection:
        row = checked(connection, loads.find(connection, load_id), bench_id)
    if row.manifest is None:
        raise DomainError("not_closed", f"expected a closed load, {load_id} is open")
    return pdf.manifest(msgspec.convert(row.manifest, learnt(LoadManifest)))


def _close(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    with transaction(db, actor, "close_load") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        if row.closed_at is not None:
            _check_count(len(row.manifest["lines"]), request.loaded, f"load {load_id} was closed")
            return answer(tx.connection, row, tx.now)
        on = _locked(tx, load_id)
        _check_count(len(on), request.loaded, f"load {load_id} is open")
        here = loads.parcels_here(tx.connection, row.site_id, tx.now)
        missing = [p for p in here if p.state == ParcelState.READY and p.carrier == row.carrier]
        manifest = _manifest(tx, row, bench_id, on, missing)
        loads.close(tx, load_id, request.person_id, msgspec.to_builtins(manifest))
        tx.note("load.closed", {"loaded": len(on), "left_behind": len(missing)}, load=load_id, bench=bench_id)
        _hand_over(tx, on)
        if missing:
            _left_behind(tx, row, missing)
        closed = checked(tx.connection, loads.find(tx.connection, load_id), bench_id)
        return answer(tx.connection, closed, tx.now)


def _check_count(found: int, counted: int, state: str) -> None:
    if found != counted:
        what = f"expected the {counted} parcels that were counted, found {found}: {state}"
        raise DomainError(Reason.CHANGED, what, loaded=found, counted=counted)


def _locked(tx: Transaction, load_id: str) -> list[Row[Any]]:
    """What is on the load, read behind the locks of its orders and parcels: a cancel may be taking one off."""
    seen = loads.parcels_on(tx.connection, [load_id])
    for order_id in sorted({p.order_id for p in seen}):
        orders.lock(tx, order_id)
    parcels.lock(tx, [p.id for p in seen])
    return [p for p in loads.parcels_on(tx.connection, [load_id]) if p.state == ParcelState.LOADED]


def _hand_over(tx: Transaction, on: list[Row[Any]]) -> None:
    """The first box of an order that leaves takes the whole order's units out of the book: it is promised away."""
    order_ids = [n for n in sorted({p.order_id for p in on}) if _status(tx, n) != OrderStatus.SHIPPED]
    for order_id in order_ids:
        orders.set_status(tx, order_id, OrderStatus.SHIPPED)
    stock.ship_orders(tx, order_ids)
    for parcel in on:
        outbox.queue_shipment(tx, parcel.id)


def _status(tx: Transaction, order_id: int) -> str:
    return str(orders.lock(tx, order_id).status)


def _left_behind(tx: Transaction, row: Row[Any], missing: list[Row[Any]]) -> None:
    names = ", ".join(f"{p.tracking} (order {p.order_number})" for p in missing[:NAMED_MAX])
    more = f" and {len(missing) - NAMED_MAX} more" if len(missing) > NAMED_MAX else ""
    name = name_of(tx.connection, row.carrier)
    cause = f"load {row.id} of {name} left without {len(missing)} parcels that were ready: {names}{more}"
    open_incident(tx, IncidentType.LEFT_BEHIND, cause, once_key=f"left:{row.id}")


def _manifest(
    tx: Transaction, row: Row[Any], bench_id: int, on: list[Row[Any]], missing: list[Row[Any]]
) -> LoadManifest:
    site = rows.bench(tx.connection, bench_id)
    names = _names(tx.connection, {p.loaded_by for p in on})
    zone = site.site_time_zone
    lines = tuple(
        ManifestLine(
            parcel_id=p.id,
            tracking=p.tracking,
            order_number=p.order_number,
            weight_grams=p.weight_grams,
            loaded_at=_clock(p.loaded_at, zone),
            loaded_by=names.get(p.loaded_by, ""),
        )
        for p in on
    )
    return LoadManifest(
        load_id=row.id,
        carrier=name_of(tx.connection, row.carrier),
        site=site.site_name,
        opened_at=_clock(row.opened_at, zone),
        closed_at=_clock(tx.now, zone),
        closed_by=tx.actor.name,
        lines=lines,
        left_behind=tuple(p.tracking for p in missing),
    )


def _names(connection: Connection, ids: set[int]) -> dict[int, str]:
    found = (rows.person(connection, person_id) for person_id in sorted(ids))
    return {row.id: row.name for row in found if row is not None}


def _clock(at: float, time_zone: str) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
