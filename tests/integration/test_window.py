"""Orders for a scarce product wait a moment, so that a better one may still arrive; all others leave at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server.db import sites, tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.trade.orders import ChannelOrder
from server.usecases.booking.book import Book
from server.usecases.booking.window import window_of
from server.usecases.sales.following import Source, follow
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.order_batch import TakeOrder
from server.usecases.sales.policies import set_policy
from server.usecases.sales.taken import Taken
from server.usecases.talking.lines import Lines
from tests.book import BOSS, incoming, level, open_book, sell, until

WINDOW = 0.4


@pytest.fixture
def book(db: Database) -> Iterator[Book]:
    open_book(db, candles=1, channels=2)
    made = Book(db)
    yield made
    made.close()


def wish(db: Database, channel: str, order_id: str, sku: str) -> TakeOrder:
    t = tables.channel
    with db.read() as connection:
        channel_id = int(connection.execute(select(t.c.id).where(t.c.code == channel)).scalar_one())
    order = incoming(order_id, (sku, 1))
    return TakeOrder(channel_id, order, fingerprint(order), BOSS)


def test_a_better_order_that_comes_within_the_window_wins(db: Database, book: Book) -> None:
    settings = {"kind": "channel_priority", "channels": ["shop2"], "window": WINDOW, "scarce": ["CANDLE"]}
    set_policy(db, BOSS, settings)
    sell(db, "S-0", ("SOAP", 1))
    window = window_of(db, book)
    first, better = wish(db, "shop", "S-1", "CANDLE"), wish(db, "shop2", "S-2", "CANDLE")
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        one = pool.submit(window.take, [first])
        until(lambda: len(window._held) == 1, "the first order is held back")
        other = pool.submit(window.take, [better])
        outcomes = one.result() + other.result()
        took = time.monotonic() - began
    assert [o.status for o in outcomes if isinstance(o, Taken)] == [OrderStatus.CONFLICT, OrderStatus.READY]
    assert (took >= WINDOW, level(db)) == (True, (1, 1))


def test_orders_of_platforms_meet_in_the_window_as_well(sqlite_db: Database) -> None:
    db = sqlite_db
    open_book(db, candles=1, channels=2)
    set_policy(db, BOSS, {"kind": "channel_priority", "channels": ["shop2"], "window": WINDOW, "scarce": ["CANDLE"]})
    sell(db, "S-0", ("SOAP", 1))
    lines = Lines(db)
    assert lines.book is not None
    held = window_of(db, lines.book)._held

    def hear(channel: str, order_id: str) -> list[DomainError | None]:
        with db.read() as connection:
            row = sites.channel(connection, channel)
        assert row is not None
        seen = ChannelOrder(order=incoming(order_id, ("CANDLE", 1)), changed_at=9.0)
        return follow(db, Source(row, BOSS), [seen], lines.decide)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(hear, "shop", "S-1")
        until(lambda: len(held) == 1, "the first order is held back")
        other = pool.submit(hear, "shop2", "S-2")
        assert (one.result(), other.result()) == ([None], [None])
    o = tables.order
    with db.read() as connection:
        found = connection.execute(select(o.c.channel_order_id, o.c.status).where(o.c.channel_order_id != "S-0")).all()
    assert dict(tuple(row) for row in found) == {"S-1": "conflict", "S-2": "ready"}


def test_an_order_for_anything_else_leaves_at_once(db: Database, book: Book) -> None:
    set_policy(db, BOSS, {"window": 5.0, "scarce": ["CANDLE"]})
    sell(db, "S-0", ("SOAP", 1))
    began = time.monotonic()
    [taken] = window_of(db, book).take([wish(db, "shop", "S-1", "SOAP")])
    assert isinstance(taken, Taken)
    assert (taken.status, time.monotonic() - began < 5.0) == (OrderStatus.READY, True)
