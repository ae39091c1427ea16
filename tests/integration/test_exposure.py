"""For how long a channel showed an old number, and how many shipments it knows of (SYN-06, SBK-07)."""

from typing import Any

from sqlalchemy import insert

from server.db import tables
from server.db.exposure import Window, bucket_of, count_some, counted, exposure, shipments
from server.db.transaction import Database, transaction
from tests.book import BOSS, open_book

NOW = 1_795_338_000.0
HOUR = 3600.0
URL = "http://127.0.0.1:9"


def pushed(db: Database, key: str, at: float, event: int | None, *, ok: bool = True, channel: int = 1) -> None:
    row = {"outbox_id": outbox_id(db, key, channel), "at": at, "channel_id": channel, "kind": "stock", "key": key}
    row |= {"version": 1, "destination": "", "before": "", "after": "1", "ok": ok, "answer": "", "caused_by": event}
    with transaction(db, BOSS, "test") as tx:
        tx.connection.execute(insert(tables.delivery).values(**row))


def outbox_id(db: Database, key: str, channel: int = 1, **more: Any) -> int:
    row = {"channel_id": channel, "kind": "stock", "key": key, "version": 1, "payload": {}, "state": "sent"}
    row |= {"attempts": 0, "next_at": 0, "created_at": NOW} | more
    t = tables.outbox
    with transaction(db, BOSS, "test") as tx:
        tx.connection.execute(t.delete().where(t.c.channel_id == -1))
        known = tx.connection.execute(
            t.select().where(t.c.channel_id == channel, t.c.kind == row["kind"], t.c.key == key)
        ).first()
        if known is not None:
            return int(known.id)
        return int(tx.connection.execute(insert(t).values(**row).returning(t.c.id)).scalar_one())


def event(db: Database, at: float) -> int:
    before, db.now = db.now, lambda: at
    with transaction(db, BOSS, "test") as tx:
        made = tx.note("test")
    db.now = before
    return made


def near(window: Window, pushes: int, p50: float, p95: float, longest: float) -> bool:
    close = all(abs(a - b) <= 0.05 * b for a, b in ((window.p50, p50), (window.p95, p95)))
    return close and (window.pushes, window.longest) == (pushes, longest)


def test_counted_and_uncounted_pushes_give_one_window(db: Database) -> None:
    open_book(db, url=URL)
    db.now = lambda: NOW
    for n in range(1, 101):
        pushed(db, f"S{n}", NOW - 5 * HOUR + n, event(db, NOW - 5 * HOUR))
    pushed(db, "OLD", NOW - 5 * 24 * HOUR + 600, event(db, NOW - 5 * 24 * HOUR))
    with db.read() as connection:
        before = exposure(connection, NOW)
    with transaction(db, BOSS, "test") as tx:
        assert count_some(tx, 60)
        assert not count_some(tx, 60)
    pushed(db, "LAST", NOW, event(db, NOW - 200))
    with db.read() as connection:
        after = exposure(connection, NOW)
        assert counted(connection) > 0
    assert near(before[1].day, 100, 50, 95, 100.0)
    assert near(after[1].day, 101, 51, 96, 200.0)
    assert near(after[1].month, 102, 51, 97, 600.0)


def test_a_number_that_waited_counts_from_the_first_event_that_the_channel_did_not_hear_of(db: Database) -> None:
    open_book(db, url=URL)
    db.now = lambda: NOW
    pushed(db, "A", NOW - 5_000, event(db, NOW - 5_001))
    first, last = event(db, NOW - 4_000), event(db, NOW - 1_000)
    pushed(db, "A", NOW - 3_999, first, ok=False)
    pushed(db, "A", NOW - 999, last, ok=False)
    pushed(db, "A", NOW - 900, last)
    pushed(db, "A", NOW - 800, event(db, NOW - 802))
    with db.read() as connection:
        found = exposure(connection, NOW)[1].day
    assert (found.pushes, found.longest) == (3, 3_100.0)


def test_pushes_that_nobody_caused_and_those_of_the_last_minutes_are_not_counted_for_good(db: Database) -> None:
    open_book(db, url=URL)
    db.now = lambda: NOW
    pushed(db, "A", NOW - 300, None)
    pushed(db, "B", NOW - 1, event(db, NOW - 3))
    with transaction(db, BOSS, "test") as tx:
        assert not count_some(tx, 60)
    with db.read() as connection:
        assert exposure(connection, NOW)[1].day.pushes == 1


def test_shipments_are_confirmed_pending_or_failed(db: Database) -> None:
    open_book(db, url=URL)
    for n, state in enumerate(("sent", "sent", "waiting", "parked")):
        outbox_id(db, f"P{n}", kind="shipment", state=state)
    outbox_id(db, "P9", kind="shipment", created_at=NOW - 40 * 24 * HOUR)
    with db.read() as connection:
        assert shipments(connection, NOW - 30 * 24 * HOUR) == {1: (2, 1, 1)}


def test_buckets_are_a_twentieth_wide() -> None:
    assert [bucket_of(seconds) for seconds in (-1, 0, 0.001, 0.00104, 0.0011)] == [0, 0, 0, 1, 2]
