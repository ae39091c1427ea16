"""What is promised is good for long enough to be packed, and no channel is told of lots its orders may not have."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.db import orders, publishing, sites, tables
from server.db.transaction import Actor, Database
from server.domain.masterdata.catalog import Product
from server.domain.packing.lots import must_last
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.opening import pack_order
from server.usecases.booking import book
from server.usecases.booking.hold_batch import Held
from server.usecases.booking.hold_wishes import HoldLine, HoldWish, command
from server.usecases.masterdata.catalogue import put_product
from server.usecases.masterdata.masters import Described, describe
from server.usecases.sales.policies import set_channel_rules, set_life
from server.usecases.sales.waiting import serve_waiting
from server.usecases.sharing.publishing import tell_everything
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.kits import define_kit
from tests.book import BOSS, listening, open_book, publish, receive, sell

TODAY = datetime(2027, 1, 15, 12, tzinfo=UTC)
DAYS = {"L3": 3, "L7": 7, "L20": 20}
"""Two units of each lot, with the days for which it is good."""


@pytest.fixture
def shop(db: Database) -> Any:
    """Three channels, the first of which asks for nothing, and a cream in three lots."""
    db.now = TODAY.timestamp
    with listening() as there:
        open_book(db, channels=3, url=there.url)
        put_product(db, BOSS, Product("CREAM", "Cream"), [])
        set_tracking(db, BOSS, "CREAM", lots=True, expiry=True)
        for lot, days in DAYS.items():
            receive(db, "CREAM", "EAST", 2, lot=lot, expires_on=day(days))
        set_life(db, BOSS, "shop2", 0)
        set_life(db, BOSS, "shop3", 15)
        yield db


def day(after: int) -> str:
    return (TODAY + timedelta(after)).date().isoformat()


def lots_of(db: Database, order_id: int) -> dict[str, int]:
    r = tables.reservation
    with db.read() as connection:
        rows = connection.execute(select(r.c.lot, r.c.quantity).where(r.c.order_id == order_id).order_by(r.c.lot))
        return {row.lot: row.quantity for row in rows}


def told(db: Database, sku: str = "CREAM") -> dict[str, int]:
    tell_everything(db)
    with db.read() as connection:
        codes = {row.id: row.code for row in sites.channels(connection)}
        return {codes[channel]: n for (channel, of), n in publishing.told(connection, [sku]).items() if of == sku}


def test_each_channel_is_promised_the_first_lot_it_may_have_and_the_bench_takes_that_lot(shop: Database) -> None:
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("shop", {}, "L7"),
        ("shop2", {}, "L3"),
        ("shop3", {}, "L20"),
        ("shop", {"deliver_by": f"{day(2)}T20:00:00Z"}, "L3"),
        ("shop", {"ship_by": f"{day(3)}T20:00:00Z"}, "L20"),
    ]
    for number, (channel, said, lot) in enumerate(rows):
        taken = sell(shop, f"S-{number}", ("CREAM", 1), channel=channel, **said)
        assert lots_of(shop, taken.order_id) == {lot: 1}, (channel, said)
        with shop.read() as connection:
            row = orders.find(connection, taken.order_id)
            assert row is not None
            order = pack_order(connection, row, "UTC", shop.now())
        [mine] = [one for one in order.lines[0].lots if one.reserved]
        assert mine.expires_on >= must_last(order, order.lines[0], order.day)
    assert sell(shop, "S-9", ("CREAM", 1), channel="shop3").status is OrderStatus.CONFLICT


def test_a_checkout_keeps_only_what_its_order_may_have(shop: Database) -> None:
    wish = HoldWish("cart", [HoldLine("CREAM", 3)], 600.0)
    [answer] = book.run(shop, [command(3, wish, Actor("channel:shop3"))])
    assert isinstance(answer, Held)
    assert (answer.state, '"available":2' in answer.body) == ("refused", True)
    [answer] = book.run(shop, [command(1, wish, Actor("channel:shop"))])
    assert isinstance(answer, Held)
    assert answer.state == "held"
    taken = sell(shop, "S-1", ("CREAM", 3), hold="cart")
    assert lots_of(shop, taken.order_id) == {"L7": 2, "L20": 1}


def test_every_channel_is_told_what_its_orders_may_have_at_once_and_at_each_midnight(shop: Database) -> None:
    define_kit(shop, BOSS, "MUG", {"CREAM": 2})
    publish(shop)
    assert told(shop) == {"shop": 4, "shop2": 6, "shop3": 2}
    assert told(shop, "MUG") == {"shop": 2, "shop2": 3, "shop3": 1}
    set_life(shop, BOSS, "shop3", 2)
    assert told(shop) == {"shop": 4, "shop2": 6, "shop3": 6}
    describe(shop, BOSS, "CREAM", Described(life_days=8))
    assert told(shop) == {"shop": 2, "shop2": 2, "shop3": 2}
    describe(shop, BOSS, "CREAM", Described(life_days=-1))
    assert told(shop) == {"shop": 4, "shop2": 6, "shop3": 6}
    shop.now = (TODAY + timedelta(1)).timestamp
    assert told(shop) == {"shop": 2, "shop2": 6, "shop3": 6}
    shop.now = (TODAY + timedelta(2)).timestamp
    assert told(shop) == {"shop": 2, "shop2": 6, "shop3": 4}


def test_a_product_of_which_there_is_just_as_much_changes_no_other_products_number(shop: Database) -> None:
    receive(shop, "MUG", "EAST", 4)
    assert told(shop) == {"shop": 4, "shop2": 6, "shop3": 2}
    assert told(shop, "MUG") == {"shop": 4, "shop2": 4, "shop3": 4}


def test_an_old_order_that_may_not_have_a_lot_does_not_keep_it_from_a_younger_one_that_may(shop: Database) -> None:
    for channel in ("shop2", "shop3"):
        set_channel_rules(shop, BOSS, channel, {"path": ["backorder"], "backorder": True})
    strict = sell(shop, "S-1", ("CREAM", 3), channel="shop3")
    loose = sell(shop, "S-2", ("CREAM", 7), channel="shop2")
    assert (strict.status, loose.status) == (OrderStatus.WAITING, OrderStatus.WAITING)
    receive(shop, "CREAM", "EAST", 1, lot="L3", expires_on=day(3))
    assert serve_waiting(shop)
    assert lots_of(shop, strict.order_id) == {}
    assert lots_of(shop, loose.order_id) == {"L3": 3, "L7": 2, "L20": 2}
