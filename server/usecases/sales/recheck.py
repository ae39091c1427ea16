"""An order that waits for a person gets another chance: checked again, and reserved when it can be."""

from typing import Any

import structlog
from sqlalchemy import Row, update

from server.db import orders, tables, waiting_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.settling import names_of, settle
from server.usecases.record import incidents
from server.usecases.sales.as_it_came import as_it_came
from server.usecases.sales.taken import Taken, answered

_WAITING = (OrderStatus.ON_HOLD, OrderStatus.CONFLICT, OrderStatus.WAITING)
_WRONG_AS_SENT = ("no_lines", "bad_quantity", "too_many_units")
"""Nobody here can mend these: the lines that could not be kept are not in the book."""

log = structlog.get_logger("recheck")


def settle_again(db: Database, actor: Actor, order_id: int, *, paid: bool = False) -> Taken:
    """Check and reserve an order on hold or in conflict as if it had just come; ``paid`` when the money has come since.

    Raise DomainError("not_found"), "not_waiting" for an order in any other state, and "invalid" for one whose lines
    are wrong as they were sent.
    """

    def once() -> Taken:
        with transaction(db, actor, "settle_again") as tx:
            return serve_again(tx, orders.lock(tx, order_id), paid)

    taken = again(once)
    log.info("rechecked", order=taken.order, status=taken.status.value)
    return taken


def serve_again(tx: Transaction, row: Row[Any], paid: bool = False) -> Taken:
    """As ``settle_again`` for an order whose lock the caller holds."""
    if row.status not in _WAITING:
        what = f"order {row.number} is {row.status}: only one on hold or in conflict waits"
        raise DomainError("not_waiting", what, says="not_ready", order=row.number)
    if row.held_because in _WRONG_AS_SENT:
        wrong = f"order {row.number} was sent wrong ({row.held_because})"
        what = f"{wrong}: cancel it and let the channel send a right one"
        raise DomainError("invalid", what, says="sent_wrong", order=row.number)
    if paid and row.payment != "paid":
        tx.connection.execute(update(tables.order).where(tables.order.c.id == row.id).values(payment="paid"))
        tx.note("order.paid", order=row.id)
    return settled(tx, orders.lock(tx, row.id))


def settled(tx: Transaction, row: Row[Any]) -> Taken:
    """Check and serve a locked order, as it is in the book now."""
    waiting_rows.leave(tx, [row.id])
    order = as_it_came(tx, row)
    _name_products(tx, row.id, names_of(tx, row.channel_id, order))
    settle(tx, row.id, row.channel_id, order)
    after = answered(tx, row.id, first=False)
    _close_settled(tx, row, after)
    return after


def _name_products(tx: Transaction, order_id: int, names: dict[str, str]) -> None:
    """Lines whose SKU became a product, or an alias of one, since."""
    t = tables.order_line
    for code, sku in sorted(names.items()):
        tx.connection.execute(update(t).where(t.c.order_id == order_id, t.c.channel_sku == code).values(sku=sku))


def _close_settled(tx: Transaction, before: Row[Any], after: Taken) -> None:
    """What it waited for before is not the trouble any more; the same trouble keeps its incident and its deadline."""
    key = "conflict" if before.status == OrderStatus.CONFLICT else "hold"
    if after.status is OrderStatus.READY or after.status != before.status:
        incidents.close_by_key(tx, f"{key}:{before.id}", f"checked again: the order is {after.status}")
