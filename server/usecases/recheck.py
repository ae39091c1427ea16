"""An order that waits for a person gets another chance: checked again, and reserved when it can be."""

from typing import Any

import structlog
from sqlalchemy import Row, select, update

from server.channels import IncomingOrder, ShipTo, SoldLine
from server.db import catalogue, orders, tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.orders import OrderStatus
from server.usecases import incidents
from server.usecases.intake import Taken, answered, settle

_WAITING = (OrderStatus.ON_HOLD, OrderStatus.CONFLICT)
_WRONG_AS_SENT = ("no_lines", "bad_quantity")
"""Nobody here can mend these: the lines that could not be kept are not in the book."""

log = structlog.get_logger("recheck")


def settle_again(db: Database, actor: Actor, order_id: int, *, paid: bool = False) -> Taken:
    """Check and reserve an order on hold or in conflict as if it had just come; ``paid`` when the money has come since.

    Raise DomainError("not_found"), "not_waiting" for an order in any other state, and "invalid" for one whose lines
    are wrong as they were sent.
    """

    def once() -> Taken:
        with transaction(db, actor, "settle_again") as tx:
            return _settle_again(tx, orders.lock(tx, order_id), paid)

    taken = again(once)
    log.info("rechecked", order=taken.order, status=taken.status.value)
    return taken


def _settle_again(tx: Transaction, row: Row[Any], paid: bool) -> Taken:
    if row.status not in _WAITING:
        raise DomainError("not_waiting", f"order {row.number} is {row.status}: only one on hold or in conflict waits")
    if row.held_because in _WRONG_AS_SENT:
        wrong = f"order {row.number} was sent wrong ({row.held_because})"
        raise DomainError("invalid", f"{wrong}: cancel it and let the channel send a right one")
    if paid and not row.paid:
        tx.connection.execute(update(tables.order).where(tables.order.c.id == row.id).values(paid=True))
        tx.note("order.paid", order=row.id)
    order = _as_it_came(tx, row, paid=paid or row.paid)
    known = catalogue.known(tx.connection, {line.sku for line in order.lines})
    _name_products(tx, row.id, known)
    settle(tx, row.id, order, known)
    after = answered(tx, row.id, first=False)
    _close_settled(tx, row, after)
    return after


def _as_it_came(tx: Transaction, row: Row[Any], *, paid: bool) -> IncomingOrder:
    line, to = tables.order_line, tables.recipient
    query = select(line.c.channel_sku, line.c.quantity).where(line.c.order_id == row.id).order_by(line.c.line_no)
    sold = tuple(SoldLine(sku=each.channel_sku, quantity=each.quantity) for each in tx.connection.execute(query))
    kept = tx.connection.execute(select(to).where(to.c.order_id == row.id)).one()
    address = kept.address | kept.contact | {"lines": tuple(kept.address.get("lines", ()))}
    return IncomingOrder(
        order_id=row.channel_order_id,
        placed_at=row.placed_at,
        paid=paid,
        currency="",
        ship_by=row.ship_by,
        carrier=row.carrier,
        service=row.service,
        note=kept.note,
        ship_to=ShipTo(**address),
        lines=sold,
    )


def _name_products(tx: Transaction, order_id: int, known: set[str]) -> None:
    """Lines whose SKU became a product since."""
    t = tables.order_line
    lines = (t.c.order_id == order_id) & t.c.channel_sku.in_(sorted(known))
    tx.connection.execute(update(t).where(lines).values(sku=t.c.channel_sku))


def _close_settled(tx: Transaction, before: Row[Any], after: Taken) -> None:
    """What it waited for before is not the trouble any more; the same trouble keeps its incident and its deadline."""
    key = "conflict" if before.status == OrderStatus.CONFLICT else "hold"
    if after.status is OrderStatus.READY or after.status != before.status:
        incidents.close_by_key(tx, f"{key}:{before.id}", f"checked again: the order is {after.status}")
