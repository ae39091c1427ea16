"""Goods between EAST and WEST."""

import pytest

from server.db.transaction import Database
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.warehouse.transfers import Key
from server.usecases.warehouse.receiving import receive_goods
from server.usecases.warehouse.stock_view import view_stock
from server.usecases.warehouse.transfers import (
    cancel_transfer,
    close_transfer,
    depart,
    list_transfers,
    plan_transfer,
    scan_in,
    scan_out,
    show_transfer,
)
from tests.book import BOSS, incidents_of, sell
from tests.goods import check_conserved, counters, open_goods

A = Key("CANDLE")


@pytest.fixture
def book(db: Database) -> Database:
    open_goods(db)
    return db


def planned(db: Database, units: int = 6) -> int:
    return int(plan_transfer(db, BOSS, "EAST", "WEST", {A: units})["transfer"])


def test_units_on_their_way_are_at_neither_site_and_cannot_be_sold(book: Database) -> None:
    number = planned(book)
    assert counters(book, "CANDLE") == (10, 0, 0, 0), "a plan sets nothing aside"
    scan_out(book, BOSS, number, A, 6)
    assert counters(book, "CANDLE") == (4, 0, 0, 0)
    assert counters(book, "CANDLE", "WEST") == (0, 0, 0, 6)
    assert sum(node["sellable"] for node in view_stock(book, sku="CANDLE")) == 4
    assert sell(book, "S-1", ("CANDLE", 5)).status != OrderStatus.READY
    check_conserved(book)


def test_what_is_scanned_in_is_sold_at_once_and_what_does_not_come_is_lost_on_record(book: Database) -> None:
    number = planned(book)
    scan_out(book, BOSS, number, A, 6)
    depart(book, BOSS, number)
    scan_in(book, BOSS, number, A, 4)
    assert counters(book, "CANDLE", "WEST") == (4, 0, 0, 2)
    done = close_transfer(book, BOSS, number)
    assert done["state"] == "closed"
    assert done["lines"][0] | {"planned": 6} == {
        "sku": "CANDLE", "lot": "", "planned": 6, "dispatched": 6, "received": 4, "lost": 2, "found": 0, "in_transit": 0
    }  # fmt: skip
    assert counters(book, "CANDLE", "WEST") == (4, 0, 0, 0)
    assert incidents_of(book, "transfer_difference") == [f"transfer {number}: did not come: 2 of CANDLE"]
    check_conserved(book)


def test_a_lost_box_that_comes_late_makes_good_the_loss(book: Database) -> None:
    number = planned(book)
    scan_out(book, BOSS, number, A, 6)
    depart(book, BOSS, number)
    close_transfer(book, BOSS, number)
    late = scan_in(book, BOSS, number, A, 6)
    assert (late["lines"][0]["lost"], late["lines"][0]["received"]) == (0, 6)
    assert counters(book, "CANDLE", "WEST") == (6, 0, 0, 0)
    check_conserved(book)


def test_more_than_was_scanned_out_is_found_and_somebody_hears_of_it(book: Database) -> None:
    number = planned(book)
    scan_out(book, BOSS, number, A, 2)
    depart(book, BOSS, number)
    scan_in(book, BOSS, number, A, 3)
    assert counters(book, "CANDLE", "WEST") == (3, 0, 0, 0)
    assert "1 units of CANDLE came and nobody had scanned them out" in incidents_of(book, "transfer_difference")[0]
    check_conserved(book)


def test_promised_units_do_not_go_onto_the_truck(book: Database) -> None:
    sell(book, "S-1", ("CANDLE", 7))
    number = planned(book)
    with pytest.raises(DomainError, match="3 units of CANDLE are free there, 7 are promised, found 6"):
        scan_out(book, BOSS, number, A, 6)
    assert show_transfer(book, number)["state"] == "planned"


def test_a_scan_sent_twice_counts_once(book: Database) -> None:
    number = planned(book)
    first = scan_out(book, BOSS, number, A, 2, request="x-1")
    assert scan_out(book, BOSS, number, A, 2, request="x-1") == first
    assert counters(book, "CANDLE", "WEST")[3] == 2


def test_a_lot_travels_with_its_date(book: Database) -> None:
    receive_goods(book, BOSS, "EAST", [Incoming("CREAM", 3, "L1", "2199-01-31")])
    number = int(plan_transfer(book, BOSS, "EAST", "WEST", {Key("CREAM"): 3})["transfer"])
    with pytest.raises(DomainError, match="need_lot"):
        scan_out(book, BOSS, number, Key("CREAM"), 1)
    scan_out(book, BOSS, number, Key("CREAM", "L1"), 3)
    scan_in(book, BOSS, number, Key("CREAM", "L1"), 3)
    west = next(node for node in view_stock(book, sku="CREAM") if node["site"] == "WEST")
    assert [(lot["lot"], lot["expires_on"], lot["on_hand"]) for lot in west["lots"]] == [("L1", "2199-01-31", 3)]


def test_a_plan_is_listed_until_it_is_over(book: Database) -> None:
    number, other = planned(book), planned(book)
    cancel_transfer(book, BOSS, number)
    assert [each["transfer"] for each in list_transfers(book)] == [other]
    assert len(list_transfers(book, open_only=False)) == 2
    with pytest.raises(DomainError, match="illegal_transition"):
        scan_out(book, BOSS, number, A, 1)
    with pytest.raises(DomainError, match="there is no transfer 999"):
        show_transfer(book, 999)
