"""Whose doing a cancel was, and how near the channel's limit we are."""

import pytest

from server.domain.errors import DomainError
from server.domain.sales.cancellation import SELLER_CAUSED, CancelRate, CancelReason, Standing, cancel_reason


def test_what_buyers_and_channels_cancel_is_not_held_against_us() -> None:
    ours = {r.value for r in SELLER_CAUSED}
    assert ours == {"out_of_stock", "pricing_error", "damaged", "too_late", "cannot_deliver", "seller"}


def test_an_unknown_reason_lists_those_there_are() -> None:
    assert cancel_reason("damaged") is CancelReason.DAMAGED
    with pytest.raises(DomainError, match=r"expected out_of_stock, pricing_error, .* found 'mood'"):
        cancel_reason("mood")


@pytest.mark.parametrize(
    ("cancels", "standing", "headroom"),
    [
        (0, Standing.GOOD, 9),
        (7, Standing.GOOD, 2),
        (8, Standing.NEAR, 1),
        (9, Standing.NEAR, 0),
        (10, Standing.OVER, 0),
    ],
)
def test_two_and_a_half_per_cent_of_four_hundred_orders_are_ten(
    cancels: int, standing: Standing, headroom: int
) -> None:
    rate = CancelRate("amazon", 400, cancels, 250)
    assert (rate.standing, rate.headroom) == (standing, headroom)


def test_a_rate_is_said_in_one_sentence() -> None:
    assert CancelRate("amazon", 400, 7, 250).sentence == (
        "amazon: 7 of 400 orders cancelled by us (1.75 %), limit 2.5 %, room for 2 more"
    )
    assert CancelRate("shop", 0, 0).sentence == "shop: 0 of 0 orders cancelled by us (0.00 %), no limit is set"


def test_without_a_limit_or_orders_nothing_is_judged() -> None:
    assert CancelRate("shop", 10, 9).standing is Standing.UNKNOWN
    assert CancelRate("shop", 10, 9).headroom is None
    assert CancelRate("shop", 0, 0, 250).standing is Standing.UNKNOWN
