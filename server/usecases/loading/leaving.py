"""What leaves on a load that closes: read behind its locks, assumed, handed over; and what a dock alone got wrong."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import dock_log, load_marks, loads, orders, parcels
from server.db.transaction import Transaction
from server.domain.dock.figures import assumable
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.booking import stock
from server.usecases.outward import telling_when
from server.usecases.record.incidents import open_incident

NAMED_MAX = 40
"""So many parcels are named in an incident; the manifest names all."""


def to_assume(load: Load, request: wire.CloseRequest) -> tuple[DockParcel, ...]:
    """What is on the vehicle by somebody's word. A dock with no network names what it meant: more may be ready now."""
    if not request.assume:
        return ()
    rest = assumable(load)
    if request.closed_at is None:
        return rest
    meant = set(request.assumed_ids)
    return tuple(p for p in rest if p.parcel_id in meant)


def locked(
    tx: Transaction, load_id: str, rest: Sequence[DockParcel]
) -> tuple[list[Row[Any]], list[Row[Any]], dict[int, Row[Any]]]:
    """What is on the load, what of ``rest`` is still ready, and their orders, all read behind their locks.

    A cancel may be taking one off at this moment.
    """
    on = loads.parcels_on(tx.connection, [load_id])
    seen = [p.id for p in on] + [p.parcel_id for p in rest]
    of_orders = orders.lock_all(tx, parcels.orders_of(tx.connection, seen))
    rows = parcels.lock(tx, seen)
    ready = [rows[p.parcel_id] for p in rest if rows[p.parcel_id].state == ParcelState.READY]
    ready = [p for p in ready if of_orders[p.order_id].status in (OrderStatus.PACKED, OrderStatus.SHIPPED)]
    on = loads.parcels_on(tx.connection, [load_id])
    return [p for p in on if p.state == ParcelState.LOADED], ready, of_orders


def without_later(tx: Transaction, load_id: str, on: list[Row[Any]], bench_id: int, left_at: float) -> list[Row[Any]]:
    """The vehicle left this bench at ``left_at``: what another scanned on to this load after that stands at a dock."""
    later = dock_log.loaded_after(tx.connection, load_id, left_at, but_of=bench_id)
    stay = [p for p in on if p.id in later]
    rows = parcels.lock(tx, [p.id for p in stay])
    for parcel in rows.values():
        parcels.set_state(tx, parcel, ParcelState.READY, f"scanned after {load_id} had left", load=load_id)
    if stay:
        cause = (
            f"load {load_id} left with no network before these were scanned on to it, they are ready again: scan them "
            f"on to the load they are on: {listed((p.tracking, p.order_number) for p in stay)}"
        )
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"after:{load_id}")
    return [p for p in on if p.id not in later]


def not_assumed(tx: Transaction, load: Load, request: wire.CloseRequest, on: Iterable[str]) -> None:
    """What a dock alone assumed and the server may not: it may be on the vehicle, and is on no manifest."""
    known = {p.parcel_id: p for p in load.parcels}
    gone = sorted(set(request.assumed_ids).difference(on))
    if not gone:
        return
    words = ((known[code].tracking, known[code].state.value) if code in known else (code, "unknown") for code in gone)
    cause = (
        f"load {load.load_id} left with no network and these were said to be on it unseen, they are not on its "
        f"manifest: find out where they are: {listed(words, '')}"
    )
    open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"assumed:{load.load_id}")


def assume(tx: Transaction, load_id: str, ready: Sequence[Row[Any]], bench_id: int, person_id: int) -> None:
    """These locked parcels are on the vehicle by this person's word."""
    if ready:
        ids = [p.id for p in ready]
        loads.put_all_on(tx, ids, load_id, person_id=person_id, bench_id=bench_id, assumed=True)
        parcels.all_loaded(tx, ready, "assumed", load=load_id)


def waive_aside(tx: Transaction, load_id: str, person_id: int) -> None:
    """What was set aside is settled by this person's word."""
    aside = load_marks.marked(tx.connection, load_id)[load_marks.ASIDE]
    load_marks.settle(tx, aside, (load_marks.ASIDE,), person_id=person_id, how="supervisor", load_id=load_id)
    tx.note("load.aside_waived", {"parcels": list(aside)}, load=load_id, person=person_id)


def hand_over(tx: Transaction, on: Sequence[Row[Any]], of_orders: dict[int, Row[Any]]) -> None:
    """The first box of an order that leaves takes the whole order's units out of the book: it is promised away.

    What is on the manifest is what is told, in one transaction: the three sets are equal by construction, for every
    channel that is told at the manifest.
    """
    found = [of_orders[n] for n in sorted({p.order_id for p in on})]
    going = [order for order in found if order.status != OrderStatus.SHIPPED]
    orders.set_status_all(tx, going, OrderStatus.SHIPPED)
    stock.ship_orders(tx, [order.id for order in going])
    telling_when.handed_over(tx, *on)


def listed(pairs: Iterable[tuple[str, str]], what: str = "order ") -> str:
    """Parcels by number, each with what is to be said of it; no more than ``NAMED_MAX``."""
    named = [f"{tracking} ({what}{said})" for tracking, said in pairs]
    more = f" and {len(named) - NAMED_MAX} more" if len(named) > NAMED_MAX else ""
    return ", ".join(named[:NAMED_MAX]) + more
