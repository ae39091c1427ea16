"""What the machine of the stock book found: orders on hold keep promises, and kits change while orders wait."""

from collections import Counter

from server.db.transaction import Database
from server.usecases.sales.changing import cancel_lines
from server.usecases.sales.payments import flag_fraud
from server.usecases.sales.policies import set_channel_rules
from server.usecases.sales.waiting import serve_waiting
from server.usecases.warehouse.counting import count_shelf
from server.usecases.warehouse.kits import define_kit
from tests.book import BOSS, receive, sell
from tests.goods import open_goods
from tests.paper.proof import drift
from tests.paper.seen import SeenOrder, look


def units(order: SeenOrder) -> Counter[str]:
    found = Counter[str]()
    for (sku, _, _), n in order.claims.items():
        found[sku] += n
    return found


def test_cutting_a_line_gives_back_what_the_kit_was_sold_with(db: Database) -> None:
    open_goods(db)
    define_kit(db, BOSS, "SPA", {"CANDLE": 2, "SOAP": 1})
    order = sell(db, "S-1", ("SPA", 3)).order_id
    define_kit(db, BOSS, "SPA", {"CANDLE": 1, "MUG": 1})
    cancel_lines(db, BOSS, order, {1: 2})
    assert units(look(db).orders[order]) == {"CANDLE": 2, "SOAP": 1}
    drift(db)


def test_an_order_that_waited_for_a_kit_is_packed_by_the_definition_it_was_served_with(db: Database) -> None:
    open_goods(db)
    define_kit(db, BOSS, "SPA", {"CANDLE": 20, "SOAP": 1})
    set_channel_rules(db, BOSS, "shop", {"path": ["backorder"], "backorder": True})
    order = sell(db, "S-1", ("SPA", 1)).order_id
    define_kit(db, BOSS, "SPA", {"CANDLE": 1, "MUG": 1})
    receive(db, "CANDLE", "EAST", 20)
    while serve_waiting(db):
        pass
    served = look(db).orders[order]
    assert (served.status, units(served)) == ("ready", {"CANDLE": 1, "MUG": 1})
    assert served.lines == [("SPA", 1, 2)]


def test_an_unpaid_order_has_its_units_again_when_the_suspicion_is_gone(db: Database) -> None:
    open_goods(db)
    order = sell(db, "S-1", ("CANDLE", 2), paid=False).order_id
    flag_fraud(db, BOSS, order, True)
    assert not look(db).orders[order].claims
    flag_fraud(db, BOSS, order, False)
    held = look(db).orders[order]
    assert (held.status, held.because, units(held)) == ("on_hold", "unpaid", {"CANDLE": 2})


def test_an_unpaid_order_whose_shelf_was_empty_goes_its_path_like_any_other(db: Database) -> None:
    open_goods(db)
    order = sell(db, "S-1", ("MUG", 3), paid=False).order_id
    receive(db, "MUG", "WEST", 3)
    count_shelf(db, BOSS, "MUG", "EAST", 1, reason="looked")
    moved = look(db).orders[order]
    assert (moved.status, moved.because, set(moved.claims)) == ("on_hold", "unpaid", {("MUG", "WEST", "")})
    count_shelf(db, BOSS, "MUG", "WEST", 0, reason="looked")
    lost = look(db).orders[order]
    assert (lost.status, units(lost)) == ("conflict", {})
