"""Which units an order or a checkout gets, decided in memory."""

from collections.abc import Mapping

from server.domain.booking.kits import Kit, KitBook
from server.domain.booking.life import Due, Freshness, MinimumLife
from server.domain.booking.reservation import (
    Ask,
    Claim,
    Decision,
    Demand,
    Refused,
    Reserved,
    Rules,
    Shortage,
    decide,
    merged,
)
from server.domain.booking.shelf import Facts, Shelf
from server.domain.booking.stock import MoveKind, StockLevel
from server.domain.sharing.allocation import Allocation
from server.domain.sharing.allocation_rules import Kind, Rule


def shelf(*rows: tuple[str, int, int, int], **more: object) -> Shelf:
    return Shelf([StockLevel(*row) for row in rows], **more)  # type: ignore[arg-type]


def sold(where: Shelf, units: Mapping[str, int], sites: tuple[int, ...] = (1, 2), **rules: object) -> Decision:
    return decide(Ask(MoveKind.RESERVE, units, "shop"), where, Rules(sites, **rules))  # type: ignore[arg-type]


def test_an_order_takes_all_its_lines_from_the_first_site_that_has_them_all() -> None:
    decision = sold(shelf(("A", 1, 5, 0), ("B", 1, 0, 0), ("A", 2, 5, 0), ("B", 2, 5, 0)), {"A": 1, "B": 2})
    assert isinstance(decision, Reserved)
    assert decision.site_ids == (2,)
    assert [(m.kind, m.sku, m.d_on_hand, m.d_reserved) for m in decision.moves] == [
        (MoveKind.RESERVE, "A", 0, 1),
        (MoveKind.RESERVE, "B", 0, 2),
    ]


def test_ten_on_the_shelf_with_eight_allocated_leave_two() -> None:
    assert isinstance(sold(shelf(("A", 1, 10, 8)), {"A": 2}), Reserved)
    assert sold(shelf(("A", 1, 10, 8)), {"A": 3}) == Refused((Shortage("A", 3, 2),))


def test_what_a_checkout_holds_is_not_there_for_an_order() -> None:
    where = Shelf([StockLevel("A", 1, 10, 0, held=9)])
    assert sold(where, {"A": 2}) == Refused((Shortage("A", 2, 1),))


def test_two_lines_of_one_sku_are_summed_before_they_are_compared() -> None:
    assert merged([Demand(1, "A", 2), Demand(2, "A", 2)]) == {"A": 4}


def test_what_one_order_took_is_gone_for_the_next_in_the_same_batch() -> None:
    where = shelf(("A", 1, 3, 0))
    assert isinstance(sold(where, {"A": 2}), Reserved)
    assert sold(where, {"A": 2}) == Refused((Shortage("A", 2, 1),))


def test_one_short_line_reserves_nothing_of_the_order() -> None:
    where = shelf(("A", 1, 9, 0), ("B", 1, 1, 1))
    assert sold(where, {"A": 1, "B": 1}) == Refused((Shortage("B", 1, 0),))
    assert where.left("A", 1) == 9


def test_no_site_and_no_stock_row_are_shortages_of_everything() -> None:
    assert sold(shelf(), {"A": 2}, ()) == Refused((Shortage("A", 2, 0),))
    assert sold(shelf(), {"A": 2}) == Refused((Shortage("A", 2, 0),))


def test_the_shortage_named_is_that_of_the_site_that_lacks_least() -> None:
    where = shelf(("A", 1, 0, 0), ("B", 1, 0, 0), ("A", 2, 5, 0), ("B", 2, 1, 0))
    assert sold(where, {"A": 1, "B": 2}) == Refused((Shortage("B", 2, 1),))


def test_the_lot_that_expires_first_is_promised_first_and_an_expired_one_never() -> None:
    where = Shelf(
        [
            StockLevel("A", 1, 4, 0, lot="LATE", expires_on="2027-05-01"),
            StockLevel("A", 1, 3, 0, lot="SOON", expires_on="2026-12-01"),
            StockLevel("A", 1, 9, 0, lot="OVER", expires_on="2026-11-01"),
        ],
        fresh=Freshness(0.0, lambda _at, _site: "2026-11-21", MinimumLife({}, {})),
    )
    decision = sold(where, {"A": 5})
    assert isinstance(decision, Reserved)
    assert [(m.lot, m.d_reserved) for m in decision.moves] == [("SOON", 3), ("LATE", 2)]
    assert sold(where, {"A": 3}) == Refused((Shortage("A", 3, 2),))


def test_an_order_gets_only_lots_that_are_good_for_as_long_as_product_channel_or_promise_say() -> None:
    """(product's days, channel's days, ships, arrives) -> the first day that is enough, of a lot sold on the first."""
    rows: list[tuple[int | None, int | None, int | None, int | None, int]] = [
        (None, None, None, None, 8),  # Seven days of travel.
        (None, None, 4, None, 11),
        (None, None, 4, 6, 6),
        (None, None, None, 20, 20),
        (0, None, None, 20, 1),
        (5, None, None, None, 6),
        (5, 12, None, None, 13),
        (5, 2, 3, 9, 8),  # Packed on the day it ships, at the latest.
    ]
    for product, channel, ships, arrives, enough in rows:
        life = MinimumLife({"A": product} if product is not None else {}, {"shop": channel} if channel else {})
        fresh = Freshness(1.0, lambda at, _site: f"2027-01-{int(at):02}", life)
        lots = [("SOON", enough - 1), ("GOOD", enough)]
        levels = [StockLevel("A", 1, 2, 0, lot=lot, expires_on=f"2027-01-{day:02}") for lot, day in lots if day > 0]
        where = Shelf(levels, fresh=fresh)
        ask = Ask(MoveKind.RESERVE, {"A": 2}, "shop", due=Due(ships, arrives))
        first, second = decide(ask, where, Rules((1,))), decide(ask, where, Rules((1,)))
        assert isinstance(first, Reserved), (product, channel, ships, arrives)
        assert [(m.lot, m.d_reserved) for m in first.moves] == [("GOOD", 2)]
        assert second == Refused((Shortage("A", 2, 0),))


def test_what_older_orders_wait_for_is_kept_back_of_the_good_lots_too_but_not_what_the_asker_holds_itself() -> None:
    def here() -> Shelf:
        fresh = Freshness(0.0, lambda _at, _site: "2027-01-01", MinimumLife({}, {}))
        lots = [("SOON", "2027-01-02", 0), ("GOOD", "2027-02-01", 2)]
        where = Shelf([StockLevel("A", 1, 4, held, lot=lot, expires_on=on) for lot, on, held in lots], fresh=fresh)
        where.keep_back("A", 3, [1])
        return where

    own = [Claim("A", 1, "GOOD", 2)]
    assert sold(here(), {"A": 1}, (1,)) == Refused((Shortage("A", 1, 0),))
    assert isinstance(decide(Ask(MoveKind.RESERVE, {"A": 2}, "shop", given=own), here(), Rules((1,))), Reserved)


def test_a_kit_takes_pre_built_ones_first_and_then_its_components() -> None:
    kits = KitBook.of([Kit("SET", (("A", 2), ("B", 1)))])
    where = shelf(("SET", 1, 1, 0), ("A", 1, 4, 0), ("B", 1, 9, 0))
    decision = sold(where, {"SET": 2, "A": 1}, kits=kits)
    assert isinstance(decision, Reserved)
    assert {(m.sku, m.d_reserved) for m in decision.moves} == {("SET", 1), ("A", 3), ("B", 1)}
    assert sold(where, {"SET": 1}, kits=kits) == Refused((Shortage("A", 2, 1),))


def test_a_product_made_to_order_takes_no_units() -> None:
    where = Shelf([StockLevel("A", 1, 1, 0)], facts={"MADE": Facts(made_to_order=True)})
    decision = sold(where, {"MADE": 5, "A": 1})
    assert isinstance(decision, Reserved)
    assert [m.sku for m in decision.moves] == ["A"]


def test_a_share_of_another_channel_is_refused_with_what_is_left_for_this_one() -> None:
    share = Rule(1, Kind.SHARE, channel="amazon", sku="A", units=3)
    claims = Allocation.of([share], 0.0)
    where = Shelf([StockLevel("A", 1, 5, 0)])
    assert sold(where, {"A": 3}, claims=claims) == Refused((Shortage("A", 3, 2),), share=True)
    assert isinstance(sold(where, {"A": 2}, claims=claims), Reserved)
    amazon = decide(Ask(MoveKind.RESERVE, {"A": 3}, "amazon"), where, Rules((1,), claims=claims))
    assert isinstance(amazon, Reserved)


def test_older_orders_that_wait_are_served_before_a_newer_one() -> None:
    where = shelf(("A", 1, 3, 0), ("A", 2, 2, 0))
    where.keep_back("A", 4, (1, 2))
    assert sold(where, {"A": 2}) == Refused((Shortage("A", 2, 0),))
    assert isinstance(sold(where, {"A": 1}), Reserved)


def test_what_a_checkout_held_is_given_to_its_own_order_only() -> None:
    where = Shelf([StockLevel("A", 1, 2, 0, held=2)])
    assert isinstance(sold(where, {"A": 1}), Refused)
    own = Ask(MoveKind.RESERVE, {"A": 2}, "shop", given=[Claim("A", 1, "", 2)])
    assert isinstance(decide(own, where, Rules((1,))), Reserved)
    assert where.left("A", 1) == 0
