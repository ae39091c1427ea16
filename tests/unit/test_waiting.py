"""Goods came: whom they serve."""

from collections.abc import Mapping

from server.domain.booking.kits import Kit, KitBook
from server.domain.booking.waiting import Waiter, served_from

OLD, MIDDLE, NEW = Waiter(9, 100.0, {"A": 3}), Waiter(4, 200.0, {"A": 1, "B": 1}), Waiter(7, 300.0, {"A": 1})


def plain(units: Mapping[str, int], _site: Mapping[str, int]) -> Mapping[str, int]:
    return units


def test_the_oldest_order_date_is_served_first_whatever_its_number() -> None:
    assert served_from([NEW, MIDDLE, OLD], [{"A": 3, "B": 1}], plain) == (9,)
    assert served_from([NEW, MIDDLE, OLD], [{"A": 5, "B": 1}], plain) == (9, 4, 7)


def test_one_that_needs_more_than_came_lets_the_next_pass() -> None:
    assert served_from([OLD, MIDDLE, NEW], [{"A": 2}], plain) == (7,)


def test_of_one_moment_the_lower_number_is_first() -> None:
    assert served_from([Waiter(2, 1.0, {"A": 1}), Waiter(1, 1.0, {"A": 1})], [{"A": 1}], plain) == (1,)


def test_an_order_that_wants_nothing_is_not_served() -> None:
    assert served_from([Waiter(1, 1.0, {})], [{"A": 1}], plain) == ()


def test_an_order_is_served_from_one_site_not_from_two_halves() -> None:
    assert served_from([OLD], [{"A": 2}, {"A": 2}], plain) == ()
    assert served_from([OLD, NEW], [{"A": 1}, {"A": 3}], plain) == (9, 7)


def test_a_kit_that_was_built_before_serves_and_leaves_its_components_to_the_next() -> None:
    kits = KitBook.of([Kit("SPA", (("A", 2),))])

    def needs(units: Mapping[str, int], site: Mapping[str, int]) -> Mapping[str, int]:
        return kits.explode(units.items(), lambda sku: site.get(sku, 0))

    two = Waiter(1, 1.0, {"SPA": 2})
    assert served_from([two, NEW], [{"SPA": 1, "A": 2}], needs) == (1,)
    assert served_from([two, NEW], [{"SPA": 1, "A": 3}], needs) == (1, 7)
    assert served_from([two, NEW], [{"SPA": 2, "A": 1}], needs) == (1, 7)
    assert served_from([two], [{"SPA": 1}, {"SPA": 1, "A": 1}], needs) == ()
