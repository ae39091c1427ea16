"""Money and fraud: what a channel or a person says of an order, and what that does to it at once (ORD-08, VAL-05)."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, update

from server.db import conflict_rows, labels, orders, pack_log, parcels, tables, waiting_rows, waves
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.domain.sales.payments import (
    Due,
    Hindrance,
    Payment,
    PaymentEvent,
    PaymentEventKind,
    PaymentState,
    after,
    due,
    hindrance,
)
from server.usecases.benchwork import packing
from server.usecases.benchwork.box_waiting import box_waits
from server.usecases.booking import stock
from server.usecases.outward import signed
from server.usecases.record import incidents
from server.usecases.routes.routed import give_back_place
from server.usecases.sales import recheck

AMOUNT_MAX = 2_000_000_000
_o = tables.order
_FREE_AGAIN = "it is off the queue and its units are for sale again"
_IN_A_BOX = "it is off the queue, its packed box waits at a bench for another label: keep it back, its units are in it"
_PULLS = (ParcelState.BOUGHT, ParcelState.READY, ParcelState.LOADED)


class PaymentMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What a channel sends: money came, failed, or went back; ``amount`` in minor units, all of it when missing."""

    event: Literal["paid", "failed", "reversed"]
    amount: int | None = None


class FraudMessage(msgspec.Struct, forbid_unknown_fields=True):
    """The channel suspects fraud, or does not any more."""

    flag: bool
    why: str = ""


def payment_event(db: Database, actor: Actor, order_id: int, event: PaymentEvent) -> str:
    """Money came, failed or went back; return the order's status. Every part of a split order follows.

    Raise DomainError("not_found" | "invalid").
    """
    _check(event.amount)
    return _by_id(db, actor, "payment", order_id, lambda tx, row: _pay(tx, row, event))


def flag_fraud(db: Database, actor: Actor, order_id: int, flag: bool, why: str = "") -> str:
    """Stop an order that is suspected of fraud: off the queue and its bench, its units back; or clear it again."""
    return _by_id(db, actor, "fraud", order_id, lambda tx, row: _flag(tx, row, flag, why))


def payment_webhook(db: Database, actor: Actor, place: signed.Place, headers: signed.Headers, body: bytes) -> str:
    """As ``payment_event``, on a signed message."""

    def work(tx: Transaction, _channel: Row[Any]) -> str:
        said = signed.read(body, PaymentMessage, "payment")
        _check(said.amount)
        row = signed.named(tx, place)
        event = PaymentEvent(PaymentEventKind(said.event), said.amount)
        return signed.told(row, _every(tx, row, lambda t, part: _pay(t, part, event)))

    return signed.acted_on(db, actor, place, headers, body, verb="payment", work=work)


def fraud_webhook(db: Database, actor: Actor, place: signed.Place, headers: signed.Headers, body: bytes) -> str:
    """As ``flag_fraud``, on a signed message."""

    def work(tx: Transaction, _channel: Row[Any]) -> str:
        said = signed.read(body, FraudMessage, "fraud")
        row = signed.named(tx, place)
        return signed.told(row, _every(tx, row, lambda t, part: _flag(t, part, said.flag, said.why)))

    return signed.acted_on(db, actor, place, headers, body, verb="fraud", work=work)


def _check(amount: int | None) -> None:
    if amount is not None and not 0 < amount <= AMOUNT_MAX:
        raise DomainError("invalid", f"amount: expected 1 to {AMOUNT_MAX} minor units, found {amount}")


def _by_id(
    db: Database, actor: Actor, verb: str, order_id: int, change: Callable[[Transaction, Row[Any]], None]
) -> str:
    def once() -> str:
        with transaction(db, actor, verb) as tx:
            return _every(tx, orders.lock(tx, order_id), change)

    return again(once)


def _every(tx: Transaction, row: Row[Any], change: Callable[[Transaction, Row[Any]], None]) -> str:
    """Change all parts, and do what follows for each; return the status of ``row``."""
    for order_id in conflict_rows.parts(tx.connection, row):
        change(tx, orders.lock(tx, order_id))
        _follow(tx, orders.lock(tx, order_id))
    found = orders.find(tx.connection, row.id)
    return str(found.status) if found else ""


def _pay(tx: Transaction, row: Row[Any], event: PaymentEvent) -> None:
    paid = row.amount_paid if row.amount_paid or row.payment != "paid" else row.amount_due or 0
    before = Payment(PaymentState(row.payment), row.amount_due, paid)
    now = after(before, event)
    values = {"payment": now.state.value, "amount_paid": now.paid}
    tx.connection.execute(update(_o).where(_o.c.id == row.id).values(**values))
    detail = {"event": event.kind.value, "amount": event.amount, "before": before.state.value, "after": now.state.value}
    tx.note("order.payment", detail, order=row.id)


def _flag(tx: Transaction, row: Row[Any], flag: bool, why: str) -> None:
    if row.fraud == flag:
        return
    tx.connection.execute(update(_o).where(_o.c.id == row.id).values(fraud=flag))
    tx.note("order.fraud" if flag else "order.fraud_cleared", {"why": why[:255]}, order=row.id)


def _follow(tx: Transaction, row: Row[Any]) -> None:
    now = hindrance(PaymentState(row.payment), fraud=row.fraud)
    match due(row.status, now, row.held_because):
        case Due.HOLD if now is not None:
            _stop(tx, row, now, release=False)
        case Due.STOP if now is not None:
            boxed = box_waits(tx, row.id)
            _stop(tx, row, now, release=not boxed)
            _tell(tx, row, now, _IN_A_BOX if boxed else _FREE_AGAIN, f"hold:{row.id}")
        case Due.PULL if now is not None:
            _pull(tx, row, now)
        case Due.TOO_LATE if now is not None:
            _keep_rest(tx, row, now)
        case Due.SETTLE:
            recheck.settled(tx, row)
        case Due.FREE:
            _free(tx, row)
        case _:
            pass


def _stop(tx: Transaction, row: Row[Any], why: Hindrance, *, release: bool) -> None:
    words = f"the order is on hold: {why.value.replace('_', ' ')}"
    packing.stop_sessions(tx, row.id, Reason.ON_HOLD, words, says="stop_hold", held_because=why.value)
    orders.set_status(tx, row.id, OrderStatus.ON_HOLD, held_because=why.value)
    waves.leave(tx, [row.id])
    if release:
        if db_stock.live(tx.connection, row.id):
            give_back_place(tx, row)
        stock.release_order(tx, row.id, why.value)
        waiting_rows.leave(tx, [row.id])
        incidents.close_by_key(tx, f"conflict:{row.id}", f"the order is on hold: {why.value}")


def _pull(tx: Transaction, row: Row[Any], why: Hindrance) -> None:
    """Its goods are in a box with a label: the dock must not let it out, and the units stay with it."""
    _block(tx, [p.id for p in parcels.of_order(tx.connection, row.id) if p.state in _PULLS], why)
    _tell(tx, row, why, "its box is packed: pull it and keep it back", f"money:{row.id}")


def _keep_rest(tx: Transaction, row: Row[Any], why: Hindrance) -> None:
    """What has left has left; a box that stayed behind must not, with a label or before it has another one."""
    ids = [p.id for p in labels.still_here(tx.connection, row.id) if p.state in _PULLS]
    live = pack_log.live_session(tx.connection, row.id)
    last = live or pack_log.newest(tx.connection, row.id)
    _block(tx, ids, why)
    if live is not None:
        words = f"the order is kept back: {why.value.replace('_', ' ')}"
        packing.stop_sessions(tx, row.id, Reason.ON_HOLD, words, says="stop_hold", held_because=why.value)
        pack_log.change_session(tx, live.id, box_waits=True)
    if ids or live is not None or (last is not None and last.box_waits):
        _tell(tx, row, why, "it has left in part: keep back the box that is still here", f"money:{row.id}")
    else:
        _tell(tx, row, why, "it has left already", f"money:{row.id}")


def _block(tx: Transaction, ids: Sequence[str], why: Hindrance) -> None:
    for parcel in parcels.lock(tx, ids).values():
        parcels.set_state(tx, parcel, ParcelState.BLOCKED, why.value)


def _free(tx: Transaction, row: Row[Any]) -> None:
    """The trouble is over: its box may leave, unless its label was found on another."""
    ids = [p.id for p in parcels.of_order(tx.connection, row.id) if p.state == ParcelState.BLOCKED]
    blocked = incidents.is_open(tx.connection, f"changed:{row.id}")
    for parcel in parcels.lock(tx, ids).values():
        if not blocked and not incidents.swaps_of(tx.connection, parcel.id):
            after_it = ParcelState.READY if parcel.ready_at else ParcelState.BOUGHT
            parcels.set_state(tx, parcel, after_it, "payment and fraud check are fine")
    incidents.close_by_key(tx, f"money:{row.id}", "payment and fraud check are fine")


def _tell(tx: Transaction, row: Row[Any], why: Hindrance, what: str, once_key: str) -> None:
    kind = IncidentType.FRAUD if why is Hindrance.FRAUD else IncidentType.PAYMENT
    cause = f"order {row.number}: {why.value.replace('_', ' ')}; {what}"
    incidents.open_incident(tx, kind, cause, order_id=row.id, once_key=once_key)
