"""A plan before it is put to work."""

from server.domain.sharing.allocation import Allocation
from server.domain.sharing.allocation_rules import Kind, Rule
from server.domain.sharing.offers import Pool
from server.domain.sharing.plans import Scope, concerned, excess


def plan(*parts: tuple[str, int], held: int = 0) -> list[Rule]:
    shares = [Rule(n, Kind.SHARE, sku="CANDLE", channel=c, units=u) for n, (c, u) in enumerate(parts, 1)]
    return [*shares, Rule(9, Kind.HOLD_BACK, sku="CANDLE", units=held)]


def test_thirty_fifteen_ten_and_five_of_fifty_are_ten_too_many() -> None:
    found = excess(Allocation.of(plan(("amazon", 30), ("shop", 15), ("ebay", 10), held=5), 0), Pool("CANDLE", "", 50))
    assert found is not None
    assert (found.units, found.planned, found.stock) == (10, 60, 50)
    assert str(found) == "the plan for CANDLE takes 60 (held back 5 + amazon 30 + ebay 10 + shop 15) of 50: 10 too many"


def test_a_plan_that_takes_exactly_the_stock_fits() -> None:
    assert excess(Allocation.of(plan(("amazon", 30), ("shop", 15), held=5), 0), Pool("CANDLE", "", 50)) is None


def test_units_sold_since_the_plan_began_count_as_stock() -> None:
    allocation = Allocation.of(plan(("amazon", 30), ("shop", 20)), 0)
    assert excess(allocation, Pool("CANDLE", "", 20, {"amazon": 30})) is None


def test_percentages_are_added_exactly() -> None:
    halves = [Rule(n, Kind.RESERVE, channel=c, percent=5000) for n, c in enumerate(("a", "b"), 1)]
    assert excess(Allocation.of(halves, 0), Pool("CANDLE", "", 51)) is None
    more = [*halves, Rule(3, Kind.SHARE, channel="c", percent=1)]
    found = excess(Allocation.of(more, 0), Pool("CANDLE", "", 51))
    assert found is not None
    assert found.units == 1
    assert "a 50 % = 25.5" in str(found)


def test_buffers_caps_and_equal_parts_never_exceed_the_stock() -> None:
    rules = [Rule(1, Kind.BUFFER, units=99), Rule(2, Kind.CAP, units=99), Rule(3, Kind.EQUAL, channel="a")]
    assert excess(Allocation.of(rules, 0), Pool("CANDLE", "", 5)) is None


def test_a_change_concerns_the_scopes_of_the_rules_that_differ() -> None:
    same = Rule(1, Kind.BUFFER, units=1)
    assert concerned([same], [same]) == Scope(False, frozenset(), frozenset())
    candle, wax = Rule(2, Kind.CAP, sku="CANDLE", units=1), Rule(3, Kind.CAP, group="wax", units=1)
    assert concerned([same, candle], [same, wax]) == Scope(False, frozenset({"CANDLE"}), frozenset({"wax"}))
    assert concerned([], [same]).everything
