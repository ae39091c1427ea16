"""Whatever the channels do, every event arrives, waits or is an incident; and it arrives within seconds if it can."""

import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database, transaction
from server.usecases.sales.cancel import cancel_order
from server.usecases.warehouse.counting import count_on_hand
from tests import warm
from tests.book import BOSS, SECRET, Shop, all_told, count_rows, incidents_of, level, open_book, receive, sell, until
from tests.floor import SOAP, Dock, Floor
from tests.working import working

CHANNELS = range(1, 8)
SOON = 5.0
"""Seconds from an event to the last channel's accepted message (SYN-01), and to a first retry (FLT-02)."""


def waiting(db: Database) -> int:
    return count_rows(db, tables.outbox, tables.outbox.c.state == "waiting")


def hasten(db: Database) -> bool:
    """Let no test wait for a backoff."""
    t = tables.outbox
    with db.engine.begin() as connection:
        free = connection.execute(select(t.c.id).with_for_update(skip_locked=True)).scalars().all()
        connection.execute(update(t).where(t.c.id.in_(free)).values(next_at=0))
    return False


def test_every_kind_of_stock_event_reaches_all_seven_channels_within_seconds(db: Database, shop: Shop) -> None:
    open_book(db, channels=7, url=shop.url)
    sold: list[int] = []
    events: list[tuple[Callable[[], Any], int]] = [
        (lambda: sold.append(sell(db, "S-1", ("CANDLE", 3)).order_id), 7),
        (lambda: count_on_hand(db, BOSS, "CANDLE", "EAST", 30), 27),
        (lambda: receive(db, "CANDLE", "EAST", 5), 32),
        (lambda: sold.append(sell(db, "S-2", ("CANDLE", 32), channel="shop7").order_id), 0),
        (lambda: cancel_order(db, BOSS, sold[0]), 3),
        (lambda: cancel_order(db, BOSS, sold[1]), 35),
    ]
    slowest = 0.0
    with working(db):
        until(lambda: all_told(db), "the opening stock is told")
        for happen, number in events:
            began = time.monotonic()
            happen()
            until(lambda n=number: {shop.number("CANDLE", f"/{c}") for c in CHANNELS} == {n}, f"all show {number}")  # type: ignore[misc]
            slowest = max(slowest, time.monotonic() - began)
    assert slowest <= SOON


def test_a_shipment_lowers_the_number_of_no_channel_and_reaches_its_own_within_seconds(
    floor: Floor, shop: Shop
) -> None:
    with transaction(floor.db, BOSS, "test") as tx:
        tx.connection.execute(
            update(tables.channel).values(settings={"secret": SECRET, "webhook_url": f"{shop.url}/1"})
        )
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    label = bench.pack(number, SOAP, SOAP)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    with working(floor.db):
        until(lambda: shop.number("SOAP") == 98, "the sale is told")
        began = time.monotonic()
        bench.close_load(dock.load.load_id, 1)
        until(lambda: any(b["type"] == "shipment.created" for _, _, b in shop.got), "the shipment is told")
        assert time.monotonic() - began <= SOON
        until(lambda: waiting(floor.db) == 0, "all is told")
    assert shop.number("SOAP") == 98


def test_a_message_that_failed_is_tried_again_within_five_seconds(sqlite_db: Database, shop: Shop) -> None:
    times: dict[str, list[float]] = {"CANDLE": [], "SOAP": []}

    def failing_first(_path: str, body: dict[str, Any]) -> int:
        # Every first try fails: a success of one message would hurry the others.
        tries = times[body["data"]["sku"]]
        tries.append(time.monotonic())
        return 500 if len(tries) == 1 else 200

    shop.answer = failing_first
    open_book(sqlite_db, url=shop.url)
    with working(sqlite_db):
        until(lambda: all(len(tries) == 2 for tries in times.values()), "the second tries", 15)
    assert min(tries[1] for tries in times.values()) - max(tries[0] for tries in times.values()) <= SOON


def right(shop: Shop, path: str) -> bool:
    return (shop.number("CANDLE", path), shop.number("SOAP", path)) == (75, 5)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_run_of_faults_every_event_arrives_or_waits_and_none_is_lost(db: Database, shop: Shop, seed: int) -> None:
    rng, lock = random.Random(seed), threading.Lock()
    answers = [200, 200, 200, 500, 503, 429, 404, 302]

    def faulty(path: str, _body: dict[str, Any]) -> int:
        with lock:
            return 200 if path == "/1" else 410 if path == "/3" else rng.choice(answers)

    shop.answer = faulty
    open_book(db, candles=100, channels=3, url=shop.url)
    with working(db):
        for n in range(25):
            sell(db, f"S-{n}", ("CANDLE", 1), *([("SOAP", 1)] if n % 5 == 0 else []))
            hasten(db)
        until(
            lambda: all(right(shop, path) for path in ("/1", "/2")) or hasten(db),
            "both channels that answer show the truth",
            20,
        )
        until(lambda: bool(incidents_of(db, "channel_unreachable")) or hasten(db), "a person hears of the third", 20)
    t = tables.outbox
    with db.read() as connection:
        rows = connection.execute(select(t.c.channel_id, t.c.key, t.c.state).order_by(t.c.channel_id)).all()
    # Two products were counted, so that each channel has two numbers to hear: told, or still waiting, and none gone.
    assert [(row.channel_id, row.key) for row in sorted(rows)] == [
        (c, k) for c in (1, 2, 3) for k in ("CANDLE", "SOAP")
    ]
    assert {row.state for row in rows if row.channel_id == 3} == {"waiting"}
    assert level(db) == (100, 25)
    assert_every_try_says_what_it_was(db, shop)
    for path in ("/1", "/2"):
        versions = [b["data"]["version"] for p, _, b in shop.got if p == path and b["data"].get("sku") == "CANDLE"]
        assert versions == sorted(versions), "an older number was told after a newer one"


def assert_every_try_says_what_it_was(db: Database, shop: Shop) -> None:
    """Source, time, destination, before, after and answer of each try (SYN-05).

    The source is a movement of stock, or the note that another channel went deaf: then fewer are shown here (FLT-03).
    """
    d, a, n = tables.delivery, tables.ledger, tables.audit
    who, when = func.coalesce(a.c.actor, n.c.actor), func.coalesce(a.c.at, n.c.at)
    query = select(d, who.label("actor"), when.label("caused_at"), a.c.id.label("moved"))
    query = query.join(a, a.c.id == d.c.caused_by, isouter=True).join(n, n.c.id == d.c.caused_by, isouter=True)
    with db.read() as connection:
        tries = connection.execute(query.order_by(d.c.id)).all()
    assert len(tries) >= len(shop.got)
    shown: dict[tuple[int, str], str] = {}
    for row in tries:
        assert row.actor == ("the boss" if row.moved else "stale channels")
        assert row.caused_at <= row.at <= db.now()
        assert row.destination == f"{shop.url}/{row.channel_id}"
        assert row.after.isdecimal()
        assert row.answer.startswith("200") if row.ok else row.answer[:3] in {"500", "503", "429", "404", "302", "410"}
        assert row.before == shown.get((row.channel_id, row.key), row.before)
        if row.ok:
            shown[row.channel_id, row.key] = row.after


def test_a_worker_of_its_own_tells_what_other_programs_did_and_ends_on_sigterm(tmp_path: Path, shop: Shop) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\nworker = false\n')
    db = Database(open_engine(f"sqlite:///{tmp_path / 'packproof.db'}"))
    migrate(db.engine)
    open_book(db, url=shop.url)
    worker = warm.start("from server.__main__ import main; main()", "worker", "--config", str(config))
    try:
        until(lambda: shop.number("CANDLE") == 10, "the opening stock is told", 30)
        began = time.monotonic()
        sell(db, "S-1", ("CANDLE", 4))
        until(lambda: shop.number("CANDLE") == 6, "the sale is told")
        assert time.monotonic() - began <= SOON
        until(lambda: waiting(db) == 0, "it is written down")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
    finally:
        worker.kill()
    db.engine.dispose()
