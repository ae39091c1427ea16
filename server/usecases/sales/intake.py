"""Taking one order in, from a signed message or from a file; the rules are in the batch that does the work."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row

from server.channels import caller_of
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.orders import IncomingOrder
from server.usecases.booking import book
from server.usecases.booking.window import Decide
from server.usecases.outward import webhooks
from server.usecases.record import incidents
from server.usecases.sales.intake_rules import in_our_words
from server.usecases.sales.order_batch import TakeOrder
from server.usecases.sales.taken import Taken

log = structlog.get_logger("intake")


def take_order(db: Database, actor: Actor, channel: str, order: IncomingOrder) -> Taken:
    """Take an order in; the same order again gives the same answer.

    Raise DomainError("not_found") for an unknown channel, and DomainError("order_differs"), with an incident, when
    the channel sends something else under an id that it used before.
    """
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    ours = in_our_words(order, row.policy or {})
    outcome = _done(db, TakeOrder(row.id, ours, fingerprint(order), actor), at_once(db))
    assert isinstance(outcome, Taken), "no message brought it"  # noqa: S101
    return _said(channel, outcome)


def take_orders(
    actor: Actor, channel: Row[Any], many: Sequence[IncomingOrder], decide: Decide
) -> list[DomainError | None]:
    """Take several orders of one channel in together; for each None, or why it was not taken.

    One that is there already counts as taken, whatever it says now: who calls compares the two.
    """
    if not many:
        return []
    wishes = [
        TakeOrder(channel.id, in_our_words(order, channel.policy or {}), fingerprint(order), actor) for order in many
    ]
    found: list[DomainError | None] = []
    for outcome in decide(wishes):
        assert isinstance(outcome, Taken | DomainError), "no message brought it"  # noqa: S101
        if isinstance(outcome, Taken):
            _said(channel.code, outcome)
            found.append(None)
        else:
            found.append(None if outcome.code == "order_differs" else outcome)
    return found


def take_webhook(
    db: Database, actor: Actor, channel: str, headers: Mapping[str, str], body: bytes, *, decide: Decide | None = None
) -> tuple[int, str]:
    """Take an order from a signed message: (201 or 200, JSON). A message id that was seen gets its stored answer.

    Raise DomainError("bad_signature" | "malformed" | "webhook_reused") and as ``take_order``.
    """
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    message_id = caller_of(row.kind).verify(row.settings, headers, body)
    order = _readable(db, actor, row, body)
    seen = webhooks.Seen(row.id, message_id, webhooks.fingerprint(b"order", body))
    ours = in_our_words(order, row.policy or {})
    outcome = _done(db, TakeOrder(row.id, ours, fingerprint(order), actor, seen), decide or at_once(db))
    if isinstance(outcome, str):
        return 200, outcome
    return 201 if _said(channel, outcome).first else 200, outcome.body()


def at_once(db: Database) -> Decide:
    """A batch of their own, with nobody else's."""
    return lambda wishes: book.run(db, wishes)


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
        return caller_of(channel.kind).read_body(body)
    except DomainError as error:
        once = f"unreadable:{channel.code}:{hashlib.sha256(body).hexdigest()[:32]}"
        with transaction(db, actor, "refuse_order") as tx:
            cause = f"channel {channel.code} sent an order that cannot be read: {error.detail}"
            incidents.open_incident(tx, IncidentType.BAD_ORDER, cause, once_key=once)
        raise


def _done(db: Database, wish: TakeOrder, decide: Decide) -> Taken | str:
    """Do it; an order that differs from its first delivery opens an incident."""
    [outcome] = decide([wish])
    if isinstance(outcome, Taken | str):
        return outcome
    assert isinstance(outcome, DomainError), "a sale is no hold"  # noqa: S101
    if outcome.code == "order_differs":
        order_id = int(outcome.facts["order_id"] or 0)
        once = f"differs:{order_id}:{wish.fingerprint[:32]}"
        with transaction(db, wish.actor, "refuse_order") as tx:
            kind = IncidentType.DUPLICATE_ORDER
            incidents.open_incident(tx, kind, outcome.detail, order_id=order_id, once_key=once)
    raise outcome
