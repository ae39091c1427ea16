"""Goods come in from suppliers and back from buyers."""

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.usecases.masterdata.catalogue import put_product
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.receiving import advise, receive_goods, take_back
from server.usecases.warehouse.stock_view import set_safety, view_stock
from server.usecases.warehouse.writing_off import write_off
from tests.book import BOSS, count_rows, incidents_of, sell
from tests.goods import check_conserved, counters, open_goods
from tests.shipping import ship

S = OrderStatus


@pytest.fixture
def book(db: Database) -> Database:
    open_goods(db)
    return db


def test_a_delivery_is_for_sale_the_moment_it_is_scanned(book: Database) -> None:
    receive_goods(book, BOSS, "WEST", [Incoming("MUG", 5), Incoming("CREAM", 3, "L1", "2199-01-31")], ref="PO-7")
    assert counters(book, "MUG", "WEST")[0] == 5
    assert counters(book, "CREAM", "WEST", "L1")[0] == 3
    assert sell(book, "S-1", ("CREAM", 3)).status == S.READY


def test_the_same_receipt_sent_again_has_one_effect_and_one_answer(book: Database) -> None:
    first = receive_goods(book, BOSS, "EAST", [Incoming("MUG", 5)], key="scan-1")
    assert receive_goods(book, BOSS, "EAST", [Incoming("MUG", 5)], key="scan-1") == first
    assert counters(book, "MUG")[0] == 9
    with pytest.raises(DomainError, match="key_reused"):
        receive_goods(book, BOSS, "EAST", [Incoming("MUG", 6)], key="scan-1")


def test_one_wrong_line_books_nothing_of_the_delivery(book: Database) -> None:
    with pytest.raises(DomainError, match="need_lot"):
        receive_goods(book, BOSS, "EAST", [Incoming("MUG", 5), Incoming("CREAM", 1)])
    with pytest.raises(DomainError, match="unknown_sku"):
        receive_goods(book, BOSS, "EAST", [Incoming("MUG", 5), Incoming("NOPE", 1)])
    assert counters(book, "MUG")[0] == 4
    assert count_rows(book, tables.goods_request) == 0


def test_lots_leave_first_expired_first(book: Database) -> None:
    receive_goods(
        book, BOSS, "EAST", [Incoming("CREAM", 5, "LATE", "2199-12-31"), Incoming("CREAM", 2, "SOON", "2199-01-31")]
    )
    sell(book, "S-1", ("CREAM", 3))
    assert counters(book, "CREAM", lot="SOON")[1] == 2
    assert counters(book, "CREAM", lot="LATE")[1] == 1


def test_a_known_lot_keeps_its_date_at_every_site(book: Database) -> None:
    receive_goods(book, BOSS, "EAST", [Incoming("CREAM", 1, "L1", "2199-01-31")])
    receive_goods(book, BOSS, "WEST", [Incoming("CREAM", 1, "L1")])
    with pytest.raises(DomainError, match="expires on 2199-01-31 in the book"):
        receive_goods(book, BOSS, "WEST", [Incoming("CREAM", 1, "L1", "2199-02-01")])
    assert {lot["expires_on"] for node in view_stock(book, sku="CREAM") for lot in node["lots"]} == {"2199-01-31"}


def test_a_serial_number_is_in_the_house_once(book: Database) -> None:
    put_product(book, BOSS, Product("LAMP", "Lamp"), [])
    set_tracking(book, BOSS, "LAMP", lots=False, serials=True)
    receive_goods(book, BOSS, "EAST", [Incoming("LAMP", 2, serials=("A1", "A2"))])
    with pytest.raises(DomainError, match="duplicate_serial"):
        receive_goods(book, BOSS, "WEST", [Incoming("LAMP", 1, serials=("A2",))])
    write_off(book, BOSS, "LAMP", "EAST", 1, reason="broken", serials=["A2"])
    with pytest.raises(DomainError, match="no unit of LAMP with the serial number A2"):
        write_off(book, BOSS, "LAMP", "EAST", 1, reason="broken", serials=["A2"])
    with book.read() as connection:
        u = tables.serial_unit
        states = {row.serial: row.state for row in connection.execute(select(u.c.serial, u.c.state))}
    assert states == {"A1": "in_stock", "A2": "written_off"}


def test_what_was_advised_is_counted_down_by_its_receipts(book: Database) -> None:
    advise(book, BOSS, "PO-7", "EAST", {"MUG": 10}, expected_at=2e9)
    receive_goods(book, BOSS, "EAST", [Incoming("MUG", 4)], ref="PO-7")
    advise(book, BOSS, "PO-7", "EAST", {"MUG": 12}, expected_at=2e9)
    with book.read() as connection:
        row = connection.execute(select(tables.inbound)).one()
    assert (row.quantity, row.received) == (12, 4)


def test_a_return_never_brings_more_than_the_order_sent(book: Database) -> None:
    taken = sell(book, "S-1", ("CANDLE", 2))
    with pytest.raises(DomainError, match="sent 0 units of CANDLE"):
        take_back(book, BOSS, "EAST", [Incoming("CANDLE", 1)], order_id=taken.order_id, reason="too early")
    ship(book, taken.order_id)
    take_back(book, BOSS, "WEST", [Incoming("CANDLE", 1)], order_id=taken.order_id, reason="wrong colour")
    with pytest.raises(DomainError, match="not_shipped"):
        take_back(book, BOSS, "WEST", [Incoming("CANDLE", 2)], order_id=taken.order_id, reason="wrong colour")
    assert counters(book, "CANDLE", "WEST")[0] == 1
    assert counters(book, "CANDLE")[:2] == (8, 0)
    check_conserved(book)


def test_damage_to_promised_units_releases_by_policy_and_says_so(book: Database) -> None:
    first, last = sell(book, "S-1", ("CANDLE", 5)), sell(book, "S-2", ("CANDLE", 5))
    gone = write_off(book, BOSS, "CANDLE", "EAST", 3, reason="a pallet fell")
    assert gone == {"units": 3, "released": [f"order {last.order}"], "uncovered": 0}
    assert counters(book, "CANDLE")[:2] == (7, 5)
    [cause] = incidents_of(book, "stock_shortfall")
    assert "3 promised units of CANDLE at EAST are not there (a pallet fell)" in cause
    assert last.order in cause
    assert first.order not in cause
    with pytest.raises(DomainError, match="at most the 7 units"):
        write_off(book, BOSS, "CANDLE", "EAST", 8, reason="more")
    check_conserved(book)


def test_an_order_that_gave_way_is_served_from_another_lot_or_site_at_once(book: Database) -> None:
    receive_goods(book, BOSS, "WEST", [Incoming("CANDLE", 5)])
    taken = sell(book, "S-1", ("CANDLE", 5))
    write_off(book, BOSS, "CANDLE", "EAST", 9, reason="flood")
    assert counters(book, "CANDLE")[:2] == (1, 0)
    assert counters(book, "CANDLE", "WEST")[:2] == (5, 5)
    with book.read() as connection:
        o = tables.order
        assert connection.execute(select(o.c.status).where(o.c.id == taken.order_id)).scalar() == S.READY


def test_the_view_shows_each_node_with_what_may_be_sold_there(book: Database) -> None:
    receive_goods(book, BOSS, "WEST", [Incoming("CANDLE", 3)])
    set_safety(book, BOSS, "CANDLE", "WEST", 4)
    sell(book, "S-1", ("CANDLE", 2))
    east, west = view_stock(book, sku="CANDLE")
    assert (east["site"], east["on_hand"], east["reserved"], east["available"]) == ("EAST", 10, 2, 8)
    assert (west["on_hand"], west["safety"], west["below_safety"], east["below_safety"]) == (3, 4, True, False)


def test_an_expired_lot_is_there_and_not_sellable(book: Database) -> None:
    receive_goods(book, BOSS, "EAST", [Incoming("CREAM", 2, "L1", "2199-01-31")])
    later = Database(book.engine, now=lambda: 7.3e9)
    [node] = view_stock(later, sku="CREAM")
    assert (node["on_hand"], node["available"], node["expired"], node["sellable"]) == (2, 2, 2, 0)
