"""Goods came: whom they serve."""

from server.domain.booking.waiting import Waiter, served_from

OLD, MIDDLE, NEW = Waiter(9, 100.0, {"A": 3}), Waiter(4, 200.0, {"A": 1, "B": 1}), Waiter(7, 300.0, {"A": 1})


def test_the_oldest_order_date_is_served_first_whatever_its_number() -> None:
    assert served_from([NEW, MIDDLE, OLD], [{"A": 3, "B": 1}]) == (9,)
    assert served_from([NEW, MIDDLE, OLD], [{"A": 5, "B": 1}]) == (9, 4, 7)


def test_one_that_needs_more_than_came_lets_the_next_pass() -> None:
    assert served_from([OLD, MIDDLE, NEW], [{"A": 2}]) == (7,)


def test_of_one_moment_the_lower_number_is_first() -> None:
    assert served_from([Waiter(2, 1.0, {"A": 1}), Waiter(1, 1.0, {"A": 1})], [{"A": 1}]) == (1,)


def test_an_order_that_wants_nothing_is_not_served() -> None:
    assert served_from([Waiter(1, 1.0, {})], [{"A": 1}]) == ()


def test_an_order_is_served_from_one_site_not_from_two_halves() -> None:
    assert served_from([OLD], [{"A": 2}, {"A": 2}]) == ()
    assert served_from([OLD, NEW], [{"A": 1}, {"A": 3}]) == (9, 7)
