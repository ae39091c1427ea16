"""What the machine of the stock book found: orders on hold keep promises, and kits change while orders wait."""

from collections import Counter

import pytest

from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.domain.sales.substitution import Approval
from server.usecases.masterdata.catalogue import put_product
from server.usecases.picks.short_pick import Found, short_of_order
from server.usecases.routes.overriding import override
from server.usecases.sales.changing import cancel_lines
from server.usecases.sales.payments import flag_fraud
from server.usecases.sales.policies import add_matrix_rule, set_channel_rules
from server.usecases.sales.substituting import approve_substitute
from server.usecases.sales.till import TillLine, TillSale, take_sale
from server.usecases.sales.waiting import serve_waiting
from server.usecases.sharing.allocation import put_plan
from server.usecases.sharing.allocation_plans import read_plan_file
from server.usecases.warehouse.counting import count_shelf
from server.usecases.warehouse.kits import define_kit
from tests.book import BOSS, open_book, publish, receive, sell
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


def test_a_kit_put_in_the_box_instead_is_packed_by_what_it_was_taken_for(db: Database) -> None:
    open_goods(db)
    define_kit(db, BOSS, "SPA", {"CANDLE": 2, "SOAP": 1})
    add_matrix_rule(db, BOSS, "*", "*", Approval.ASK)
    order = sell(db, "S-1", ("MUG", 1)).order_id
    approve_substitute(db, BOSS, order, 1, "SPA", supervisor="Ben")
    swapped = look(db).orders[order]
    assert (swapped.lines, units(swapped)) == ([("SPA", 1, 1)], {"CANDLE": 2, "SOAP": 1})


def test_an_order_that_is_served_anew_is_packed_by_the_kit_as_it_is_then(db: Database) -> None:
    open_goods(db)
    for sku in ("CANDLE", "SOAP", "MUG"):
        receive(db, sku, "WEST", 5)
    define_kit(db, BOSS, "SPA", {"CANDLE": 2, "SOAP": 1})
    short, sent = (sell(db, f"S-{n}", ("SPA", 1)).order_id for n in (1, 2))
    define_kit(db, BOSS, "SPA", {"CANDLE": 1, "MUG": 1})
    override(db, BOSS, [Role.SUPERVISOR], sent, "WEST", "nearer")
    short_of_order(db, BOSS, short, Found("SOAP", 0))
    seen = look(db).orders
    for order in (short, sent):
        assert (seen[order].lines, units(seen[order])) == ([("SPA", 1, 2)], {"CANDLE": 1, "MUG": 1})
    drift(db)


def test_a_waiting_order_that_gets_a_substitute_waits_for_nothing_more(db: Database) -> None:
    open_goods(db)
    set_channel_rules(db, BOSS, "shop", {"path": ["backorder"], "backorder": True})
    add_matrix_rule(db, BOSS, "*", "*", Approval.ASK)
    order = sell(db, "S-1", ("MUG", 5)).order_id
    assert look(db).orders[order].waits == {"MUG": 5}
    approve_substitute(db, BOSS, order, 1, "SOAP", supervisor="Ben")
    swapped = look(db).orders[order]
    assert (swapped.status, units(swapped), swapped.waits) == ("ready", {"SOAP": 5}, {})
    assert sell(db, "S-2", ("MUG", 4)).status == "ready"


@pytest.mark.parametrize("trouble", ["fraud", "unknown_sku"])
def test_a_substitute_takes_no_units_for_an_order_that_may_not_have_any(db: Database, trouble: str) -> None:
    open_goods(db)
    add_matrix_rule(db, BOSS, "*", "*", Approval.ASK)
    more = [("NOPE", 1)] if trouble == "unknown_sku" else []
    order = sell(db, "S-1", ("MUG", 1), *more, fraud=trouble == "fraud").order_id
    approve_substitute(db, BOSS, order, 1, "SOAP", supervisor="Ben")
    held = look(db).orders[order]
    assert (held.status, held.because, units(held)) == ("on_hold", trouble, {})


def test_what_a_till_sold_counts_against_the_share_of_its_channel(db: Database) -> None:
    open_book(db, candles=10, channels=2)
    share = '[[plan]]\nsku = "CANDLE"\n[plan.channels.shop]\nshare = "40 %"\n'
    put_plan(db, BOSS, read_plan_file(share.encode()))
    take_sale(db, BOSS, "shop", TillSale("T-1", "EAST", [TillLine("CANDLE", 4)]))
    assert sell(db, "S-1", ("CANDLE", 1)).status == "conflict"
    assert sell(db, "S-2", ("CANDLE", 6), channel="shop2").status == "ready"
    drift(db)


def test_a_channel_that_may_oversell_is_told_so_many_kits_as_their_components_allow(db: Database) -> None:
    open_book(db, candles=10, url="http://127.0.0.1:9")
    put_product(db, BOSS, Product("SPA", "Spa box"), [])
    define_kit(db, BOSS, "SPA", {"CANDLE": 2})
    set_channel_rules(db, BOSS, "shop", {"oversell": 4})
    publish(db)
    told = look(db).told
    assert (told["shop", "CANDLE"], told["shop", "SPA"]) == (14, 7)
