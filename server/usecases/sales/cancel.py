"""Cancelling an order at any moment of its life: stock comes back exactly once (CAN-01, CAN-02)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Row

from server.channels import caller_of
from server.db import conflict_rows, orders, parcels, waiting_rows
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import SELLER_CAUSED, CancelReason, cancel_reason
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork import packing
from server.usecases.benchwork.box_waiting import box_waits
from server.usecases.booking import stock
from server.usecases.outward import webhooks
from server.usecases.outward.cancel_notice import hold_back, tell_cancelled
from server.usecases.record import incidents
from server.usecases.routes.routed import give_back_place
from server.usecases.shipping.bought import order_gone

OrderRef = int | tuple[str, str]
"""Our id, or (channel, channel order id)."""

T = TypeVar("T")

log = structlog.get_logger("cancel")


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What the order was before; ``already`` when it had been cancelled earlier."""

    order: str
    before: OrderStatus
    already: bool = False

    def body(self) -> str:
        """The JSON answer."""
        shown = {"order": self.order, "status": OrderStatus.CANCELLED, "before": self.before}
        return msgspec.json.encode(shown).decode()


def cancel_order(
    db: Database,
    actor: Actor,
    order: OrderRef,
    why: str = "",
    reason: CancelReason = CancelReason.SELLER,
    *,
    tell: bool = True,
) -> Cancelled:
    """Cancel; a second time changes nothing. Without a ``reason`` it counts as our own doing (CAN-06).

    All parts of a split order are cancelled when the channel names it; our own number names one part.

    Before packing it never opens; while packing its bench stops; after packing its parcel is cancelled and a person
    pulls the box. Its units are available again at once, but those of a packed box, also of one that waits for another
    label, only when they were scanned back to the shelf (CAN-04; see ``warehouse.putting_back``).
    ``tell`` is False where it was the channel that said so. Raise DomainError("not_found"), and
    DomainError("already_shipped"), with an incident, when it has left.
    """

    def once() -> Cancelled:
        with transaction(db, actor, "cancel_order") as tx:
            return _cancel_parts(tx, order, why, reason, tell=tell)

    return _watched(db, actor, order, lambda: again(once))


def cancel_webhook(db: Database, actor: Actor, order: tuple[str, str], headers: Mapping[str, str], body: bytes) -> str:
    """Cancel on a signed message; return the JSON answer. Raise as ``cancel_order`` and as ``intake.take_webhook``."""
    channel, channel_order_id = order
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    message_id = caller_of(row.kind).verify(row.settings, headers, body)
    reason = _reason(body)
    content = webhooks.fingerprint(b"cancel", channel_order_id.encode(), body)
    seen = webhooks.Seen(row.id, message_id, content)

    def once() -> str:
        with transaction(db, actor, "cancel_order") as tx:
            answer = webhooks.stored(tx.connection, seen)
            if answer is None:
                answer = _cancel_parts(tx, order, "the channel asked", reason, tell=False).body()
                webhooks.store(tx, seen, 200, answer)
            return answer

    return _watched(db, actor, order, lambda: again(once))


def _found(tx: Transaction, order: OrderRef) -> Row[Any]:
    row = orders.find(tx.connection, order) if isinstance(order, int) else orders.by_channel_id(tx.connection, *order)
    if row is None:
        name = str(order) if isinstance(order, int) else f"{order[1][:120]!r} of {order[0]}"
        raise DomainError("not_found", f"there is no order {name}")
    return row


def _reason(body: bytes) -> CancelReason:
    """Why, when the channel says it: {"reason": "customer"}."""
    try:
        said = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"cancel: {error}") from error
    if not isinstance(said, dict) or "reason" not in said:
        return CancelReason.CHANNEL
    try:
        return cancel_reason(str(said["reason"]))
    except DomainError:
        # A cancel is never refused for its wording, and the words may name a buyer: they are not kept.
        return CancelReason.CHANNEL


def _cancel_parts(tx: Transaction, order: OrderRef, why: str, reason: CancelReason, *, tell: bool) -> Cancelled:
    """Every part that has not left; raise DomainError("already_shipped") when none is left to cancel."""
    found = _found(tx, order)
    if isinstance(order, int) or found.parts == 1:
        return cancel_in(tx, found, why, reason, tell=tell)
    parts = [orders.lock(tx, part) for part in conflict_rows.parts(tx.connection, found)]
    left = [part for part in parts if part.status != OrderStatus.SHIPPED]
    done = [cancel_in(tx, part, why, reason, tell=tell) for part in left or parts]
    return done[0]


def cancel_in(tx: Transaction, found: Row[Any], why: str, reason: CancelReason, *, tell: bool) -> Cancelled:
    """Cancel one order in the caller's transaction; ``found`` names it.

    ``tell``: the cancel is ours, so that the order's channel must hear of it; not one that the channel asked for.
    """
    row = orders.lock(tx, found.id)
    status = OrderStatus(row.status)
    if status is OrderStatus.CANCELLED:
        return Cancelled(found.number, status, already=True)
    if status is OrderStatus.SHIPPED:
        raise DomainError(
            "already_shipped", f"order {found.number} has left; it can only come back", order=found.number
        )
    by = _WHOSE[reason]
    columns = {"held_because": why[:64], "cancel_reason": reason.value, "cancelled_by": by}
    orders.set_status(tx, found.id, OrderStatus.CANCELLED, **columns)
    tx.note("order.cancel_reason", {"reason": reason.value, "by": by, "why": why[:255]}, order=found.id)
    if tell:
        tell_cancelled(tx, found, reason)
    # The hook opens the incident for a packed box and stops the bench; the units are released here, once.
    packing.on_cancel(tx, found.id)
    if tell:
        hold_back(tx, found)
    if db_stock.live(tx.connection, found.id):
        give_back_place(tx, row)
    packed_here = any(p.session_id for p in parcels.of_order(tx.connection, found.id))
    if not (status is OrderStatus.PACKED and packed_here) and not box_waits(tx, found.id):
        stock.release_order(tx, found.id)
    waiting_rows.leave(tx, [found.id])
    for key in (f"hold:{found.id}", f"conflict:{found.id}"):
        incidents.close_by_key(tx, key, "the order was cancelled")
    order_gone(tx, found.id)
    log.info("cancelled", order=found.number, before=status.value)
    return Cancelled(found.number, status)


_WHOSE = {reason: "seller" if reason in SELLER_CAUSED else "channel" for reason in CancelReason} | {
    CancelReason.CUSTOMER: "buyer",
    CancelReason.PAYMENT: "payment",
}


def _watched(db: Database, actor: Actor, order: OrderRef, work: Callable[[], T]) -> T:
    try:
        return work()
    except DomainError as error:
        if error.code == "already_shipped":
            with transaction(db, actor, "refuse_cancel") as tx:
                found = _found(tx, order)
                cause = f"order {found.number} was cancelled after it had left"
                kind, once = IncidentType.CANCELLED_AFTER_PACKING, f"late_cancel:{found.id}"
                incidents.open_incident(tx, kind, cause, order_id=found.id, once_key=once)
        raise
