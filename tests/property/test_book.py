"""Whatever happens in whatever order, the book is right: counters equal the ledger, and nothing is below zero."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.db import orders, tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.booking import stock
from server.usecases.sales.cancel import cancel_order
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, ledger_sums, level, open_book, publish, receive, sell
from tests.postgres import fresh_database

S = OrderStatus
NAMES = itertools.count()
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.integers(1, 4), st.integers(0, 3)),
        st.tuples(st.just("cancel"), st.integers(0, 8), st.just(0)),
        st.tuples(st.just("ship"), st.integers(0, 8), st.just(0)),
        st.tuples(st.just("count"), st.integers(0, 12), st.integers(0, 1)),
        st.tuples(st.just("receive"), st.integers(1, 5), st.integers(0, 1)),
    ),
    max_size=14,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One book for all examples: each leaves it as right as it found it."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield from _opened(f"sqlite:///{Path(folder) / 'book.db'}")
    else:
        with fresh_database(request.getfixturevalue("postgres_server")) as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    db = Database(open_engine(url))
    migrate(db.engine)
    open_book(db, candles=8, url="http://127.0.0.1:9")
    add_site(db, BOSS, "WEST", "West", rank=1)
    yield db
    db.engine.dispose()


@settings(max_examples=18, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_available_is_on_hand_minus_reserved_after_every_event(
    book: Database, steps: list[tuple[str, int, int]]
) -> None:
    sold: list[int] = []
    for step in steps:
        _do(book, step, sold)
        for sku in ("CANDLE", "SOAP"):
            on_hand, reserved = level(book, sku)
            assert 0 <= reserved <= on_hand
            assert (on_hand, reserved) == ledger_sums(book, sku)
            assert _promised(book, sku) == reserved
            assert _told(book, sku) == max(0, on_hand - reserved - _waited_for(book, sku))
    for order_id in sold:
        _quietly(lambda order_id=order_id: cancel_order(book, BOSS, order_id))
    assert level(book)[1] == 0


def _do(db: Database, step: tuple[str, int, int], sold: list[int]) -> None:
    verb, number, other = step
    site = "WEST" if other else "EAST"
    if verb == "sell":
        lines = [("CANDLE", number)] + ([("SOAP", other)] if other else [])
        sold.append(sell(db, f"S-{next(NAMES)}", *lines).order_id)
    elif verb == "count":
        count_on_hand(db, BOSS, "CANDLE", site, number)
    elif verb == "receive":
        receive(db, "SOAP", site, number)
    elif sold:
        order_id = sold[number % len(sold)]
        _quietly(lambda: cancel_order(db, BOSS, order_id) if verb == "cancel" else _ship(db, order_id))


def _quietly(work: object) -> None:
    """A refusal is fine; a book that is wrong afterwards is not."""
    try:
        work()  # type: ignore[operator]
    except DomainError as error:
        assert error.code in {"already_shipped", "illegal_transition"}, error


def _ship(db: Database, order_id: int) -> None:
    with transaction(db, BOSS, "ship") as tx:
        for step in (S.PACKING, S.PACKED, S.SHIPPED):
            orders.set_status(tx, order_id, step)
        stock.ship_order(tx, order_id)


def _promised(db: Database, sku: str) -> int:
    t, o = tables.reservation, tables.order
    live = (S.READY.value, S.PACKING.value, S.PACKED.value)
    query = (
        select(t.c.quantity)
        .join(o, o.c.id == t.c.order_id)
        .where(t.c.sku == sku, t.c.state == "reserved", o.c.status.in_(live))
    )
    with db.read() as connection:
        return sum(connection.execute(query).scalars())


def _waited_for(db: Database, sku: str) -> int:
    t = tables.waiting_line
    with db.read() as connection:
        return sum(connection.execute(select(t.c.quantity).where(t.c.sku == sku)).scalars())


def _told(db: Database, sku: str) -> int:
    publish(db)
    t = tables.outbox
    with db.read() as connection:
        payload = connection.execute(select(t.c.payload).where(t.c.kind == "stock", t.c.key == sku)).scalar_one()
    return int(payload["data"]["available"])
