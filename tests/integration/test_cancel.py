"""A sale is cancelled before, while and after packing: stock comes back exactly once, and channels hear of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.sales.cancel import cancel_order, cancel_webhook
from tests.book import BOSS, count_rows, incidents_of, ledger_sums, level, open_book, publish, sell, signed
from tests.floor import SOAP, Dock, Floor


def told(db: Database, sku: str) -> int:
    """The number that waits for the shop or was taken by it."""
    publish(db)
    t = tables.outbox
    with db.read() as connection:
        payload = connection.execute(select(t.c.payload).where(t.c.kind == "stock", t.c.key == sku)).scalar_one()
    return int(payload["data"]["available"])


def test_a_cancelled_order_never_opens_and_its_units_are_for_sale_again(floor: Floor) -> None:
    number = floor.order(("SOAP", 2))
    assert told(floor.db, "SOAP") == 98
    assert cancel_order(floor.db, BOSS, floor.order_id(number)).before is OrderStatus.READY
    assert (floor.stock("SOAP"), told(floor.db, "SOAP")) == ((100, 0), 100)
    with pytest.raises(DomainError) as refused:
        floor.bench("B1").open(number)
    assert refused.value.code == Reason.CANCELLED


def test_a_cancel_while_packing_stops_the_bench_and_releases_once(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    assert cancel_order(floor.db, BOSS, floor.order_id(number)).before is OrderStatus.PACKING
    assert bench.send().stop is Reason.CANCELLED
    assert floor.stock("SOAP") == (100, 0)
    assert floor.incidents("cancelled_after_packing") == []


def test_a_cancel_after_packing_is_caught_at_the_dock_and_a_person_pulls_the_box(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    label = bench.pack(number, SOAP)
    assert cancel_order(floor.db, BOSS, ("shop", "S-1")).before is OrderStatus.PACKED
    assert (floor.stock("SOAP"), floor.parcel_state(label.parcel_id)) == ((100, 1), "cancelled")
    assert len(floor.incidents("cancelled_after_packing")) == 1
    assert Dock.at(bench).scan(label.tracking).reason is Reason.CANCELLED


def test_a_cancel_after_the_truck_left_is_refused_and_a_person_hears_of_it(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    dock_parcel = bench.pack(number, SOAP).tracking
    dock = Dock.at(bench)
    dock.scan(dock_parcel)
    bench.close_load(dock.load.load_id, 1)
    for _ in range(2):
        with pytest.raises(DomainError, match="already_shipped"):
            cancel_order(floor.db, BOSS, floor.order_id(number))
    assert (floor.status(number), floor.stock("SOAP")) == ("shipped", (99, 0))
    assert len(floor.incidents("cancelled_after_packing")) == 1


def test_cancelling_twenty_times_at_once_releases_once(db: Database) -> None:
    open_book(db)
    order_id = sell(db, "S-1", ("CANDLE", 3)).order_id
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: cancel_order(db, BOSS, order_id), range(20)))
    assert sorted(a.already for a in answers) == [False, *[True] * 19]
    assert level(db) == ledger_sums(db, "CANDLE") == (10, 0)
    assert count_rows(db, tables.ledger, tables.ledger.c.kind == "release") == 1


def test_an_order_that_held_nothing_releases_nothing_and_its_incident_is_closed(db: Database) -> None:
    open_book(db, candles=1)
    taken = sell(db, "S-1", ("CANDLE", 2))
    assert cancel_order(db, BOSS, taken.order_id).before is OrderStatus.CONFLICT
    assert (level(db), incidents_of(db, "stock_conflict")) == ((1, 0), [])


def test_a_channel_cancels_with_a_signed_message_and_may_repeat_it(db: Database) -> None:
    open_book(db)
    sell(db, "S-1", ("CANDLE", 3))
    first = cancel_webhook(db, BOSS, ("shop", "S-1"), signed(b"{}", "c-1"), b"{}")
    assert first == '{"order":"1001","status":"cancelled","before":"ready"}'
    assert cancel_webhook(db, BOSS, ("shop", "S-1"), signed(b"{}", "c-1"), b"{}") == first
    assert level(db) == (10, 0)
    with pytest.raises(DomainError, match="webhook_reused"):
        cancel_webhook(db, BOSS, ("shop", "S-2"), signed(b"{}", "c-1"), b"{}")
    with pytest.raises(DomainError, match="bad_signature"):
        cancel_webhook(db, BOSS, ("shop", "S-1"), signed(b"{}", "c-2"), b"{ }")


def test_cancelling_what_does_not_exist_is_not_found(db: Database) -> None:
    open_book(db)
    for ref in (77, ("shop", "S-77"), ("shop", "x\x00"), ("nope", "S-1")):
        with pytest.raises(DomainError, match="not_found"):
            cancel_order(db, BOSS, ref)
