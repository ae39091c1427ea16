"""Which rule applies, and what a sale may still take."""

from datetime import UTC, datetime
from math import inf

from server.domain.sharing.allocation import Allocation, Pool
from server.domain.sharing.allocation_rules import Kind, Rule
from server.domain.sharing.windows import Window


def buffer_of(*rules: Rule, now: float = 0, sku: str = "CANDLE", group: str = "wax", channel: str = "ebay") -> int:
    offers = Allocation.of(rules, now).offers(Pool(sku, group, 100), [channel])
    return 100 - offers[channel].units


def test_a_sku_goes_before_its_group_and_its_group_before_all() -> None:
    everywhere, wax = Rule(1, Kind.BUFFER, units=10), Rule(2, Kind.BUFFER, group="wax", units=20)
    candle = Rule(3, Kind.BUFFER, sku="CANDLE", units=3)
    assert buffer_of(everywhere) == 10
    assert buffer_of(everywhere, wax) == 20
    assert buffer_of(candle, wax, everywhere) == 3
    assert buffer_of(candle, wax, everywhere, sku="SOAP", group="") == 10


def test_a_named_channel_goes_before_every_channel() -> None:
    assert buffer_of(Rule(1, Kind.BUFFER, channel="ebay", units=2), Rule(2, Kind.BUFFER, units=10)) == 2
    assert buffer_of(Rule(1, Kind.BUFFER, channel="etsy", units=2), Rule(2, Kind.BUFFER, units=10)) == 10


def test_a_dynamic_rule_takes_the_place_of_a_static_one() -> None:
    allocation = Allocation.of([Rule(1, Kind.BUFFER, units=9), Rule(2, Kind.DYNAMIC)], 0)
    assert [rule.rule_id for rule in allocation.applying("CANDLE", "")] == [2]


def test_the_newest_of_two_equals_applies() -> None:
    assert buffer_of(Rule(2, Kind.BUFFER, units=4), Rule(1, Kind.BUFFER, units=9)) == 4


def test_a_seasonal_buffer_starts_and_ends_on_time_in_its_own_zone() -> None:
    usual = Rule(1, Kind.BUFFER, channel="ebay", units=5)
    season = Rule(2, Kind.BUFFER, units=30, window=Window("2026-11-27", "2026-11-30", "America/New_York"))
    start = datetime(2026, 11, 27, 5, tzinfo=UTC).timestamp()
    seen = [buffer_of(usual, season, now=start + s) for s in (-0.001, 0, 3 * 86_400 - 0.001, 3 * 86_400)]
    assert seen == [5, 30, 30, 5]
    allocations = [Allocation.of([usual, season], start + s) for s in (-1, 0, 3 * 86_400)]
    assert [a.valid_until for a in allocations] == [start, start + 3 * 86_400, inf]


def test_a_sku_may_be_taken_out_of_the_shares_of_its_group() -> None:
    rules = [
        Rule(1, Kind.SHARE, group="wax", channel="ebay", units=3),
        Rule(2, Kind.SHARED, sku="CANDLE", channel="ebay"),
    ]
    allocation = Allocation.of(rules, 0)
    assert allocation.limit(Pool("CANDLE", "wax", 50), "ebay") == 50
    assert allocation.limit(Pool("SOAP", "wax", 50), "ebay") == 3
    assert (allocation.tracks("CANDLE", "wax"), allocation.tracks("SOAP", "wax")) == (False, True)


def test_use_is_tracked_only_where_a_share_or_a_protected_amount_applies() -> None:
    assert not Allocation.of([], 0).tracks("CANDLE", "wax")
    assert not Allocation.of([Rule(1, Kind.BUFFER, percent=1000)], 0).tracks("CANDLE", "wax")
    kept = Allocation.of([Rule(1, Kind.RESERVE, sku="CANDLE", channel="shop", percent=1000)], 0)
    assert kept.tracks("CANDLE", "wax")
    assert not kept.tracks("SOAP", "wax")


def test_marketplaces_can_take_ninety_of_a_hundred_and_the_shop_the_rest() -> None:
    allocation = Allocation.of([Rule(1, Kind.RESERVE, channel="shop", percent=1000)], 0)
    used = {"amazon": 0, "ebay": 0}
    available = 100
    for channel in ("amazon", "ebay"):
        while allocation.limit(Pool("CANDLE", "", available, used), channel):
            used[channel] += 1
            available -= 1
    assert (used, available) == ({"amazon": 90, "ebay": 0}, 10)
    assert allocation.limit(Pool("CANDLE", "", available, used), "shop") == 10


def test_where_shares_exceed_the_stock_the_last_units_are_still_sold() -> None:
    rules = [Rule(1, Kind.SHARE, channel="amazon", units=30), Rule(2, Kind.SHARE, channel="ebay", units=30)]
    allocation = Allocation.of(rules, 0)
    assert [allocation.limit(Pool("CANDLE", "", 20), c) for c in ("amazon", "ebay", "shop")] == [20, 20, 0]


def test_a_buffer_never_refuses_a_sale() -> None:
    rules = [
        Rule(1, Kind.BUFFER, percent=5000),
        Rule(2, Kind.HOLD_BACK, units=5),
        Rule(3, Kind.WITHDRAW, channel="a", units=99),
    ]
    assert Allocation.of(rules, 0).limit(Pool("CANDLE", "", 10), "a") == 10
