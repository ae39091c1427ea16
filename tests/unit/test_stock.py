"""Two counters and what may never become of them."""

import pytest

from server.domain.booking.stock import Move, MoveKind, StockLevel, moved
from server.domain.errors import DomainError


def test_what_may_be_promised_is_on_hand_minus_reserved() -> None:
    assert StockLevel("A", 1, 10, 8).available == 2


def test_shipping_lowers_both_counters_and_leaves_what_is_available() -> None:
    before = StockLevel("A", 1, 10, 8)
    after = moved(before, Move(MoveKind.SHIP, "A", 1, -3, -3))
    assert (after.on_hand, after.reserved, after.available) == (7, 5, before.available)


@pytest.mark.parametrize(
    ("d_on_hand", "d_reserved"), [(-3, 0), (0, 3), (0, -9), (-11, -8)], ids=["count", "reserve", "release", "ship"]
)
def test_a_move_that_would_leave_less_than_nothing_is_refused_with_both_states(d_on_hand: int, d_reserved: int) -> None:
    with pytest.raises(DomainError) as refused:
        moved(StockLevel("A", 1, 10, 8), Move(MoveKind.COUNT, "A", 1, d_on_hand, d_reserved))
    assert refused.value.code == "negative_stock"
    assert "on hand 10 reserved 8" in refused.value.detail
