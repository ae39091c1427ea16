"""What a channel is told: each rule by itself, and every withheld unit explained."""

from typing import Any

import pytest

from server.domain.sharing.allocation import Allocation, Offer, Pool
from server.domain.sharing.allocation_rules import Kind, Rule
from server.domain.sharing.buffers import Formula, Pace

CHANNELS = ("shop", "amazon", "ebay", "etsy")
S4_PLAN = (
    Rule(1, Kind.SHARE, channel="amazon", units=30, owner="cli:anna"),
    Rule(2, Kind.SHARE, channel="ebay", units=15),
    Rule(3, Kind.HOLD_BACK, units=5),
)


def told(*rules: Rule, available: int = 50, **pool: Any) -> dict[str, int]:
    """Units by channel of CANDLE in group wax."""
    offers = Allocation.of(rules, 0).offers(Pool("CANDLE", "wax", available, **pool), CHANNELS)
    return {channel: offer.units for channel, offer in offers.items()}


def one(channel: str, *rules: Rule, available: int = 50, **pool: Any) -> Offer:
    return Allocation.of(rules, 0).offers(Pool("CANDLE", "wax", available, **pool), CHANNELS)[channel]


def test_without_rules_every_channel_is_told_what_is_available() -> None:
    assert told() == dict.fromkeys(CHANNELS, 50)
    assert one("shop").withheld == ()


def test_fifty_units_less_ten_percent_are_forty_five_everywhere() -> None:
    assert told(Rule(1, Kind.BUFFER, percent=1000)) == dict.fromkeys(CHANNELS, 45)


@pytest.mark.parametrize(("available", "expected"), [(55, 49), (51, 45), (9, 8), (1, 0), (0, 0)])
def test_a_percentage_buffer_never_rounds_the_number_up(available: int, expected: int) -> None:
    assert one("ebay", Rule(1, Kind.BUFFER, percent=1000), available=available).units == expected


def test_amazon_is_told_zero_when_its_share_of_thirty_is_sold_while_others_keep_theirs() -> None:
    assert told(*S4_PLAN) == {"amazon": 30, "ebay": 15, "shop": 0, "etsy": 0}
    assert told(*S4_PLAN, available=20, used={"amazon": 30}) == {"amazon": 0, "ebay": 15, "shop": 0, "etsy": 0}


def test_what_no_share_claims_is_open_to_the_other_channels() -> None:
    plan = Rule(1, Kind.SHARE, channel="amazon", units=30)
    assert told(plan) == {"amazon": 30, "shop": 20, "ebay": 20, "etsy": 20}
    assert told(plan, available=35, used={"shop": 15}) == {"amazon": 30, "shop": 5, "ebay": 5, "etsy": 5}


def test_every_withheld_unit_has_a_rule_an_owner_and_a_sentence() -> None:
    offer = one("amazon", *S4_PLAN, available=40, used={"amazon": 10})
    assert offer.units == 20
    assert offer.withheld == (
        (3, Kind.HOLD_BACK, "", 5, "5 units held back from everyone"),
        (1, Kind.SHARE, "cli:anna", 15, "amazon sells only its share of 30 units, 20 left of it"),
    )
    assert [cut.sentence for cut in one("shop", *S4_PLAN).withheld] == [
        "5 units held back from everyone",
        "30 left of what is kept for amazon (30 units)",
        "15 left of what is kept for ebay (15 units)",
    ]


def test_ten_percent_kept_for_the_own_shop_leave_ninety_of_a_hundred_to_marketplaces() -> None:
    kept = Rule(1, Kind.RESERVE, channel="shop", percent=1000)
    assert told(kept, available=100) == {"shop": 100, "amazon": 90, "ebay": 90, "etsy": 90}
    assert told(kept, available=10, used={"amazon": 60, "ebay": 30}) == {"shop": 10, "amazon": 0, "ebay": 0, "etsy": 0}
    assert told(kept, available=70, used={"shop": 30}) == dict.fromkeys(CHANNELS, 70)


def test_a_protected_percentage_is_rounded_up_so_that_others_are_never_told_more() -> None:
    assert told(Rule(1, Kind.RESERVE, channel="shop", percent=1000), available=15)["ebay"] == 13


def test_equal_channels_divide_what_no_other_rule_claims() -> None:
    equal = [Rule(n, Kind.EQUAL, channel=c) for n, c in enumerate(("shop", "amazon", "ebay"), 1)]
    assert told(*equal) == {"shop": 16, "amazon": 16, "ebay": 16, "etsy": 2}
    share = Rule(9, Kind.SHARE, channel="etsy", units=20)
    assert told(*equal, share) == {"shop": 10, "amazon": 10, "ebay": 10, "etsy": 20}
    assert told(*equal, available=40, used={"shop": 10}) == {"shop": 6, "amazon": 16, "ebay": 16, "etsy": 2}


def test_a_cap_limits_the_published_number_only() -> None:
    cap = Rule(1, Kind.CAP, channel="etsy", units=7)
    assert told(cap) == {"shop": 50, "amazon": 50, "ebay": 50, "etsy": 7}
    assert told(cap, available=5)["etsy"] == 5
    assert Allocation.of([cap], 0).limit(Pool("CANDLE", "", 50), "etsy") == 50


def test_the_risky_channel_is_withdrawn_before_the_others() -> None:
    low = (Rule(1, Kind.WITHDRAW, channel="etsy", units=10), Rule(2, Kind.WITHDRAW, channel="ebay", units=5))
    assert told(*low, available=10) == dict.fromkeys(CHANNELS, 10)
    assert told(*low, available=9) == {"shop": 9, "amazon": 9, "ebay": 9, "etsy": 0}
    assert told(*low, available=4) == {"shop": 4, "amazon": 4, "ebay": 0, "etsy": 0}
    assert one("etsy", *low, available=9).withheld[0].sentence == "etsy is withdrawn below 10 units, 9 left"


def test_a_dynamic_buffer_is_explained_by_its_formula() -> None:
    offer = one("shop", Rule(4, Kind.DYNAMIC, formula=Formula()), pace=Pace(84, 28, 7))
    assert offer.units == 39
    assert offer.withheld[0].sentence.startswith("dynamic buffer: 84 sold in 28 days = 3.00 a day")


def test_no_channel_is_told_more_than_there_is_unless_it_may_oversell() -> None:
    assert told(available=0) == dict.fromkeys(CHANNELS, 0)
    assert told(available=2, beyond={"shop": 8}) == {"shop": 10, "amazon": 2, "ebay": 2, "etsy": 2}
    offer = one("shop", available=0, beyond={"shop": 5})
    assert offer.beyond == ((0, "oversell", "the channel", 5, "shop may still sell 5 beyond the stock"),)
    assert one("shop", available=0, beyond={"shop": 0}).units == 0
    assert Allocation.of([], 0).limit(Pool("CANDLE", "", 0, beyond={"shop": 5}), "shop") == 0


def test_a_made_to_order_sku_is_told_its_number_whatever_the_stock() -> None:
    assert told(available=0, made_to_order=20) == dict.fromkeys(CHANNELS, 20)
    buffered = Rule(1, Kind.BUFFER, percent=1000)
    assert told(buffered, available=3, made_to_order=20) == dict.fromkeys(CHANNELS, 20)
    offer = one("etsy", Rule(2, Kind.CAP, channel="etsy", units=5), available=3, made_to_order=20)
    assert [(cut.kind, cut.units) for cut in (*offer.withheld, *offer.beyond)] == [
        ("made_to_order", 3),
        ("cap", 15),
        ("made_to_order", 20),
    ]
    assert offer.units == 5
