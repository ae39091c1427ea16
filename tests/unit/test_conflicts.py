"""Who wins the last unit, and what is said about it."""

import pytest

from server.domain.booking.conflicts import Ask, Policy, PolicyKind, Short, serve_order, why_lost
from server.domain.errors import DomainError

AMAZON = Ask("1001", {"CANDLE": 2}, "amazon", 100.0, 50_00)
ETSY = Ask("1002", {"CANDLE": 2}, "etsy", 101.0, 900_00)
SHOP = Ask("1003", {"CANDLE": 2}, "shop", 102.0, 10_00)
FIRST = Policy()
BY_CHANNEL = Policy(PolicyKind.CHANNEL_PRIORITY, ("shop", "etsy"), version=7)
BY_VALUE = Policy(PolicyKind.CUSTOMER_VALUE)


@pytest.mark.parametrize(
    ("policy", "winner"),
    [(FIRST, "1001"), (BY_CHANNEL, "1003"), (BY_VALUE, "1002")],
    ids=["first come", "channel priority", "customer value"],
)
def test_the_same_conflict_has_the_documented_winner_under_each_policy(policy: Policy, winner: str) -> None:
    asks = [ETSY, SHOP, AMAZON]
    assert asks[serve_order(asks, {"CANDLE": 2}, policy)[0]].ref == winner
    assert asks[serve_order(asks, {"CANDLE": 2}, policy)[0]].ref == winner


def test_a_channel_nobody_ranked_comes_after_all_that_are_ranked() -> None:
    asks = [AMAZON, SHOP, ETSY]
    assert [asks[i].ref for i in serve_order(asks, {}, BY_CHANNEL)] == ["1003", "1002", "1001"]


def test_where_there_is_enough_nobody_changes_places() -> None:
    assert list(serve_order([ETSY, AMAZON, SHOP], {"CANDLE": 6}, BY_VALUE)) == [0, 1, 2]


def test_only_rivals_for_the_scarce_product_change_places() -> None:
    soap = Ask("1004", {"SOAP": 1}, "amazon", 200.0)
    asks = [AMAZON, soap, ETSY]
    assert list(serve_order(asks, {"CANDLE": 3, "SOAP": 1}, BY_VALUE)) == [2, 1, 0]


def test_a_first_come_order_that_was_queued_late_is_still_first() -> None:
    assert list(serve_order([ETSY, AMAZON], {"CANDLE": 2}, FIRST)) == [1, 0]


def test_only_orders_for_scarce_products_are_held_back() -> None:
    policy = Policy(window=0.2, scarce=frozenset({"CANDLE"}))
    assert policy.delay(["CANDLE"]) == 0.2
    assert policy.delay(["SOAP"]) == 0.0
    assert Policy(scarce=frozenset({"CANDLE"})).delay(["CANDLE"]) == 0.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Policy(window=9), "window: expected 0 to 5 seconds, found 9"),
        (lambda: Policy(channels=("a", "b", "a")), "channels: expected each once, found a more than once"),
        (
            lambda: Policy(PolicyKind.CHANNEL_PRIORITY),
            "channels: expected at least one for channel_priority, found none",
        ),
    ],
)
def test_a_policy_that_cannot_work_is_refused(make: object, sentence: str) -> None:
    with pytest.raises(DomainError) as refused:
        make()  # type: ignore[operator]
    assert refused.value.detail == sentence


def test_a_loser_hears_who_was_better_and_by_which_rule() -> None:
    short = [Short("CANDLE", 2, 1)]
    assert why_lost(BY_CHANNEL, ETSY, short, [SHOP]) == (
        "CANDLE: 2 wanted, 1 left after 1003 (shop); policy channel priority (version 7): shop comes before etsy"
    )
    assert why_lost(BY_VALUE, SHOP, short, [ETSY]) == (
        "CANDLE: 2 wanted, 1 left after 1002 (etsy); policy customer value: its buyer is worth 90000, the other 1000"
    )
    assert why_lost(FIRST, ETSY, short, [AMAZON]) == (
        "CANDLE: 2 wanted, 1 left after 1001 (amazon); policy first come: 1.000 s earlier"
    )


def test_a_loser_that_nobody_beat_hears_what_was_there() -> None:
    assert why_lost(FIRST, ETSY, [Short("CANDLE", 2, 0)], []) == (
        "CANDLE: 2 wanted, 0 left when order 1002 came; policy first come"
    )
    small = Ask("1009", {"CANDLE": 1}, "shop", 200.0)
    assert why_lost(FIRST, ETSY, [Short("CANDLE", 2, 1)], [small]) == (
        "CANDLE: 2 wanted, 1 left for all of order 1002, and less was enough for 1009 (shop); policy first come"
    )


def test_a_winner_of_something_else_is_not_blamed() -> None:
    soap = Ask("1004", {"SOAP": 1}, "amazon", 1.0)
    assert "1004" not in why_lost(FIRST, ETSY, [Short("CANDLE", 2, 0)], [soap])


def test_many_winners_are_counted_after_the_third() -> None:
    rivals = [Ask(str(n), {"CANDLE": 1}, "shop", float(n)) for n in range(1, 6)]
    assert "after 1 (shop), 2 (shop), 3 (shop) and 2 more;" in why_lost(FIRST, ETSY, [Short("CANDLE", 2, 0)], rivals)
