"""Money and fraud: an order reaches a bench only while its money is there and nobody suspects it."""

import json
import time

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.sales.payments import PaymentEvent, PaymentEventKind
from server.usecases.sales.payments import flag_fraud, fraud_webhook, payment_event, payment_webhook
from tests.book import BOSS, count_rows, incidents_of, ledger_sums, level, open_book, sell, signed
from tests.floor import SOAP, Dock, Floor

PAID, FAILED, REVERSED = (PaymentEvent(kind) for kind in PaymentEventKind)
S = OrderStatus


def told(db: Database, order_id: str, event: dict[str, object], message_id: str = "m-1", what: str = "payment") -> str:
    body = json.dumps(event).encode()
    webhook = payment_webhook if what == "payment" else fraud_webhook
    return str(json.loads(webhook(db, BOSS, ("shop", order_id), signed(body, message_id), body))["status"])


def test_an_unpaid_and_a_part_paid_order_wait_with_their_units_and_go_on_when_all_of_it_has_come(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 2), paid=False, amount_due=1000)
    assert (taken.status, taken.reason) == (S.ON_HOLD, "unpaid")
    assert told(db, "S-1", {"event": "paid", "amount": 400}, "m-1") == "on_hold"
    assert level(db) == (10, 2)
    began = time.monotonic()
    assert told(db, "S-1", {"event": "paid", "amount": 600}, "m-2") == "ready"
    assert time.monotonic() - began < 5
    assert level(db) == ledger_sums(db, "CANDLE") == (10, 2)


def test_the_same_message_pays_once(db: Database) -> None:
    open_book(db)
    sell(db, "S-1", ("CANDLE", 2), paid=False, amount_due=1000)
    for _ in range(3):
        assert told(db, "S-1", {"event": "paid", "amount": 400}, "m-1") == "on_hold"
    with db.read() as connection:
        assert connection.execute(select(tables.order.c.amount_paid)).scalar_one() == 400


def test_a_failed_payment_gives_the_units_back_and_money_after_it_takes_them_again(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 2))
    assert payment_event(db, BOSS, taken.order_id, REVERSED) == "on_hold"
    assert (level(db), incidents_of(db, "payment")) == (
        (10, 0),
        ["order 1001: payment failed; it is off the queue and its units are for sale again"],
    )
    assert payment_event(db, BOSS, taken.order_id, PAID) == "ready"
    assert (level(db), incidents_of(db, "payment")) == ((10, 2), [])


def test_a_fraud_flag_takes_the_order_off_its_bench_within_five_seconds_and_releases_its_units(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    began = time.monotonic()
    assert flag_fraud(floor.db, BOSS, floor.order_id(number), True, "stolen card") == "on_hold"
    assert bench.send().stop is Reason.ON_HOLD
    assert time.monotonic() - began < 5
    assert (floor.stock("SOAP"), len(floor.incidents("fraud"))) == ((100, 0), 1)
    with pytest.raises(DomainError) as refused:
        floor.bench("B2").open(number)
    assert refused.value.code == Reason.ON_HOLD
    assert flag_fraud(floor.db, BOSS, floor.order_id(number), False) == "ready"
    assert (floor.stock("SOAP"), floor.incidents("fraud")) == ((100, 2), [])


def test_a_fraud_flag_after_the_label_stops_the_parcel_at_the_dock_until_it_is_cleared(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    label = bench.pack(number, SOAP)
    assert flag_fraud(floor.db, BOSS, floor.order_id(number), True) == "packed"
    assert (floor.parcel_state(label.parcel_id), floor.stock("SOAP")) == ("blocked", (100, 1))
    assert Dock.at(bench).scan(label.tracking).reason is not Reason.OK
    flag_fraud(floor.db, BOSS, floor.order_id(number), False)
    assert (floor.parcel_state(label.parcel_id), floor.incidents("fraud")) == ("ready", [])
    assert Dock.at(bench).scan(label.tracking).reason is Reason.OK


def test_a_waiting_order_under_suspicion_leaves_the_queue(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 2))
    assert told(db, "S-1", {"flag": True}, what="fraud") == "on_hold"
    assert (level(db), count_rows(db, tables.waiting_line)) == ((10, 0), 0)
    assert taken.status is S.READY


@pytest.mark.parametrize(
    ("event", "why"),
    [({"event": "wish"}, "Invalid enum value"), ({"event": "paid", "sum": 4}, "unknown field"), ({}, "missing")],
)
def test_a_message_that_cannot_be_read_says_why(sqlite_db: Database, event: dict[str, object], why: str) -> None:
    open_book(sqlite_db)
    sell(sqlite_db, "S-1", ("CANDLE", 2))
    with pytest.raises(DomainError) as refused:
        told(sqlite_db, "S-1", event)
    assert refused.value.code == "malformed"
    assert why in refused.value.detail


def test_an_amount_that_cannot_be_meant_is_refused(sqlite_db: Database) -> None:
    open_book(sqlite_db)
    sell(sqlite_db, "S-1", ("CANDLE", 2))
    with pytest.raises(DomainError, match="amount: expected 1 to 2000000000 minor units, found -4"):
        told(sqlite_db, "S-1", {"event": "paid", "amount": -4})
