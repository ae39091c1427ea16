"""An order's money and fraud: what is known, and what it does to the order."""

import pytest

from server.domain.sales.payments import (
    Due,
    Hindrance,
    Payment,
    PaymentEvent,
    PaymentEventKind,
    PaymentState,
    after,
    due,
)
from server.domain.sales.payments import hindrance as hindrance_of

K, S = PaymentEventKind, PaymentState


def state(payment: Payment, *events: tuple[PaymentEventKind, int | None]) -> tuple[PaymentState, int]:
    for kind, amount in events:
        payment = after(payment, PaymentEvent(kind, amount))
    return payment.state, payment.paid


def test_money_in_parts_is_part_paid_until_all_of_it_has_come() -> None:
    owed = Payment(due=100)
    assert state(owed, (K.PAID, 40)) == (S.PART_PAID, 40)
    assert state(owed, (K.PAID, 40), (K.PAID, 60)) == (S.PAID, 100)


def test_paid_without_an_amount_or_a_total_is_all_of_it() -> None:
    assert state(Payment(due=100), (K.PAID, None)) == (S.PAID, 100)
    assert state(Payment(), (K.PAID, 5)) == (S.PAID, 5)


def test_a_failed_attempt_fails_the_payment_unless_the_money_has_come() -> None:
    assert state(Payment(due=100), (K.FAILED, None)) == (S.FAILED, 0)
    assert state(Payment(due=100), (K.PAID, 40), (K.FAILED, None)) == (S.FAILED, 40)
    assert state(Payment(due=100), (K.PAID, 100), (K.FAILED, None)) == (S.PAID, 100)


def test_money_after_a_failed_attempt_counts() -> None:
    assert state(Payment(due=100), (K.FAILED, None), (K.PAID, None)) == (S.PAID, 100)


def test_money_that_went_back_fails_the_payment_unless_enough_is_left() -> None:
    assert state(Payment(due=100), (K.PAID, None), (K.REVERSED, None)) == (S.FAILED, 0)
    assert state(Payment(due=100), (K.PAID, 150), (K.REVERSED, 50)) == (S.PAID, 100)
    assert state(Payment(due=100), (K.PAID, 100), (K.REVERSED, 500)) == (S.FAILED, 0)


def test_fraud_is_more_pressing_than_money() -> None:
    assert hindrance_of(S.PAID, fraud=True) is Hindrance.FRAUD
    assert hindrance_of(S.PAID, fraud=False) is None
    assert hindrance_of(S.PART_PAID, fraud=False) is Hindrance.PART_PAID


H = Hindrance


@pytest.mark.parametrize(
    ("status", "now", "held_because", "expected"),
    [
        ("ready", H.UNPAID, "", Due.HOLD),
        ("ready", H.PART_PAID, "", Due.HOLD),
        ("ready", H.PAYMENT_FAILED, "", Due.STOP),
        ("ready", H.FRAUD, "", Due.STOP),
        ("packing", H.FRAUD, "", Due.STOP),
        ("waiting", H.FRAUD, "", Due.STOP),
        ("waiting", H.UNPAID, "", Due.NOTHING),
        ("packed", None, "", Due.FREE),
        ("packed", H.FRAUD, "", Due.PULL),
        ("packed", H.PAYMENT_FAILED, "", Due.PULL),
        ("shipped", H.FRAUD, "", Due.TOO_LATE),
        ("shipped", H.UNPAID, "", Due.NOTHING),
        ("shipped", None, "", Due.FREE),
        ("cancelled", H.FRAUD, "", Due.NOTHING),
        ("external", H.FRAUD, "", Due.NOTHING),
        ("ready", None, "", Due.NOTHING),
        ("on_hold", None, "unpaid", Due.SETTLE),
        ("on_hold", None, "fraud", Due.SETTLE),
        ("on_hold", None, "unknown_sku", Due.NOTHING),
        ("on_hold", H.UNPAID, "unpaid", Due.NOTHING),
        ("on_hold", H.PAYMENT_FAILED, "unpaid", Due.STOP),
        ("on_hold", H.PART_PAID, "payment_failed", Due.SETTLE),
        ("on_hold", H.UNPAID, "fraud", Due.SETTLE),
    ],
)
def test_what_a_change_of_money_does_at_each_moment(
    status: str, now: Hindrance | None, held_because: str, expected: Due
) -> None:
    assert due(status, now, held_because) is expected
