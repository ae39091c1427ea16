"""Promised units are not there: who gives way."""

from server.domain.booking.conflicts import Policy, PolicyKind
from server.domain.booking.shortfall import Holder, losers

OLD = Holder("1001", 1, "amazon", 1.0)
NEW = Holder("1002", 1, "etsy", 2.0)
CART = Holder("hold-1", 1, "shop", 0.5, checkout=True)
BOX = Holder("1000", 1, "etsy", 3.0, packed=True)


def refs(found: object) -> list[str]:
    return [h.ref for h in found.released]  # type: ignore[attr-defined]


def test_nothing_short_takes_nothing_from_anybody() -> None:
    assert losers(0, [OLD, NEW, CART], Policy()) == ((), 0)


def test_a_checkout_gives_way_before_an_order() -> None:
    assert refs(losers(1, [OLD, CART, NEW], Policy())) == ["hold-1"]


def test_the_newest_order_gives_way_first_and_the_worst_channel_before_it() -> None:
    assert refs(losers(1, [OLD, NEW], Policy())) == ["1002"]
    assert refs(losers(1, [OLD, NEW], Policy(PolicyKind.CHANNEL_PRIORITY, ("etsy",)))) == ["1001"]


def test_a_packed_unit_is_taken_by_no_policy() -> None:
    found = losers(3, [OLD, BOX, NEW], Policy(PolicyKind.CHANNEL_PRIORITY, ("amazon",)))
    assert sorted(refs(found)) == ["1001", "1002"]
    assert found.uncovered == 1


def test_nobody_gives_way_for_nothing() -> None:
    large = Holder("1003", 5, "etsy", 3.0)
    small = Holder("1004", 1, "etsy", 4.0)
    assert refs(losers(4, [OLD, large, small], Policy())) == ["1003"]
