"""What is known of an order's money and of fraud, and whether it may be packed (ORD-08, VAL-05).

Money is in minor units of the order's currency; what the total is may be unknown, and then one payment is all of it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class PaymentState(StrEnum):
    """Only PAID reaches a bench. UNPAID and PART_PAID keep their units; FAILED gives them back."""

    UNPAID = "unpaid"
    PART_PAID = "part_paid"
    PAID = "paid"
    FAILED = "failed"


class PaymentEventKind(StrEnum):
    """What a channel or a payment provider says."""

    PAID = "paid"
    """Money came: ``amount``, or all that was due."""
    FAILED = "failed"
    """An attempt failed. It changes nothing where everything has been paid."""
    REVERSED = "reversed"
    """Money went back (charged back, bounced): ``amount``, or all of it."""


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One event. The caller lets each id in once."""

    kind: PaymentEventKind
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """``due`` is None where no channel has said; ``paid`` never falls below 0."""

    state: PaymentState = PaymentState.UNPAID
    due: int | None = None
    paid: int = 0


def after(payment: Payment, event: PaymentEvent) -> Payment:
    """The payment after the event."""
    if event.kind is PaymentEventKind.PAID:
        return _paid(payment, event.amount)
    if event.kind is PaymentEventKind.REVERSED:
        paid = 0 if event.amount is None else max(0, payment.paid - event.amount)
        covered = payment.due is not None and paid >= payment.due
        return replace(payment, paid=paid, state=PaymentState.PAID if covered else PaymentState.FAILED)
    if payment.state is PaymentState.PAID:
        return payment
    return replace(payment, state=PaymentState.FAILED)


def _paid(payment: Payment, amount: int | None) -> Payment:
    if amount is None:
        return replace(payment, paid=max(payment.due or 0, payment.paid), state=PaymentState.PAID)
    paid = payment.paid + amount
    whole = payment.due is None or paid >= payment.due
    return replace(payment, paid=paid, state=PaymentState.PAID if whole else PaymentState.PART_PAID)


class Hindrance(StrEnum):
    """Why an order must not be packed though nothing is wrong with its lines: also the code it is held with."""

    FRAUD = "fraud"
    PAYMENT_FAILED = "payment_failed"
    PART_PAID = "part_paid"
    UNPAID = "unpaid"


KEEPS_UNITS = frozenset({Hindrance.UNPAID, Hindrance.PART_PAID})
"""Hindrances during which the order's units stay promised to it (RSV-01)."""

_BY_STATE = {
    PaymentState.UNPAID: Hindrance.UNPAID,
    PaymentState.PART_PAID: Hindrance.PART_PAID,
    PaymentState.PAID: None,
    PaymentState.FAILED: Hindrance.PAYMENT_FAILED,
}


def hindrance(state: PaymentState, *, fraud: bool) -> Hindrance | None:
    """The most pressing one, or None: the order may be packed."""
    return Hindrance.FRAUD if fraud else _BY_STATE[state]


class Due(StrEnum):
    """What happens to an order when its money or a fraud flag changes.

    NOTHING  it is where it belongs, or it is finished
    HOLD     off the queue, its units stay promised
    STOP     off the queue and off its bench, its units go back
    PULL     a label is on it: the parcel is blocked and a person pulls the box; the units are in it
    TOO_LATE it has left: a person hears of it, and a box that stayed behind is blocked
    SETTLE   the hindrance is gone, or one that keeps units took its place: checked and served again
    FREE     the hindrance is gone: its blocked parcel may leave
    """

    NOTHING = "nothing"
    HOLD = "hold"
    STOP = "stop"
    PULL = "pull"
    TOO_LATE = "too_late"
    SETTLE = "settle"
    FREE = "free"


_RELEASED = {h.value for h in Hindrance} - {h.value for h in KEEPS_UNITS}
"""An order on hold for one of these gave its units back: it must get some again before it is said to keep them."""


def due(status: str, now: Hindrance | None, held_because: str = "") -> Due:
    """What to do with an order in this status; ``held_because`` is the code of an order on hold."""
    if status in {"cancelled", "external"}:
        return Due.NOTHING
    if now is None:
        if status in {"packed", "shipped"}:
            return Due.FREE
        ours = held_because in {h.value for h in Hindrance}
        return Due.SETTLE if status == "on_hold" and ours else Due.NOTHING
    if status == "shipped":
        return Due.NOTHING if now in KEEPS_UNITS else Due.TOO_LATE
    if status == "packed":
        return Due.PULL
    if status == "on_hold" and held_because == now.value:
        return Due.NOTHING
    if status == "on_hold" and now in KEEPS_UNITS and held_because in _RELEASED:
        return Due.SETTLE
    if status in {"waiting", "conflict"} and now in KEEPS_UNITS:
        return Due.NOTHING
    return Due.HOLD if now in KEEPS_UNITS else Due.STOP
