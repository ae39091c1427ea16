"""Each cancel has a reason, and the rate of our own stands against the channel's limit (CAN-06)."""

import json

import pytest
from sqlalchemy import select

from server.db import orders, tables
from server.db.transaction import Database
from server.domain.sales.cancellation import CancelReason
from server.usecases.sales.cancel import cancel_order, cancel_webhook
from server.usecases.sales.cancel_rates import cancel_rates, watch
from server.usecases.sales.policies import set_channel_rules
from tests.book import BOSS, incidents_of, open_book, sell, signed


def test_only_our_own_cancels_count_against_the_limit_of_their_channel(db: Database) -> None:
    open_book(db, candles=50, channels=2)
    set_channel_rules(db, BOSS, "shop", {"cancel_limit": 2000})
    ids = [sell(db, f"S-{n}", ("CANDLE", 1)).order_id for n in range(20)]
    sell(db, "S-1", ("CANDLE", 1), channel="shop2")
    for order_id, reason in zip(ids, (CancelReason.DAMAGED, CancelReason.CUSTOMER, CancelReason.FRAUD), strict=False):
        cancel_order(db, BOSS, order_id, reason=reason)
    assert [rate.sentence for rate in cancel_rates(db)] == [
        "shop: 1 of 20 orders cancelled by us (5.00 %), limit 20 %, room for 2 more",
        "shop2: 0 of 1 orders cancelled by us (0.00 %), no limit is set",
    ]


def test_a_person_hears_once_that_a_limit_is_near_and_it_closes_when_it_is_not(db: Database) -> None:
    open_book(db, candles=50)
    set_channel_rules(db, BOSS, "shop", {"cancel_limit": 2000})
    ids = [sell(db, f"S-{n}", ("CANDLE", 1)).order_id for n in range(10)]
    for order_id in ids[:2]:
        cancel_order(db, BOSS, order_id, reason=CancelReason.OUT_OF_STOCK)
    for _ in range(2):
        watch(db)
    assert incidents_of(db, "cancel_rate") == [
        "shop: 2 of 10 orders cancelled by us (20.00 %), limit 20 %, room for 0 more"
    ]
    for n in range(10, 20):
        sell(db, f"S-{n}", ("CANDLE", 1))
    watch(db)
    assert incidents_of(db, "cancel_rate") == []


def test_orders_of_before_the_channels_window_do_not_count(db: Database) -> None:
    open_book(db)
    sell(db, "S-1", ("CANDLE", 1), placed_at="2020-01-01T00:00:00Z")
    assert cancel_rates(db)[0].orders == 0


@pytest.mark.parametrize(
    ("body", "kept"),
    [(b"{}", ("channel", "channel")), (b'{"reason": "customer"}', ("customer", "buyer"))],
)
def test_a_channel_says_why_it_cancels(db: Database, body: bytes, kept: tuple[str, str]) -> None:
    open_book(db)
    sell(db, "S-1", ("CANDLE", 1))
    cancel_webhook(db, BOSS, ("shop", "S-1"), signed(body, "m-1"), body)
    t = tables.order
    with db.read() as connection:
        assert tuple(connection.execute(select(t.c.cancel_reason, t.c.cancelled_by)).one()) == kept


def test_a_reason_nobody_knows_cancels_all_the_same_and_its_words_are_not_kept(sqlite_db: Database) -> None:
    open_book(sqlite_db)
    taken = sell(sqlite_db, "S-1", ("CANDLE", 1))
    body = json.dumps({"reason": "Zoe Quill called"}).encode()
    cancel_webhook(sqlite_db, BOSS, ("shop", "S-1"), signed(body, "m-1"), body)
    with sqlite_db.read() as connection:
        row = orders.find(connection, taken.order_id)
    assert row is not None
    assert (row.status, row.cancel_reason, row.held_because) == ("cancelled", "channel", "the channel asked")
