"""Which site an order's stock comes from."""

from server.domain.reservation import Demand, Refused, Reserved, Shortage, decide
from server.domain.stock import MoveKind, StockLevel


def levels(*rows: tuple[str, int, int, int]) -> dict[tuple[str, int], StockLevel]:
    return {(sku, site): StockLevel(sku, site, on_hand, reserved) for sku, site, on_hand, reserved in rows}


def test_an_order_takes_all_its_lines_from_the_first_site_that_has_them_all() -> None:
    stock = levels(("A", 1, 5, 0), ("B", 1, 0, 0), ("A", 2, 5, 0), ("B", 2, 5, 0))
    decision = decide([Demand(1, "A", 1), Demand(2, "B", 2)], stock, [1, 2])
    assert isinstance(decision, Reserved)
    assert decision.site_id == 2
    assert [(m.kind, m.sku, m.d_on_hand, m.d_reserved) for m in decision.moves] == [
        (MoveKind.RESERVE, "A", 0, 1),
        (MoveKind.RESERVE, "B", 0, 2),
    ]


def test_ten_on_the_shelf_with_eight_allocated_leave_two() -> None:
    stock = levels(("A", 1, 10, 8))
    assert isinstance(decide([Demand(1, "A", 2)], stock, [1]), Reserved)
    assert decide([Demand(1, "A", 3)], stock, [1]) == Refused((Shortage("A", 3, 2),))


def test_two_lines_of_one_sku_are_summed_before_they_are_compared() -> None:
    stock = levels(("A", 1, 3, 0))
    assert decide([Demand(1, "A", 2), Demand(2, "A", 2)], stock, [1]) == Refused((Shortage("A", 4, 3),))


def test_one_short_line_reserves_nothing_of_the_order() -> None:
    stock = levels(("A", 1, 9, 0), ("B", 1, 1, 1))
    assert decide([Demand(1, "A", 1), Demand(2, "B", 1)], stock, [1]) == Refused((Shortage("B", 1, 0),))


def test_no_site_and_no_stock_row_are_shortages_of_everything() -> None:
    assert decide([Demand(1, "A", 2)], {}, []) == Refused((Shortage("A", 2, 0),))
    assert decide([Demand(1, "A", 2)], {}, [1]) == Refused((Shortage("A", 2, 0),))


def test_the_shortage_named_is_that_of_the_site_that_lacks_least() -> None:
    stock = levels(("A", 1, 0, 0), ("B", 1, 0, 0), ("A", 2, 5, 0), ("B", 2, 1, 0))
    assert decide([Demand(1, "A", 1), Demand(2, "B", 2)], stock, [1, 2]) == Refused((Shortage("B", 2, 1),))
