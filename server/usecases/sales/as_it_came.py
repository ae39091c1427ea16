"""An order of the book in the words in which it came, with what has changed since."""

from typing import Any

from sqlalchemy import Row, select

from server.db import rates, tables
from server.db.transaction import Transaction
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.usecases.sales.intake_rules import in_our_words


def as_it_came(tx: Transaction, row: Row[Any]) -> IncomingOrder:
    """``row`` is the order's, locked. Lines are those still wanted; a substituted one names its substitute."""
    kept = tx.connection.execute(select(tables.recipient).where(tables.recipient.c.order_id == row.id)).one()
    address = kept.address | kept.contact | {"lines": tuple(kept.address.get("lines", ()))}
    c = tables.channel
    policy = tx.connection.execute(select(c.c.policy).where(c.c.id == row.channel_id)).scalar() or {}
    carrier, service = rates.as_it_came(tx.connection, row)
    order = IncomingOrder(
        order_id=row.channel_order_id,
        placed_at=row.placed_at,
        paid=row.payment == "paid",
        payment=row.payment,
        fraud=row.fraud,
        currency="",
        ship_by=row.ship_by,
        deliver_by=row.deliver_by,
        carrier=carrier,
        service=service,
        note=kept.note,
        ship_to=ShipTo(**address),
        lines=_sold(tx, row.id),
        customer_value=row.customer_value,
    )
    known = {ours for _, ours in (policy.get("services") or {}).values()}
    return order if service in known else in_our_words(order, policy)


def _sold(tx: Transaction, order_id: int) -> tuple[SoldLine, ...]:
    t = tables.order_line
    query = (
        select(t.c.channel_sku, t.c.sku, t.c.substituted_for, (t.c.quantity - t.c.cancelled).label("quantity"))
        .where(t.c.order_id == order_id, t.c.quantity > t.c.cancelled)
        .order_by(t.c.line_no)
    )
    rows = tx.connection.execute(query)
    return tuple(SoldLine(sku=r.sku if r.substituted_for else r.channel_sku, quantity=r.quantity) for r in rows)
