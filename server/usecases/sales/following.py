"""The book follows an order as its platform shows it now: taken in when it is new, changed where the two differ.

Nothing is believed of single messages: what the platform shows is compared with what we have, and the difference is
done, so that any delivery, once or a hundred times, in any order, ends at the newest state (ORD-09, ORD-17, SYN-03).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, update

from server.db import conflict_rows, jobs, orders, sites, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelReason
from server.domain.sales.orders import OrderStatus
from server.domain.sales.payments import PaymentEvent, PaymentEventKind
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo
from server.usecases.outward.outbox import payload
from server.usecases.record import incidents
from server.usecases.sales import cancel, changing, payments
from server.usecases.sales.intake import take_order
from server.usecases.sales.till import TillLine, TillSale, take_sale

_o, _l, _r = tables.order, tables.order_line, tables.recipient
_TOO_LATE = frozenset({"already_packed", "already_shipped"})
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED, OrderStatus.EXTERNAL})
log = structlog.get_logger("following")


def follow(
    db: Database,
    actor: Actor,
    channel: Row[Any],
    seen: ChannelOrder,
    *,
    acknowledges: float | None = None,
    since: float = 0.0,
) -> None:
    """Bring our order to what the platform shows; older news than was followed already changes nothing.

    ``acknowledges``: seconds in which the platform wants to hear that we took it. An order that was handed over before
    ``since`` is none of ours. Every step is a transaction of its own and looks first, so that a worker that dies
    between two of them loses nothing: the next one does what is left.
    """
    with db.read() as connection:
        row = orders.by_channel_id(connection, channel.code, seen.order.order_id)
        known = _known(connection, row) if row is not None else None
    if known is None:
        if _take(db, actor, channel, seen, since):
            _settled(db, actor, channel, seen, acknowledges)
        return
    if (known.channel_at or 0.0) > seen.changed_at:
        return
    _bring_along(db, actor, channel, known, seen)
    _settled(db, actor, channel, seen, acknowledges)


def _take(db: Database, actor: Actor, channel: Row[Any], seen: ChannelOrder, since: float) -> bool:
    """Take a new order in; False where there is nothing for us to do with it."""
    order = seen.order
    if seen.cancelled or not order.lines:
        return False
    if not seen.handed_over or order.fulfilment != "own":
        try:
            take_order(db, actor, channel.code, order)
        except DomainError as error:
            # Another worker was faster; what differs is done at the next look.
            if error.code != "order_differs":
                raise
        return True
    if (order.placed_at or 0.0) < since:
        return False
    with db.read() as connection:
        site = sites.all_sites(connection)[0].code
    lines = [TillLine(sku=line.sku, quantity=line.quantity, price=line.price) for line in order.lines]
    take_sale(
        db, actor, channel.code, TillSale(sale_id=order.order_id, site=site, lines=lines, currency=order.currency)
    )
    return True


def _bring_along(db: Database, actor: Actor, channel: Row[Any], known: Row[Any], seen: ChannelOrder) -> None:
    place = (channel.code, seen.order.order_id)
    if seen.cancelled:
        if known.status != OrderStatus.CANCELLED:
            _try(lambda: cancel.cancel_order(db, actor, place, "the channel", CancelReason.CHANNEL, tell=False))
        return
    if known.status in _OVER:
        return
    _pay(db, actor, known, seen.order)
    _readdress(db, actor, known, seen.order)
    _cut(db, actor, known, seen)
    if seen.handed_over:
        _elsewhere(db, actor, known)


def _pay(db: Database, actor: Actor, known: Row[Any], order: IncomingOrder) -> None:
    said = order.payment or ("paid" if order.paid else "unpaid")
    event = None
    if said == "paid" and known.payment != "paid":
        event = PaymentEvent(PaymentEventKind.PAID, None)
    elif said == "part_paid" and order.amount_paid > known.amount_paid and known.payment != "paid":
        event = PaymentEvent(PaymentEventKind.PAID, order.amount_paid - known.amount_paid)
    elif said == "failed" and known.payment != "failed":
        event = PaymentEvent(PaymentEventKind.FAILED, None)
    elif said == "unpaid" and known.payment == "paid":
        event = PaymentEvent(PaymentEventKind.REVERSED, None)
    if event is not None:
        payments.payment_event(db, actor, known.id, event)
    if order.fraud != bool(known.fraud):
        payments.flag_fraud(db, actor, known.id, order.fraud, "the channel says so")


def _readdress(db: Database, actor: Actor, known: Row[Any], order: IncomingOrder) -> None:
    """Another address; one that the platform does not show (any more) is no change."""
    if order.ship_to == ShipTo():
        return
    with db.read() as connection:
        parts = conflict_rows.parts(connection, known)
        kept = connection.execute(select(_r).where(_r.c.order_id.in_(parts))).all()
    now = asdict(order.ship_to)
    now["lines"] = list(now["lines"])
    for row in kept:
        if {**row.address, **row.contact} != now:
            _try(lambda order_id=row.order_id: changing.change_address(db, actor, order_id, order.ship_to))


def _cut(db: Database, actor: Actor, known: Row[Any], seen: ChannelOrder) -> None:
    with db.read() as connection:
        ours = _open_units(connection, known)
        wanted: dict[str, int] = {}
        for line in seen.order.lines:
            wanted[line.line_id] = wanted.get(line.line_id, 0) + line.quantity
        less = {line: units - wanted.get(line, 0) for line, units in ours.items() if units > wanted.get(line, 0)}
        by_part = changing.by_part(connection, known, less) if less else {}
    for part, units in by_part.items():
        _try(lambda part=part, units=units: changing.cancel_lines(db, actor, part, units, tell=False))
    more = sum(max(0, units - ours.get(line, 0)) for line, units in wanted.items())
    if more:
        with transaction(db, actor, "follow") as tx:
            cause = f"the buyer of order {known.number} added {more} units at {known.channel}: send them as a new order"
            key = f"added:{known.id}:{more}"
            incidents.open_incident(tx, IncidentType.ORDER_CHANGED, cause, order_id=known.id, once_key=key)


def _elsewhere(db: Database, actor: Actor, known: Row[Any]) -> None:
    """The platform says that it has left, and it has not left here."""
    with transaction(db, actor, "follow") as tx:
        cause = (
            f"{known.channel} says that order {known.number} has left; here it has not: cancel it or find out who did"
        )
        key = f"left:{known.id}"
        incidents.open_incident(tx, IncidentType.ORDER_CHANGED, cause, order_id=known.id, once_key=key)


def _settled(db: Database, actor: Actor, channel: Row[Any], seen: ChannelOrder, acknowledges: float | None) -> None:
    with transaction(db, actor, "follow") as tx:
        row = orders.by_channel_id(tx.connection, channel.code, seen.order.order_id)
        if row is None:
            return
        same = (_o.c.channel_id == channel.id) & (_o.c.channel_order_id == seen.order.order_id)
        tx.connection.execute(update(_o).where(same).values(channel_at=seen.changed_at))
        if acknowledges is not None and not seen.acknowledged and row.status != OrderStatus.CANCELLED:
            _acknowledge(tx, channel, row)


def _acknowledge(tx: Transaction, channel: Row[Any], row: Row[Any]) -> None:
    """Once for each order (ORD-14)."""
    data = {"order_id": row.channel_order_id}
    made = {"channel_id": channel.id, "kind": "ack", "key": row.channel_order_id[:96], "payload": payload(tx.now, data)}
    jobs.put_once(tx, made | {"caused_by": None})


def _known(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Our order with its money; its first part stands for all."""
    query = select(_o, tables.channel.c.name.label("channel")).join(tables.channel).where(_o.c.id == row.id)
    return connection.execute(query).one()


def _open_units(connection: Connection, known: Row[Any]) -> dict[str, int]:
    """Units that are still wanted, by the channel's line id, over all parts."""
    parts: Sequence[int] = conflict_rows.parts(connection, known)
    query = select(_l.c.line_id, (_l.c.quantity - _l.c.cancelled).label("open")).where(_l.c.order_id.in_(parts))
    found: dict[str, int] = {}
    for row in connection.execute(query):
        found[row.line_id] = found.get(row.line_id, 0) + row.open
    return found


def _try(change: Any) -> None:
    """A change that came too late has opened its incident already; the other changes go on."""
    try:
        change()
    except DomainError as error:
        if error.code not in _TOO_LATE:
            raise
        log.info("too late", code=error.code)
