"""What we cancelled of an order: its channel hears of it once, unless it was the channel that asked for it (CAN-01)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from server import wire
from server.channels import of_kind
from server.db import jobs, orders, tables
from server.db.transaction import Transaction
from server.domain.sales.cancellation import CancelReason
from server.usecases.outward.outbox import payload


def tell_cancelled(tx: Transaction, order: Row[Any], reason: CancelReason) -> None:
    """All that was left of this order, or of this part of one, will not come."""
    left = {line.line_no: line.quantity for line in orders.lines(tx.connection, order.id)}
    _tell(tx, order, left, reason, key=str(order.number))


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
