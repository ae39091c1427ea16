"""Kits in the book: one pool of components, versions, pre-built stock."""

import threading

import pytest

from server.db import orders, tables
from server.db.transaction import Database
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.pack_lines import pack_lines
from server.usecases.masterdata.catalogue import put_product
from server.usecases.sales.policies import set_channel_rules
from server.usecases.sales.waiting import serve_waiting
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.kit_building import build_kit, unbuild_kit
from server.usecases.warehouse.kits import define_kit, list_kits, retire_kit
from server.usecases.warehouse.receiving import receive_goods
from server.usecases.warehouse.stock_view import view_stock
from tests.book import BOSS, count_rows, receive, sell
from tests.goods import check_conserved, counters, open_goods

S = OrderStatus


@pytest.fixture
def book(db: Database) -> Database:
    """10 candles, 10 soaps and 4 mugs at EAST; SPA = 2 candles + 1 soap."""
    open_goods(db)
    define_kit(db, BOSS, "SPA", {"CANDLE": 2, "SOAP": 1})
    return db


def sellable(db: Database, sku: str) -> int:
    return int(view_stock(db, sku=sku, site="EAST")[0]["sellable"])


def shown(db: Database, order_id: int) -> list[tuple[int, str, int, str]]:
    with db.read() as connection:
        order = orders.find(connection, order_id)
        assert order is not None
        return [(line.line_no, line.sku, line.quantity, line.bin) for line in pack_lines(connection, order)]


def test_selling_one_kit_takes_its_components_from_the_common_pool(book: Database) -> None:
    count_on_hand(book, BOSS, "SPA", "EAST", 0)
    define_kit(book, BOSS, "GIFT", {"SPA": 1, "MUG": 1})
    count_on_hand(book, BOSS, "GIFT", "EAST", 0)
    assert (sellable(book, "SPA"), sellable(book, "GIFT"), sellable(book, "CANDLE")) == (5, 4, 10)
    taken = sell(book, "S-1", ("SPA", 1))
    assert taken.status == S.READY
    assert counters(book, "CANDLE")[:2] == (10, 2)
    assert counters(book, "SOAP")[:2] == (10, 1)
    assert (sellable(book, "SPA"), sellable(book, "GIFT"), sellable(book, "CANDLE")) == (4, 4, 8)


def test_a_kit_and_its_singles_race_and_never_go_below_zero(book: Database) -> None:
    sold: list[str] = []

    def buy(number: int) -> None:
        sku = "SPA" if number % 2 else "CANDLE"
        if sell(book, f"R-{number}", (sku, 1)).status == S.READY:
            sold.append(sku)

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    on_hand, reserved, _, _ = counters(book, "CANDLE")
    assert on_hand == 10
    assert reserved == 2 * sold.count("SPA") + sold.count("CANDLE") <= 10
    assert reserved >= 9, "only a kit can be refused with one candle left"
    assert counters(book, "SOAP")[1] == sold.count("SPA")


def test_the_bench_is_shown_the_components_of_each_kit_with_their_shelves(book: Database) -> None:
    taken = sell(book, "S-1", ("SPA", 2), ("CANDLE", 1), ("MUG", 1))
    assert shown(book, taken.order_id) == [
        (1, "CANDLE", 4, "A-1"),
        (2, "SOAP", 2, ""),
        (3, "CANDLE", 1, "A-1"),
        (4, "MUG", 1, ""),
    ]


def test_an_order_is_packed_by_the_version_it_was_sold_under(book: Database) -> None:
    define_kit(book, BOSS, "GIFT", {"SPA": 1})
    old = sell(book, "S-1", ("GIFT", 1))
    assert define_kit(book, BOSS, "SPA", {"CANDLE": 1}) == {"sku": "SPA", "version": 2, "changed": True}
    assert {kit["sku"]: kit["version"] for kit in list_kits(book)} == {"SPA": 2, "GIFT": 2}, "the outer one follows"
    new = sell(book, "S-2", ("GIFT", 1))
    assert [line[1:3] for line in shown(book, old.order_id)] == [("CANDLE", 2), ("SOAP", 1)]
    assert [line[1:3] for line in shown(book, new.order_id)] == [("CANDLE", 1)]
    assert count_rows(book, tables.order_line, tables.order_line.c.kit_version == 1) == 1


def test_the_same_definition_again_makes_no_version(book: Database) -> None:
    assert define_kit(book, BOSS, "SPA", {"SOAP": 1, "CANDLE": 2}) == {"sku": "SPA", "version": 1, "changed": False}


def test_a_circle_is_refused_with_its_path_and_nothing_changes(book: Database) -> None:
    define_kit(book, BOSS, "GIFT", {"SPA": 1})
    with pytest.raises(DomainError, match=r"GIFT > SPA > GIFT|SPA > GIFT > SPA"):
        define_kit(book, BOSS, "SPA", {"GIFT": 1})
    with pytest.raises(DomainError, match="SPA > NOPE"):
        define_kit(book, BOSS, "SPA", {"NOPE": 1})
    assert {kit["sku"]: kit["components"] for kit in list_kits(book)}["SPA"] == {"CANDLE": 2, "SOAP": 1}


def test_building_moves_components_to_the_kit_and_its_barcode_satisfies_the_line(book: Database) -> None:
    built = build_kit(book, BOSS, "SPA", "EAST", 2, key="b-1")
    assert build_kit(book, BOSS, "SPA", "EAST", 2, key="b-1") == built, "a repeat builds nothing"
    assert [counters(book, sku)[0] for sku in ("SPA", "CANDLE", "SOAP")] == [2, 6, 8]
    taken = sell(book, "S-1", ("SPA", 3))
    assert counters(book, "SPA")[:2] == (2, 2)
    assert counters(book, "CANDLE")[1] == 2
    assert [line[1:3] for line in shown(book, taken.order_id)] == [("SPA", 2), ("CANDLE", 2), ("SOAP", 1)]
    check_conserved(book)


def test_an_assembled_kit_is_sold_only_when_built(book: Database) -> None:
    define_kit(book, BOSS, "SPA", {"CANDLE": 2, "SOAP": 1}, assembled=True)
    assert sell(book, "S-1", ("SPA", 1)).status != S.READY
    assert counters(book, "CANDLE")[1] == 0
    build_kit(book, BOSS, "SPA", "EAST", 1)
    taken = sell(book, "S-2", ("SPA", 1))
    assert [line[1:3] for line in shown(book, taken.order_id)] == [("SPA", 1)]


def test_promised_components_cannot_be_built_in_and_nothing_is_half_done(book: Database) -> None:
    sell(book, "S-1", ("CANDLE", 9))
    with pytest.raises(DomainError, match="CANDLE: 2 wanted, 1 free") as refused:
        build_kit(book, BOSS, "SPA", "EAST", 1)
    assert refused.value.code == "short_components"
    assert counters(book, "SOAP")[0] == 10


def test_taking_apart_gives_back_what_went_in_also_after_the_definition_changed(book: Database) -> None:
    build_kit(book, BOSS, "SPA", "EAST", 2)
    define_kit(book, BOSS, "SPA", {"MUG": 1})
    unbuild_kit(book, BOSS, "SPA", "EAST", 1)
    assert [counters(book, sku)[0] for sku in ("SPA", "CANDLE", "SOAP", "MUG")] == [1, 8, 9, 4]
    sell(book, "S-1", ("SPA", 1))
    with pytest.raises(DomainError, match="0 units of SPA are free"):
        unbuild_kit(book, BOSS, "SPA", "EAST", 1)
    check_conserved(book)


def test_a_kit_of_goods_that_expire_is_kept_by_lot_and_expires_with_the_first_of_them(book: Database) -> None:
    put_product(book, BOSS, Product("CARE", "Care set"), [])
    define_kit(book, BOSS, "CARE", {"CREAM": 2, "MUG": 1})
    receive_goods(
        book, BOSS, "EAST", [Incoming("CREAM", 1, "C1", "2199-03-01"), Incoming("CREAM", 9, "C2", "2199-09-01")]
    )
    with pytest.raises(DomainError, match="keep CARE by lot"):
        build_kit(book, BOSS, "CARE", "EAST", 1)
    set_tracking(book, BOSS, "CARE", lots=True, expiry=True)
    build_kit(book, BOSS, "CARE", "EAST", 1, lot="K1")
    [node] = view_stock(book, sku="CARE")
    assert [(lot["lot"], lot["expires_on"], lot["on_hand"]) for lot in node["lots"]] == [("K1", "2199-03-01", 1)]
    with pytest.raises(DomainError, match="give them another lot"):
        build_kit(book, BOSS, "CARE", "EAST", 1, lot="K1")
    back = unbuild_kit(book, BOSS, "CARE", "EAST", 1, lot="K1")
    assert back["returned"] == [["CREAM", "C1", 1], ["CREAM", "C2", 1], ["MUG", "", 1]]
    check_conserved(book)


def test_a_retired_kit_is_a_plain_product_again(book: Database) -> None:
    define_kit(book, BOSS, "GIFT", {"SPA": 1})
    retire_kit(book, BOSS, "SPA")
    assert sell(book, "S-1", ("GIFT", 1)).status != S.READY
    count_on_hand(book, BOSS, "SPA", "EAST", 1)
    taken = sell(book, "S-2", ("GIFT", 1))
    assert [line[1:3] for line in shown(book, taken.order_id)] == [("SPA", 1)]
    with pytest.raises(DomainError, match="not_a_kit"):
        retire_kit(book, BOSS, "SPA")


@pytest.mark.parametrize("how", ["built kit", "components"])
def test_whoever_waits_for_a_kit_gets_what_comes_first_and_nobody_newer_does(book: Database, how: str) -> None:
    set_channel_rules(book, BOSS, "shop", {"path": ["backorder"], "backorder": True})
    define_kit(book, BOSS, "SPA", {"CANDLE": 1, "MUG": 2})
    count_on_hand(book, BOSS, "MUG", "EAST", 0)
    older = sell(book, "W-1", ("SPA", 1))
    assert older.status is S.WAITING
    receive(book, "SPA" if how == "built kit" else "MUG", "EAST", 1 if how == "built kit" else 2)
    assert sell(book, "W-2", ("SPA", 1)).status is S.WAITING, "it is newer"
    assert serve_waiting(book)
    t = tables.order
    assert count_rows(book, t, t.c.id == older.order_id, t.c.status == "ready") == 1
    own = (1, 1, 0, 0) if how == "built kit" else (0, 0, 0, 0)
    assert (counters(book, "SPA"), counters(book, "MUG")[1]) == (own, 0 if how == "built kit" else 2)
    assert not serve_waiting(book)
    assert count_rows(book, tables.waiting_line, tables.waiting_line.c.order_id == older.order_id) == 0
