"""Counting a shelf."""

from server.domain.warehouse.counting import Counted, MovedMeanwhile, Shelf, counted


def test_packed_units_are_neither_lost_nor_counted_twice() -> None:
    shelf = Shelf(on_hand=10, reserved=4, held=0, away=3)
    assert shelf.expected == 7
    assert counted(shelf, 7) == Counted(0, 10, 0)
    assert counted(shelf, 5) == Counted(-2, 8, 0)
    assert counted(shelf, 9) == Counted(2, 12, 0)


def test_a_count_below_what_is_promised_names_the_units_that_do_not_exist() -> None:
    assert counted(Shelf(on_hand=10, reserved=8, held=1, away=2), 4) == Counted(-4, 6, 3)


def test_a_shelf_that_changed_while_it_was_counted_is_counted_again() -> None:
    assert counted(Shelf(10, 4, 0, 4), 7, expected_then=7) == MovedMeanwhile(7, 6)
    assert counted(Shelf(10, 4, 0, 3), 7, expected_then=7) == Counted(0, 10, 0)
