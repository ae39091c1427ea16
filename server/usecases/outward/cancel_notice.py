"""What we cancelled of an order: its channel hears of it once, unless it was the channel that asked for it (CAN-01).

A channel pays back as soon as it hears of a cancel. While a parcel of the order lies on a vehicle, or has left on it
and somebody is to have its carrier stop it, the word is held back (CAN-04).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from server import wire
from server.channels import of_kind
from server.db import jobs, orders, tables, waiting_words
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelReason
from server.usecases.outward.outbox import payload
from server.usecases.record.incidents import close_by_key, open_incident

MOST = 200
PATIENCE = 3600.0
"""Seconds for which a cancel waits for its parcel to be pulled off a vehicle; then the order desk hears of it."""
_WATCH = Actor("cancels held back")


def tell_cancelled(tx: Transaction, order: Row[Any], reason: CancelReason) -> None:
    """All that was left of this order, or of this part of one, will not come."""
    left = {line.line_no: line.quantity for line in orders.lines(tx.connection, order.id)}
    _tell(tx, order, left, reason, key=str(order.number))


def hold_back(tx: Transaction, order: Row[Any]) -> None:
    """To be called when its parcels are cancelled: if one lies on a vehicle, nobody is told before it is pulled."""
    if waiting_words.unsettled(tx.connection, order.id):
        _hold(tx, order.id)


def watch(db: Database) -> bool:
    """The worker's share: what nothing holds back any more is sent, and what a dock took since without news is held.

    True when there may be more right now.
    """
    with db.read() as connection:
        free, late = waiting_words.free(connection, MOST), waiting_words.late(connection, MOST)
        long = waiting_words.long(connection, db.now() - PATIENCE, MOST)
    if free or late or long:
        with transaction(db, _WATCH, "hold_cancels") as tx:
            for row in late:
                _hold(tx, row.order_id)
            for row in free:
                if waiting_words.send(tx, row.id):
                    tx.note("cancel.released", {"why": "its parcel was pulled, or answered for"}, order=row.order_id)
                    close_by_key(tx, f"{waiting_words.LONG}{row.order_id}", "its channel is told of the cancel")
            for row in long:
                _tell_desk(tx, row)
    return len(free) == MOST


def left_although_cancelled(tx: Transaction, order_id: int) -> str:
    """Hold back what is not sent yet; what the channel knows, as the end of a sentence about a parcel that left."""
    _hold(tx, order_id)
    close_by_key(tx, f"{waiting_words.LONG}{order_id}", "its parcel left: its carrier is to stop it")
    word = waiting_words.of_order(tx.connection, order_id)
    if word.state == waiting_words.HELD:
        return f"{word.channel} is told of the cancel when this is closed, and pays back then"
    if word.state:
        return f"{word.channel} was told of the cancel already and may have paid back: look there"
    return f"{word.channel} knows of the cancel by itself and may have paid back: look there"


def _tell_desk(tx: Transaction, row: Row[Any]) -> None:
    """A load may stay open for days, and the buyer waits for the money."""
    cause = (
        f"order {row.number} is cancelled, and {row.name} was not told yet: its parcel lies on load {row.load}, "
        "which is open. Have it pulled; the cancel is told then"
    )
    once = f"{waiting_words.LONG}{row.order_id}"
    open_incident(tx, IncidentType.UNTOLD, cause, order_id=row.order_id, once_key=once)


def _hold(tx: Transaction, order_id: int) -> None:
    if waiting_words.hold(tx, order_id):
        tx.note("cancel.held", {"why": "its parcel is on a vehicle"}, order=order_id)


def tell_cut(tx: Transaction, order: Row[Any], units: Mapping[int, int], reason: CancelReason, event: int) -> None:
    """So many units of these lines will not come; ``event`` is the audit row of the cut, and makes it one of its own.

    To be called before the lines have fewer units: a line without any is not found any more.
    """
    _tell(tx, order, units, reason, key=f"{order.number}/{event}")


def _tell(tx: Transaction, order: Row[Any], units: Mapping[int, int], reason: CancelReason, *, key: str) -> None:
    c = tables.channel
    channel = tx.connection.execute(select(c).where(c.c.id == order.channel_id)).one()
    if not of_kind(channel.kind).tells(channel.settings):
        return
    lines = [
        {"line_id": line.line_id, "sku": line.channel_sku, "quantity": units[line.line_no]}
        for line in orders.lines(tx.connection, order.id)
        if units.get(line.line_no)
    ]
    data = {"order_id": order.channel_order_id, "cancelled_at": wire.instant(tx.now), "reason": reason.value}
    cause = tx.note("cancel.queued", {"channel": channel.code}, order=order.id)
    row = {"channel_id": channel.id, "kind": "cancel", "key": key, "payload": payload(tx.now, data | {"lines": lines})}
    jobs.put_once(tx, row | {"caused_by": cause})
