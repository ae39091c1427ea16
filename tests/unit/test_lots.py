"""Lots, expiry and serial numbers."""

from datetime import date

import pytest

from server.domain.booking.lots import Incoming, LotRow, Tracking, fefo, good_units, incoming
from server.domain.errors import DomainError

TODAY = date(2026, 5, 4)
ROWS = [
    LotRow("L3", "", 9),
    LotRow("L2", "2026-08-01", 4),
    LotRow("L1", "2026-06-01", 3),
    LotRow("L0", "2026-05-03", 5),
]


def test_what_expires_first_goes_first_and_what_never_expires_goes_last() -> None:
    assert fefo(ROWS, 6, date(2026, 5, 4)) == (("L1", 3), ("L2", 3))
    assert fefo(ROWS, 16, date(2026, 5, 4)) == (("L1", 3), ("L2", 4), ("L3", 9))


def test_a_lot_may_be_used_on_its_last_day_and_not_after() -> None:
    assert fefo(ROWS, 5, date(2026, 5, 3)) == (("L0", 5),)
    assert fefo(ROWS, 17, TODAY) is None
    assert good_units(ROWS, TODAY) == 16


def test_stock_without_lots_is_taken_as_it_lies() -> None:
    assert fefo([LotRow("", "", 3)], 3, TODAY) == (("", 3),)
    assert fefo([LotRow("", "", 3)], 4) is None
    assert fefo([], 1) is None


def test_lots_of_one_day_are_taken_in_a_fixed_order() -> None:
    same = [LotRow("B", "2026-06-01", 1), LotRow("A", "2026-06-01", 1)]
    assert fefo(same, 2) == fefo(same[::-1], 2) == (("A", 1), ("B", 1))


def test_an_expired_only_lot_is_not_sold_through_the_short_way() -> None:
    assert fefo([LotRow("L0", "2026-05-03", 5)], 1, TODAY) is None


def test_a_receipt_of_a_known_lot_needs_no_date() -> None:
    got = incoming(Incoming("CREAM", 3, " L1 "), Tracking(lots=True, expiry=True), TODAY, known_expiry="2026-06-01")
    assert got == Incoming("CREAM", 3, "L1", "2026-06-01")


LOTS = Tracking(lots=True, expiry=True)
SERIALS = Tracking(serials=True)


@pytest.mark.parametrize(
    ("given", "tracking", "code", "said"),
    [
        (Incoming("S", 0), Tracking(), "invalid", "found 0"),
        (Incoming("S", 1), LOTS, "need_lot", "kept by lot"),
        (Incoming("S", 1, "L9"), LOTS, "need_expiry", "date of lot L9"),
        (Incoming("S", 1, "L9", "2026-05-03"), LOTS, "expired", "expired on 2026-05-03"),
        (Incoming("S", 1, "L9", "03/05/26"), LOTS, "invalid", "YYYY-MM-DD, found '03/05/26'"),
        (Incoming("S", 1, "L9"), Tracking(), "invalid", "leave it out"),
        (Incoming("S", 1, "", "2026-06-01"), Tracking(), "need_lot", "belongs to a lot"),
        (Incoming("S", 1, "L" * 21), LOTS, "invalid", "at most 20"),
        (Incoming("S", 1, "L\x1b[2J"), LOTS, "invalid", "printable"),
        (Incoming("S", 2, serials=("S1",)), SERIALS, "need_serial", "expected 2 serial numbers"),
        (Incoming("S", 1, serials=(" ",)), SERIALS, "need_serial", "serial numbers"),
        (Incoming("S", 2, serials=("S1", " S1")), SERIALS, "duplicate_serial", "S1"),
        (Incoming("S", 1, serials=("HERE",)), SERIALS, "duplicate_serial", "HERE of S is here already"),
        (Incoming("S", 1, serials=("S1",)), Tracking(), "invalid", "no serial numbers"),
    ],
)
def test_a_receipt_that_lacks_or_contradicts_something_is_refused(
    given: Incoming, tracking: Tracking, code: str, said: str
) -> None:
    with pytest.raises(DomainError) as refused:
        incoming(given, tracking, TODAY, here={"HERE"})
    assert refused.value.code == code
    assert said in refused.value.detail


def test_a_lot_has_one_expiry_date() -> None:
    with pytest.raises(DomainError, match="expires on 2026-06-01 in the book, not 2026-07-01"):
        incoming(Incoming("S", 1, "L1", "2026-07-01"), LOTS, TODAY, known_expiry="2026-06-01")
