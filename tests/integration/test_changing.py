"""Less of a line, or another address, at every moment of an order; and the supervisor who opens a box."""

import json
from dataclasses import asdict

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.trade.orders import ShipTo
from server.usecases.benchwork.unpacking import unpack
from server.usecases.sales.changing import address_webhook, cancel_lines, change_address, lines_webhook
from server.usecases.sales.policies import set_channel_rules
from server.usecases.sales.waiting import serve_waiting
from tests.book import BOSS, count_rows, incidents_of, ledger_sums, level, open_book, sell, signed
from tests.floor import BRUSH, SOAP, Dock, Floor

NEW = ShipTo(name="Zoe Quill", lines=("9 Other Road",), city="Portland", postcode="04101", country="US")


def test_only_what_is_cancelled_of_a_line_is_released(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 5), ("SOAP", 1))
    assert cancel_lines(db, BOSS, taken.order_id, {1: 2}) == "ready"
    assert (level(db), level(db, "SOAP")) == ((10, 3), (10, 1))
    assert cancel_lines(db, BOSS, taken.order_id, {1: 3}) == "ready"
    assert (level(db), ledger_sums(db, "CANDLE")) == ((10, 0), (10, 0))


def test_an_order_of_which_nothing_is_left_is_cancelled(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 5), ("SOAP", 1))
    assert cancel_lines(db, BOSS, taken.order_id, {1: 5, 2: 1}) == "cancelled"
    assert (level(db), level(db, "SOAP")) == ((10, 0), (10, 0))


def test_a_channel_cancels_by_its_own_line_id_and_the_same_message_cuts_once(db: Database) -> None:
    open_book(db)
    sell(db, "S-1", ("CANDLE", 5), ("SOAP", 2))
    body = json.dumps({"lines": {"2": 1}}).encode()
    for _ in range(2):
        lines_webhook(db, BOSS, ("shop", "S-1"), signed(body, "m-1"), body)
    assert (level(db), level(db, "SOAP")) == ((10, 5), (10, 1))
    wrong = json.dumps({"lines": {"77": 1}}).encode()
    with pytest.raises(DomainError, match="order 1001 has no line '77'"):
        lines_webhook(db, BOSS, ("shop", "S-1"), signed(wrong, "m-2"), wrong)


def test_more_than_there_is_cannot_be_cancelled(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 5))
    with pytest.raises(DomainError, match="line 1: expected 1 to 5 units, found 6"):
        cancel_lines(db, BOSS, taken.order_id, {1: 6})
    assert level(db) == (10, 5)


def test_a_bench_that_packs_it_stops_and_packs_what_is_left(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 2), ("BRUSH", 1)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    assert cancel_lines(floor.db, BOSS, floor.order_id(number), {1: 1}) == "ready"
    assert bench.send().stop is Reason.CHANGED
    again = floor.bench("B2")
    assert [(line.sku, line.quantity) for line in again.open(number).order.lines] == [("SOAP", 1), ("BRUSH", 1)]
    assert floor.stock("SOAP") == (100, 1)


def test_a_packed_order_is_not_cut_and_a_person_hears_of_it(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1), ("BRUSH", 1)), floor.bench("B1")
    bench.pack(number, SOAP, BRUSH)
    with pytest.raises(DomainError) as refused:
        cancel_lines(floor.db, BOSS, floor.order_id(number), {1: 1})
    assert refused.value.code == "already_packed"
    assert (floor.stock("SOAP"), len(floor.incidents("order_changed"))) == ((100, 1), 1)
    unpack(floor.db, BOSS, floor.order_id(number), "the buyer wants less")
    assert cancel_lines(floor.db, BOSS, floor.order_id(number), {1: 1}) == "ready"
    assert (floor.stock("SOAP"), floor.stock("BRUSH")) == ((100, 0), (100, 1))


def test_a_waiting_order_that_wants_less_is_served_when_the_rest_is_there(db: Database) -> None:
    open_book(db, candles=3)
    set_channel_rules(db, BOSS, "shop", {"backorder": True})
    taken = sell(db, "S-1", ("CANDLE", 5))
    assert taken.status == "waiting"
    assert cancel_lines(db, BOSS, taken.order_id, {1: 2}) == "ready"
    assert (level(db), count_rows(db, tables.waiting_line)) == ((3, 3), 0)
    assert not serve_waiting(db)


def test_a_change_of_address_before_the_label_is_on_the_label(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    assert change_address(floor.db, BOSS, floor.order_id(number), NEW) == "packing"
    assert bench.buy().label.ship_to.lines == ("9 Other Road",)
    assert floor.incidents("order_changed") == []


def test_a_change_of_address_after_the_label_blocks_the_parcel_and_opens_an_exception(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    label = bench.pack(number, SOAP)
    change_address(floor.db, BOSS, floor.order_id(number), NEW)
    [cause] = floor.incidents("order_changed")
    assert f"void {label.tracking} (parcel {label.parcel_id})" in cause
    assert "Other Road" not in cause
    assert Dock.at(bench).scan(label.tracking).reason is not Reason.OK
    unpack(floor.db, BOSS, floor.order_id(number), "another address")
    fresh = bench.pack(number, SOAP)
    assert fresh.tracking != label.tracking
    assert fresh.label.ship_to.lines == ("9 Other Road",)
    assert Dock.at(bench).scan(fresh.tracking).reason is Reason.OK
    assert floor.stock("SOAP") == (100, 1)


def test_a_label_in_the_packers_hand_is_not_used_after_a_change_of_address(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    bench.buy()
    assert change_address(floor.db, BOSS, floor.order_id(number), NEW) == "on_hold"
    assert bench.send().stop is Reason.CHANGED
    with pytest.raises(DomainError) as refused:
        floor.bench("B2").open(number)
    assert refused.value.code == Reason.ON_HOLD
    unpack(floor.db, BOSS, floor.order_id(number), "another address")
    assert floor.status(number) == "ready"


def test_a_better_address_frees_an_order_that_had_none(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 1), ship_to={})
    assert (taken.reason, level(db)) == ("no_name", (10, 1))
    body = json.dumps(asdict(NEW)).encode()
    assert json.loads(address_webhook(db, BOSS, ("shop", "S-1"), signed(body, "m-1"), body))["status"] == "ready"
    assert (level(db), incidents_of(db, "bad_order")) == ((10, 1), [])


def test_an_order_that_has_left_keeps_its_address_and_a_person_hears_of_it(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    tracking = bench.pack(number, SOAP).tracking
    dock = Dock.at(bench)
    dock.scan(tracking)
    bench.close_load(dock.load.load_id, 1)
    with pytest.raises(DomainError) as refused:
        change_address(floor.db, BOSS, floor.order_id(number), NEW)
    assert refused.value.code == "already_shipped"
    assert len(floor.incidents("order_changed")) == 1
    with floor.db.read() as connection:
        kept = connection.execute(select(tables.recipient.c.address)).scalar_one()
    assert kept["lines"] == ["7 Hidden Lane"]


def test_there_is_no_box_to_open_before_it_is_packed(floor: Floor) -> None:
    number = floor.order(("SOAP", 1))
    with pytest.raises(DomainError, match="is ready: there is no box to open"):
        unpack(floor.db, BOSS, floor.order_id(number), "curious")
    with pytest.raises(DomainError, match="expected why"):
        unpack(floor.db, BOSS, floor.order_id(number), " ")
