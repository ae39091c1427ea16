"""Wherever an order is when it is cancelled, its units are for sale again once, and every channel hears of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.db.transaction import Actor
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.labels import buy_label
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.intake import take_order
from server.usecases.sales.policies import set_channel_rules
from server.usecases.starting.sites import add_channel
from server.usecases.warehouse.putting_back import put_back
from tests.book import BOSS, SECRET, count_rows, incoming, ledger_sums, level, publish
from tests.floor import SOAP, Dock, Floor

SHOP = Actor("channel shop")


def on_hold(floor: Floor) -> str:
    return take_order(floor.db, BOSS, "shop", incoming("H-1", ("SOAP", 2), paid=False)).order


def suspected(floor: Floor) -> str:
    return take_order(floor.db, BOSS, "shop", incoming("F-1", ("SOAP", 2), fraud=True)).order


def waiting(floor: Floor) -> str:
    set_channel_rules(floor.db, BOSS, "shop", {"backorder": True})
    return take_order(floor.db, BOSS, "shop", incoming("W-1", ("SOAP", 2), ("MUG", 9000))).order


def conflict(floor: Floor) -> str:
    return take_order(floor.db, BOSS, "shop", incoming("C-1", ("SOAP", 2), ("MUG", 9000))).order


def ready(floor: Floor) -> str:
    return floor.order(("SOAP", 2))


def packing(floor: Floor) -> str:
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    bench.send()
    return number


def labelled(floor: Floor) -> str:
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(SOAP)
    bench.buy()
    return number


def packed(floor: Floor) -> str:
    number = floor.order(("SOAP", 2))
    floor.bench("B1").pack(number, SOAP, SOAP)
    return number


def loaded(floor: Floor) -> str:
    number, bench = floor.order(("SOAP", 2)), floor.bench("B1")
    Dock.at(bench).scan(bench.pack(number, SOAP, SOAP).tracking)
    return number


STATES: list[tuple[Callable[[Floor], str], OrderStatus, int]] = [
    (on_hold, OrderStatus.ON_HOLD, 1),
    (suspected, OrderStatus.ON_HOLD, 0),
    (waiting, OrderStatus.WAITING, 0),
    (conflict, OrderStatus.CONFLICT, 0),
    (ready, OrderStatus.READY, 1),
    (packing, OrderStatus.PACKING, 1),
    (labelled, OrderStatus.PACKING, 1),
    (packed, OrderStatus.PACKED, 1),
    (loaded, OrderStatus.PACKED, 1),
]
"""How an order gets there, what it is then, and how many releases its cancel makes."""


@pytest.mark.parametrize(("reach", "status", "releases"), STATES, ids=[state[0].__name__ for state in STATES])
def test_a_cancel_gives_back_exactly_what_was_held_and_every_channel_hears_it(
    floor: Floor, reach: Callable[[Floor], str], status: OrderStatus, releases: int
) -> None:
    add_channel(floor.db, BOSS, "etsy", "Etsy", {"secret": SECRET, "webhook_url": "http://127.0.0.1:9/etsy"})
    number = reach(floor)
    assert floor.status(number) == status
    told_before = _told(floor)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(state="sent"))
    for _ in range(2):
        cancel_order(floor.db, SHOP, floor.order_id(number))
    assert floor.status(number) == "cancelled"
    if status is OrderStatus.PACKED:
        assert level(floor.db, "SOAP") == ledger_sums(floor.db, "SOAP") == (100, 2), "its box is not put back yet"
        assert _told(floor) == {"shop": 98, "etsy": 98}
        put_back(floor.db, BOSS, "EAST", number, [Incoming("SOAP", 2)])
    assert level(floor.db, "SOAP") == ledger_sums(floor.db, "SOAP") == (100, 0)
    assert count_rows(floor.db, tables.ledger, tables.ledger.c.kind == "release") == releases
    assert _told(floor) == {"shop": 100, "etsy": 100}
    kept = bool(releases) or status is OrderStatus.WAITING
    assert set(told_before.values()) == {98 if kept else 100}
    t = tables.outbox
    unsent = count_rows(floor.db, t, t.c.state == "waiting", t.c.kind == "stock", t.c.key == "SOAP")
    assert unsent == 2 * kept, "a number that rose is told again to both channels, and no other is"


@pytest.mark.parametrize("reach", [packing, labelled], ids=["packing", "labelled"])
def test_after_a_cancel_no_label_is_ever_given(floor: Floor, reach: Callable[[Floor], str]) -> None:
    number = reach(floor)
    with floor.db.read() as connection:
        session_id = connection.execute(select(tables.pack_session.c.id)).scalar_one()
        bench_id = connection.execute(select(tables.bench.c.id)).scalar_one()
    cancel_order(floor.db, SHOP, floor.order_id(number))
    for _ in range(3):
        with pytest.raises(DomainError, match="cancelled"):
            buy_label(floor.db, BOSS, bench_id, session_id)
    with floor.db.read() as connection:
        assert set(connection.execute(select(tables.parcel.c.state)).scalars()) <= {"cancelled"}


def _told(floor: Floor) -> dict[str, int]:
    """The number of soaps that each channel has been told or waits to be told."""
    publish(floor.db)
    t, c = tables.outbox, tables.channel
    query = (
        select(c.c.code, t.c.payload).join(c, c.c.id == t.c.channel_id).where(t.c.kind == "stock", t.c.key == "SOAP")
    )
    with floor.db.read() as connection:
        return {row.code: int(row.payload["data"]["available"]) for row in connection.execute(query)}
