"""Taking an order in: stored, checked and reserved in one transaction, once for each (channel, order id)."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Row, insert

from server.carriers import ACCOUNTS
from server.channels import IncomingOrder, of_kind
from server.db import catalogue, orders, tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.orders import OrderStatus
from server.domain.reservation import Refused
from server.usecases import incidents, stock, webhooks
from server.usecases.intake_rules import demands, first_defect, usable

CARRIER, SERVICE = "own-van", "standard"
FIRST_NUMBER = 1001
T = TypeVar("T")

log = structlog.get_logger("intake")


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line as we keep it; ``known`` says whether its SKU is a product."""

    line: int
    sku: str
    quantity: int
    known: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a channel: our number, the status and its reason code. ``first`` on the first delivery."""

    order_id: int
    order: str
    status: OrderStatus
    reason: str
    lines: tuple[TakenLine, ...]
    first: bool

    def body(self) -> str:
        """The JSON answer."""
        shown = {"order": self.order, "status": self.status, "reason": self.reason, "lines": self.lines}
        return msgspec.json.encode(shown).decode()


def take_order(db: Database, actor: Actor, channel: str, order: IncomingOrder) -> Taken:
    """Take an order in; the same order again gives the same answer.

    Raise DomainError("not_found") for an unknown channel, and DomainError("order_differs"), with an incident, when
    the channel sends something else under an id that it used before.
    """

    def once() -> Taken:
        with transaction(db, actor, "take_order") as tx:
            return _take(tx, webhooks.sender(tx.connection, channel), order)

    return _said(channel, _watched(db, actor, order, once))


def take_webhook(db: Database, actor: Actor, channel: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Take an order from a signed message: (201 or 200, JSON). A message id that was seen gets its stored answer.

    Raise DomainError("bad_signature" | "malformed" | "webhook_reused") and as ``take_order``.
    """
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    message_id = of_kind(row.kind).verify(row.settings, headers, body)
    order = _readable(db, actor, row, body)
    seen = webhooks.Seen(row.id, message_id, webhooks.fingerprint(b"order", body))

    def once() -> Taken | str:
        with transaction(db, actor, "take_order") as tx:
            stored = webhooks.stored(tx.connection, seen)
            if stored is not None:
                return stored
            taken = _take(tx, row, order)
            webhooks.store(tx, seen, 200, taken.body())
            return taken

    answered = _watched(db, actor, order, once)
    if isinstance(answered, str):
        return 200, answered
    return 201 if _said(channel, answered).first else 200, answered.body()


def fingerprint(order: IncomingOrder) -> str:
    """The same for two deliveries that say the same, whatever the order of their fields."""
    said = order.raw or asdict(order)
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _said(channel: str, taken: Taken) -> Taken:
    log.info("order", order=taken.order, channel=channel, status=taken.status.value, first=taken.first)
    return taken


def _readable(db: Database, actor: Actor, channel: Row[Any], body: bytes) -> IncomingOrder:
    """The order in a signed body. What cannot be read is refused, and a person hears of it."""
    try:
        return of_kind(channel.kind).read_order(body)
    except DomainError as error:
        once = f"unreadable:{channel.code}:{hashlib.sha256(body).hexdigest()[:32]}"
        with transaction(db, actor, "refuse_order") as tx:
            cause = f"channel {channel.code} sent an order that cannot be read: {error.detail}"
            incidents.open_incident(tx, IncidentType.BAD_ORDER, cause, once_key=once)
        raise


def _watched(db: Database, actor: Actor, order: IncomingOrder, work: Callable[[], T]) -> T:
    """Do it, again after a lost race; an order that differs from its first delivery opens an incident."""
    try:
        return again(work)
    except DomainError as error:
        if error.code == "order_differs":
            order_id = int(error.facts["order_id"] or 0)
            once = f"differs:{order_id}:{fingerprint(order)[:32]}"
            with transaction(db, actor, "refuse_order") as tx:
                incidents.open_incident(
                    tx, IncidentType.DUPLICATE_ORDER, error.detail, order_id=order_id, once_key=once
                )
        raise


def _take(tx: Transaction, channel: Row[Any], order: IncomingOrder) -> Taken:
    """Everything of one order in the caller's transaction: look first, then write; a lost race is done again."""
    found = orders.by_channel_id(tx.connection, channel.code, order.order_id)
    if found is not None:
        if found.fingerprint != fingerprint(order):
            detail = f"order {order.order_id} of {channel.code} is our {found.number} and came with another content"
            raise DomainError("order_differs", detail, order=found.number, order_id=found.id)
        return answered(tx, found.id, first=False)
    known = catalogue.known(tx.connection, {line.sku for line in order.lines})
    order_id = _insert(tx, channel, order, known)
    tx.note("order.new", {"channel": channel.code, "channel_order_id": order.order_id}, order=order_id)
    settle(tx, order_id, order, known)
    return answered(tx, order_id, first=True)


def settle(tx: Transaction, order_id: int, order: IncomingOrder, known: Collection[str]) -> None:
    """Reserve everything or nothing, and say why not. The order holds nothing yet."""
    number = str(FIRST_NUMBER - 1 + order_id)
    defect = first_defect(order, known, ACCOUNTS)
    if defect is not None:
        orders.set_status(tx, order_id, OrderStatus.ON_HOLD, number=number, held_because=defect.code)
        if defect.incident is not None:
            cause = f"order {number} is on hold: {defect.cause}"
            incidents.open_incident(tx, defect.incident, cause, order_id=order_id, once_key=f"hold:{order_id}")
        return
    decision = stock.reserve(tx, order_id, demands(order))
    if isinstance(decision, Refused):
        short = "; ".join(f"{s.sku}: {s.wanted} wanted, {s.available} available" for s in decision.shortages)
        why = IncidentType.STOCK_CONFLICT
        orders.set_status(tx, order_id, OrderStatus.CONFLICT, number=number, held_because=why.value)
        cause = f"order {number} was sold without stock: {short}"
        sku = decision.shortages[0].sku
        incidents.open_incident(tx, why, cause, order_id=order_id, sku=sku, once_key=f"conflict:{order_id}")
        return
    orders.set_status(tx, order_id, OrderStatus.READY, number=number, site_id=decision.site_id, held_because="")


def _insert(tx: Transaction, channel: Row[Any], order: IncomingOrder, known: Collection[str]) -> int:
    t = tables.order
    row = insert(t).values(
        channel_id=channel.id,
        channel_order_id=order.order_id,
        fingerprint=fingerprint(order),
        status=OrderStatus.NEW.value,
        version=1,
        carrier=order.carrier or CARRIER,
        service=order.service or SERVICE,
        paid=order.paid,
        ship_by=order.ship_by,
        placed_at=order.placed_at if order.placed_at is not None else tx.now,
        received_at=tx.now,
    )
    order_id = int(tx.connection.execute(row.returning(t.c.id)).scalar_one())
    lines = [
        {
            "order_id": order_id,
            "line_no": number,
            "channel_sku": _storable(line.sku)[:120],
            "sku": line.sku if line.sku in known else None,
            "title": _storable(line.title)[:255],
            "quantity": line.quantity,
        }
        for number, line in enumerate(order.lines, 1)
        if usable(line)
    ]
    if lines:
        tx.connection.execute(insert(tables.order_line), lines)
    _insert_recipient(tx, order_id, order)
    return order_id


def _insert_recipient(tx: Transaction, order_id: int, order: IncomingOrder) -> None:
    address = asdict(order.ship_to)
    contact = {key: address.pop(key) for key in ("phone", "email")}
    row = {"order_id": order_id, "address": address, "contact": contact, "raw": dict(order.raw)}
    tx.connection.execute(insert(tables.recipient), row | {"note": _storable(order.note)})


def _storable(text: str) -> str:
    """PostgreSQL keeps every character but NUL; ``recipient.raw`` keeps that one too."""
    return text.replace("\x00", "")


def answered(tx: Transaction, order_id: int, *, first: bool) -> Taken:
    """The order as the channel is told of it."""
    row = orders.find(tx.connection, order_id)
    assert row is not None, "the caller has just seen it"  # noqa: S101
    lines = tuple(
        TakenLine(line.line_no, line.channel_sku, line.quantity, line.sku is not None)
        for line in orders.lines(tx.connection, order_id)
    )
    return Taken(order_id, row.number, OrderStatus(row.status), row.held_because, lines, first)
