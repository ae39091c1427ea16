"""The book follows an order as its platform shows it now: taken in when it is new, changed where the two differ.

Nothing is believed of single messages: what the platform shows is compared with what we have, and the difference is
done, so that any delivery, once or a hundred times, in any order, ends at the newest state (ORD-09, ORD-17, SYN-03).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Row, bindparam, select, update

from server.db import claims, conflict_rows, jobs, order_rows, orders, sites, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelReason
from server.domain.sales.claims import ClaimKind
from server.domain.sales.orders import OrderStatus
from server.domain.sales.payments import PaymentEvent, PaymentEventKind
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo
from server.usecases.booking.window import Decide
from server.usecases.outward.outbox import payload
from server.usecases.record import incidents
from server.usecases.sales import cancel, changing, payments
from server.usecases.sales.intake import take_orders
from server.usecases.sales.till import TillLine, TillSale, take_sale

_o, _l, _r, _i = tables.order, tables.order_line, tables.recipient, tables.incident
_TOO_LATE = frozenset({"already_packed", "already_shipped"})
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED, OrderStatus.EXTERNAL})
log = structlog.get_logger("following")


@dataclass(frozen=True, slots=True)
class Source:
    """Where orders come from: the channel's row, in whose name, and what its platform asks of us.

    ``acknowledges``: it wants to hear that we took an order. What was handed over before ``since`` is none of ours.
    """

    channel: Row[Any]
    actor: Actor
    acknowledges: bool = False
    since: float = 0.0


def follow(db: Database, source: Source, many: Sequence[ChannelOrder], decide: Decide) -> list[DomainError | None]:
    """Bring our orders to what the platform shows; for each None, or why it could not be done.

    Older news than was followed already changes nothing. New orders are taken in together. Every step is a transaction
    of its own and looks first, so that a worker that dies between two of them loses nothing: ``settle`` comes last.
    """
    with db.read() as connection:
        ids = [seen.order.order_id for seen in many]
        there = order_rows.known(connection, [(source.channel.id, order_id) for order_id in ids])
    wanted = [seen for seen in many if (source.channel.id, seen.order.order_id) not in there and _is_new(seen)]
    failed = dict(zip(map(_id, wanted), _take(db, source, wanted, decide), strict=True))
    for seen in many:
        if (source.channel.id, _id(seen)) in there:
            failed[_id(seen)] = _followed(db, source, seen)
    return [failed.get(_id(seen)) for seen in many]


def settle(tx: Transaction, source: Source, done: Sequence[ChannelOrder]) -> None:
    """Remember how far each order was followed, and acknowledge those that wait for it (ORD-14)."""
    channel_id = source.channel.id
    if done:
        rows = [{"in_channel": channel_id, "ref": _id(seen), "changed_at": seen.changed_at} for seen in done]
        tx.connection.execute(_FOLLOWED, rows)
    for seen in done:
        if seen.paid_back:
            claims.note(tx, (channel_id, _id(seen)), ClaimKind.REFUND.value, seen.changed_at, "platform")
    for seen in done if source.acknowledges else ():
        if not seen.acknowledged and not seen.cancelled:
            _acknowledge(tx, channel_id, _id(seen))


_CHANGED_AT = bindparam("changed_at", type_=_o.c.channel_at.type)
_FOLLOWED = (
    update(_o)
    .where(_o.c.channel_id == bindparam("in_channel"), _o.c.channel_order_id == bindparam("ref"))
    .where(_o.c.channel_at.is_(None) | (_o.c.channel_at < _CHANGED_AT))
    .values(channel_at=_CHANGED_AT)
)


def _id(seen: ChannelOrder) -> str:
    return seen.order.order_id


def _is_new(seen: ChannelOrder) -> bool:
    """What was cancelled before we heard of it takes nothing and is nothing to us."""
    return not seen.cancelled and bool(seen.order.lines)


def _take(db: Database, source: Source, wanted: Sequence[ChannelOrder], decide: Decide) -> list[DomainError | None]:
    """Take new orders in, all that are to be packed together."""
    ours = [seen for seen in wanted if not seen.handed_over or seen.order.fulfilment != "own"]
    outcomes = take_orders(source.actor, source.channel, [seen.order for seen in ours], decide)
    failed = dict(zip(map(_id, ours), outcomes, strict=True))
    for seen in wanted:
        if _id(seen) not in failed:
            failed[_id(seen)] = _sold(db, source, seen.order)
    return [failed[_id(seen)] for seen in wanted]


def _sold(db: Database, source: Source, order: IncomingOrder) -> DomainError | None:
    """It left by other hands before we heard of it: a till's sale, whose units are gone already (POS-01)."""
    if (order.placed_at or 0.0) < source.since:
        return None
    with db.read() as connection:
        site = sites.all_sites(connection)[0].code
    lines = [TillLine(sku=line.sku, quantity=line.quantity, price=line.price) for line in order.lines]
    sale = TillSale(sale_id=order.order_id, site=site, lines=lines, currency=order.currency)
    try:
        take_sale(db, source.actor, source.channel.code, sale)
    except DomainError as error:
        return error
    return None


def _followed(db: Database, source: Source, seen: ChannelOrder) -> DomainError | None:
    with db.read() as connection:
        row = orders.by_channel_id(connection, source.channel.code, _id(seen))
        known = _known(connection, row) if row is not None else None
    if known is None or (known.channel_at or 0.0) > seen.changed_at:
        return None
    try:
        _bring_along(db, source.actor, source.channel, known, seen)
    except DomainError as error:
        return error
    return None


def _bring_along(db: Database, actor: Actor, channel: Row[Any], known: Row[Any], seen: ChannelOrder) -> None:
    place = (channel.code, seen.order.order_id)
    with db.read() as connection:
        statuses = _statuses(connection, known)
    if seen.cancelled:
        if statuses != {OrderStatus.CANCELLED}:
            _try(lambda: cancel.cancel_order(db, actor, place, "the channel", CancelReason.CHANNEL, tell=False))
        return
    if statuses <= _OVER:
        return
    _pay(db, actor, known, seen.order)
    _readdress(db, actor, known, seen.order)
    _cut(db, actor, known, seen)
    if seen.handed_over:
        _ask(db, actor, known, "it has left, they say; here it has not: find out who sent it", "left")
    if seen.asks:
        _ask(db, actor, known, seen.asks, seen.asks)


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


def _ask(db: Database, actor: Actor, known: Row[Any], what: str, key: str) -> None:
    """A person decides, once for each question."""
    with transaction(db, actor, "follow") as tx:
        if tx.connection.execute(
            select(_i.c.id).where(_i.c.order_id == known.id, _i.c.cause.contains(what, autoescape=True))
        ).first():
            return
        once = f"asks:{known.id}:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        cause = f"order {known.number} of {known.channel}: {what}"
        incidents.open_incident(tx, IncidentType.ORDER_CHANGED, cause, order_id=known.id, once_key=once)


def _acknowledge(tx: Transaction, channel_id: int, channel_order_id: str) -> None:
    """Once for each order."""
    row = {"channel_id": channel_id, "kind": "ack", "key": channel_order_id[:96], "caused_by": None}
    jobs.put_once(tx, row | {"payload": payload(tx.now, {"order_id": channel_order_id})})


def _known(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Our order with its money; its first part stands for all."""
    query = select(_o, tables.channel.c.name.label("channel")).join(tables.channel).where(_o.c.id == row.id)
    return connection.execute(query).one()


def _statuses(connection: Connection, known: Row[Any]) -> set[str]:
    """Of all parts of a split order: what is over for one is not for the others."""
    parts = conflict_rows.parts(connection, known)
    return set(connection.execute(select(_o.c.status).where(_o.c.id.in_(parts))).scalars())


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
