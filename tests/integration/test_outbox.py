"""What happened is told to the channels: the newest number, in order, for as long as it takes."""

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from server.calls.troubles import Away
from server.db import tables
from server.db.transaction import Database, transaction
from server.trade.words import Answer, failed
from server.usecases.outward import outbox
from server.usecases.starting.sites import add_channel, change_channel
from server.usecases.talking.telling import backoff
from server.usecases.warehouse.counting import count_on_hand
from server.worker import Worker
from tests import telling
from tests.book import (
    BOSS,
    SECRET,
    Shop,
    all_told,
    count_rows,
    incidents_of,
    open_book,
    publish,
    sell,
    until,
)
from tests.floor import SOAP, Dock, Floor
from tests.working import working


def all_sent(db: Database) -> Callable[[], bool]:
    return lambda: all_told(db)


def hasten(db: Database) -> bool:
    """Let no test wait for a backoff."""
    t = tables.outbox
    with db.engine.begin() as connection:
        free = connection.execute(select(t.c.id).with_for_update(skip_locked=True)).scalars().all()
        connection.execute(update(t).where(t.c.id.in_(free)).values(next_at=0))
    return False


def test_a_sale_is_told_to_every_channel_within_moments(db: Database, shop: Shop) -> None:
    open_book(db, channels=3, url=shop.url)
    with working(db):
        until(all_sent(db), "the opening stock is told")
        sold_at = time.monotonic()
        sell(db, "S-1", ("CANDLE", 3))
        until(lambda: all(shop.number("CANDLE", f"/{n}") == 7 for n in (1, 2, 3)), "three shops show 7")
        assert time.monotonic() - sold_at < 5
        until(all_sent(db), "all is marked as sent")


def test_a_shop_that_fails_is_asked_again_and_each_attempt_is_written_down(db: Database, shop: Shop) -> None:
    answers = iter([500, 302, 404])
    shop.answer = lambda _path, _body: next(answers, 204)
    open_book(db)
    publish(db)
    with transaction(db, BOSS, "test") as tx:
        tx.connection.execute(
            update(tables.channel).values(settings={"secret": SECRET, "webhook_url": f"{shop.url}/1"})
        )
    sell(db, "S-1", ("CANDLE", 4))
    with working(db):
        for tries in (1, 2, 3):
            until(lambda n=tries: count_rows(db, tables.delivery) >= n, f"try {tries}")  # type: ignore[misc]
            hasten(db)
        until(all_sent(db), "it is sent")
    t = tables.delivery
    with db.read() as connection:
        rows = connection.execute(select(t).order_by(t.c.id)).all()
        cause = connection.execute(select(tables.ledger).where(tables.ledger.c.id == rows[-1].caused_by)).one()
    assert [(row.ok, row.answer) for row in rows] == [(False, "500"), (False, "302"), (False, "404"), (True, "204")]
    assert {(row.before, row.after, row.destination) for row in rows} == {("", "6", f"{shop.url}/1")}
    assert (cause.kind, cause.actor) == ("reserve", "the boss")
    assert len({message_id for _, message_id, _ in shop.tries}) == 1
    assert len({str(body) for _, _, body in shop.tries}) == 1


def test_the_next_delivery_names_what_the_channel_had_before(db: Database, shop: Shop) -> None:
    open_book(db, url=shop.url)
    with working(db):
        until(all_sent(db), "the opening stock is told")
        sell(db, "S-1", ("CANDLE", 4))
        until(lambda: shop.number("CANDLE") == 6, "the shop shows 6")
        until(all_sent(db), "all is marked as sent")
    t = tables.delivery
    with db.read() as connection:
        last = connection.execute(select(t).where(t.c.key == "CANDLE").order_by(t.c.id.desc()).limit(1)).one()
    assert (last.before, last.after) == ("10", "6")


def test_numbers_of_one_product_never_overtake_each_other(db: Database, shop: Shop) -> None:
    open_book(db, candles=100, url=shop.url)
    at_once, most, lock = 0, 0, threading.Lock()

    def slow(_path: str, body: dict[str, Any]) -> int:
        nonlocal at_once, most
        if body["data"].get("sku") != "CANDLE":
            return 200
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return 200

    shop.answer = slow
    with working(db), working(db):
        for n in range(30):
            sell(db, f"S-{n}", ("CANDLE", 1))
        until(all_sent(db), "all is sent")
    candles = [body["data"] for _, _, body in shop.got if body["data"]["sku"] == "CANDLE"]
    assert candles[-1]["available"] == 70
    assert [c["version"] for c in candles] == sorted({c["version"] for c in candles})
    assert most == 1


def test_a_number_that_changed_while_it_was_being_told_is_told_again(db: Database, shop: Shop) -> None:
    open_book(db, url=shop.url)
    with working(db):
        until(all_sent(db), "the opening stock is told")
        arrived, go_on = threading.Event(), threading.Event()

        def held(_path: str, body: dict[str, Any]) -> int:
            if body["data"]["available"] == 9:
                arrived.set()
                assert go_on.wait(10)
            return 200

        shop.answer = held
        sell(db, "S-1", ("CANDLE", 1))
        assert arrived.wait(10)
        sell(db, "S-2", ("CANDLE", 1))
        go_on.set()
        until(lambda: shop.number("CANDLE") == 8, "the shop shows 8")
        until(all_sent(db), "all is marked as sent")


def test_a_late_report_of_an_old_number_does_not_hide_the_new_one(db: Database) -> None:
    open_book(db, url="http://127.0.0.1:9")
    publish(db)
    with db.read() as connection:
        channel_id = connection.execute(select(tables.channel.c.id)).scalar_one()
    old = {job.key: job for call in telling.claim(db, channel_id, 10) for job in call.group}["CANDLE"]
    sell(db, "S-1", ("CANDLE", 1))
    publish(db)
    with db.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(claimed_until=0))
    new = {job.key: job for call in telling.claim(db, channel_id, 10) for job in call.group}["CANDLE"]
    telling.report(db, [new], [Answer("200")], {})
    telling.report(db, [old], [Answer("200")], {})
    telling.report(db, [old], [failed(Away("timeout"))], {})
    t = tables.outbox
    with db.read() as connection:
        row = connection.execute(select(t).where(t.c.key == "CANDLE")).one()
    assert (row.state, row.sent_version, row.version, row.attempts) == ("sent", new.version, new.version, 0)
    assert old.version < new.version


def test_two_workers_never_take_the_same_row(db: Database) -> None:
    open_book(db, url="http://127.0.0.1:9")
    publish(db)
    with db.read() as connection:
        channel_id = connection.execute(select(tables.channel.c.id)).scalar_one()
    taken = [job.key for _ in range(3) for call in telling.claim(db, channel_id, 2) for job in call.group]
    assert sorted(taken) == ["CANDLE", "SOAP"]


def test_nothing_left_is_told_before_anything_else(db: Database) -> None:
    open_book(db, url="http://127.0.0.1:9")
    count_on_hand(db, BOSS, "SOAP", "EAST", 0)
    publish(db)
    with db.read() as connection:
        channel_id = connection.execute(select(tables.channel.c.id)).scalar_one()
    assert [job.key for call in telling.claim(db, channel_id, 1) for job in call.group] == ["SOAP"]


def test_a_dead_channel_delays_nobody_and_is_reported_until_it_answers(db: Database, shop: Shop) -> None:
    open_book(db, channels=2, url=shop.url)
    dead = True
    shop.answer = lambda path, _body: 503 if dead and path == "/2" else 200
    with working(db):
        for n in range(1, 6):
            sell(db, f"S-{n}", ("CANDLE", 1))
            until(lambda left=10 - n: shop.number("CANDLE") == left, "the living shop hears")  # type: ignore[misc]
            hasten(db)
        until(lambda: len(incidents_of(db, "channel_unreachable")) == 1 or hasten(db), "a person is told")
        assert "shop2" in incidents_of(db, "channel_unreachable")[0]
        dead = False
        hasten(db)
        until(lambda: shop.number("CANDLE", "/2") == 5, "the dead shop is back and hears the newest number")
        until(lambda: incidents_of(db, "channel_unreachable") == [], "the incident is closed")
        until(all_sent(db), "nothing waits any more")


def test_an_address_where_nobody_listens_loses_nothing(db: Database) -> None:
    open_book(db, url="http://127.0.0.1:9")
    with working(db):
        until(lambda: count_rows(db, tables.delivery) >= 2, "it is tried")
    t = tables.outbox
    with db.read() as connection:
        rows = connection.execute(select(t)).all()
    assert all(row.state == "waiting" and row.attempts >= 1 for row in rows)


def test_the_first_retry_comes_within_two_seconds_and_none_later_than_a_minute() -> None:
    for chance in (0.0, 0.5, 0.999):
        waits = [backoff(failures, chance) for failures in range(100)]
        assert 0.5 <= waits[0] <= 2
        assert waits == sorted(waits)
        assert max(waits) <= 60
    assert backoff(3, 0.1) != backoff(3, 0.9)


def test_a_worker_that_stops_abandons_a_hanging_shop_in_time(sqlite_db: Database, shop: Shop) -> None:
    hang, arrived = threading.Event(), threading.Event()

    def hanging(_path: str, _body: dict[str, Any]) -> int:
        arrived.set()
        hang.wait(20)
        return 200

    shop.answer = hanging
    open_book(sqlite_db, url=shop.url)
    worker = Worker(sqlite_db)
    worker.start()
    assert arrived.wait(10)
    began = time.monotonic()
    worker.stop(within=0.3)
    assert time.monotonic() - began < 2
    assert count_rows(sqlite_db, tables.outbox, tables.outbox.c.state == "waiting") == 2
    hang.set()
    waiting = tables.outbox.c.state == "waiting"
    until(lambda: count_rows(sqlite_db, tables.outbox, waiting) == 0, "what was in flight is written down after all")


def test_a_new_channel_hears_every_number_and_one_switched_off_hears_none(db: Database, shop: Shop) -> None:
    open_book(db)
    settings = {"secret": SECRET, "webhook_url": f"{shop.url}/1"}
    add_channel(db, BOSS, "new", "New", settings)
    with working(db):
        until(lambda: {shop.number(sku) for sku in ("CANDLE", "SOAP", "MUG")} == {10, 0}, "all numbers came")
        until(all_sent(db), "all is marked as sent")
        change_channel(db, BOSS, "new", settings, active=False)
        sell(db, "S-1", ("CANDLE", 1))
        until(all_sent(db), "the sale is looked at")
        assert shop.number("CANDLE") == 10


def test_a_shipment_is_confirmed_once_with_its_tracking_number(floor: Floor, shop: Shop) -> None:
    with transaction(floor.db, BOSS, "test") as tx:
        settings = {"secret": SECRET, "webhook_url": f"{shop.url}/1"}
        tx.connection.execute(update(tables.channel).values(settings=settings))
    # Accepted, but the answer is lost: the shop must be able to tell the repetition by its id.
    answers = iter([500])
    shop.answer = lambda _path, body: next(answers, 200) if body["type"] == "shipment.created" else 200
    number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
    label = bench.pack(number, SOAP)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    with transaction(floor.db, BOSS, "test") as tx:
        outbox.queue_shipment(tx, label.parcel_id)
    with working(floor.db):
        until(lambda: all_sent(floor.db)() or hasten(floor.db), "everything is told")
    told = [(message_id, body) for _, message_id, body in shop.tries if body["type"] == "shipment.created"]
    assert len(told) == 2
    assert told[0] == told[1]
    data = told[0][1]["data"]
    assert data.pop("shipped_at").endswith("Z")
    assert data == {
        "order_id": "S-1",
        "tracking_number": label.tracking,
        "carrier": "own-van",
        "carrier_name": "Own van",
        "service": "standard",
        "lines": [{"line_id": "", "sku": "SOAP", "quantity": 1}],
        "parcel_id": label.parcel_id,
    }
    assert floor.stock("SOAP") == (99, 0)
