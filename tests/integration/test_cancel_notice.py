"""What we cancel is told to the channel that sold it, once; what it cancelled itself is not told back to it."""

import json
from typing import Any

from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.sales.cancellation import CancelReason
from server.usecases.record.timeline import of_order
from server.usecases.routes.promises import set_split
from server.usecases.sales.cancel import cancel_order, cancel_webhook
from server.usecases.sales.changing import cancel_lines, lines_webhook
from server.usecases.sales.policies import set_channel_rules
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, Shop, all_told, open_book, sell, signed, until
from tests.integration.test_outbox import hasten
from tests.working import working

URL = "https://shop.example"


def told(db: Database) -> list[dict[str, Any]]:
    """The cancels that wait for the channel, in their order."""
    t = tables.outbox
    with db.read() as connection:
        rows = connection.execute(select(t.c.payload).where(t.c.kind == "cancel").order_by(t.c.id)).scalars()
        return [payload["data"] for payload in rows]


def units(cancel: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(line["line_id"], line["sku"], line["quantity"]) for line in cancel["lines"]]


def test_an_order_that_the_desk_cancels_is_told_once_however_often_it_is_cancelled(db: Database) -> None:
    open_book(db, channels=2, url=URL)
    taken = sell(db, "S-1", ("CANDLE", 3), ("SOAP", 1))
    for _ in range(2):
        cancel_order(db, BOSS, taken.order_id, reason=CancelReason.CUSTOMER)
    cancel_webhook(db, BOSS, ("shop", "S-1"), signed(b"{}", "c-1"), b"{}")
    [cancel] = told(db)
    assert (cancel["order_id"], cancel["reason"]) == ("S-1", "customer")
    assert units(cancel) == [("1", "CANDLE", 3), ("2", "SOAP", 1)]


def test_an_order_whose_path_ends_in_cancel_is_told(db: Database) -> None:
    open_book(db, candles=1, url=URL)
    set_channel_rules(db, BOSS, "shop", {"path": ["cancel"]})
    assert sell(db, "S-1", ("CANDLE", 2)).status == "cancelled"
    [cancel] = told(db)
    assert (cancel["order_id"], cancel["reason"], units(cancel)) == ("S-1", "out_of_stock", [("1", "CANDLE", 2)])


def test_a_cancel_that_the_channel_asked_for_is_not_told_back_to_it(db: Database) -> None:
    open_book(db, url=URL)
    for order_id in ("S-1", "S-2"):
        sell(db, order_id, ("CANDLE", 3))
    cancel_webhook(db, BOSS, ("shop", "S-1"), signed(b"{}", "c-1"), b"{}")
    for message, n in (("c-2", 1), ("c-3", 2)):
        body = json.dumps({"lines": {"1": n}}).encode()
        lines_webhook(db, BOSS, ("shop", "S-2"), signed(body, message), body)
    assert told(db) == []


def test_each_cut_is_told_with_its_own_units_and_the_cancel_with_the_rest(db: Database) -> None:
    open_book(db, url=URL)
    taken = sell(db, "S-1", ("CANDLE", 5), ("SOAP", 2))
    cancel_lines(db, BOSS, taken.order_id, {1: 2}, CancelReason.DAMAGED)
    cancel_lines(db, BOSS, taken.order_id, {1: 2, 2: 2}, CancelReason.DAMAGED)
    cancel_order(db, BOSS, taken.order_id)
    lines = [units(cancel) for cancel in told(db)]
    assert lines == [[("1", "CANDLE", 2)], [("1", "CANDLE", 2), ("2", "SOAP", 2)], [("1", "CANDLE", 1)]]


def test_of_a_split_order_each_part_that_we_cancel_is_told(db: Database) -> None:
    open_book(db, url=URL)
    add_site(db, BOSS, "WEST", "West", rank=1)
    count_on_hand(db, BOSS, "MUG", "WEST", 1)
    set_split(db, BOSS, "shop", True)
    first = sell(db, "S-1", ("CANDLE", 1), ("MUG", 1))
    cancel_order(db, BOSS, first.order_id)
    assert [units(cancel) for cancel in told(db)] == [[("1", "CANDLE", 1)]]
    cancel_order(db, BOSS, ("shop", "S-1"))
    assert [(c["order_id"], units(c)) for c in told(db)] == [
        ("S-1", [("1", "CANDLE", 1)]),
        ("S-1", [("2", "MUG", 1)]),
    ]


def test_a_channel_without_an_address_is_told_nothing(db: Database) -> None:
    open_book(db)
    cancel_order(db, BOSS, sell(db, "S-1", ("CANDLE", 3)).order_id)
    assert told(db) == []


def test_a_cancel_arrives_although_the_channel_fails_and_the_timeline_says_so(db: Database, shop: Shop) -> None:
    answers = iter([503, 500])
    shop.answer = lambda _path, body: next(answers, 200) if body["type"] == "order.cancelled" else 200
    open_book(db, url=shop.url)
    taken = sell(db, "S-1", ("CANDLE", 3))
    with working(db):
        until(lambda: all_told(db), "the stock is told")
        cancel_order(db, BOSS, taken.order_id, reason=CancelReason.DAMAGED)
        until(lambda: hasten(db) or (all_told(db) and shop.number("CANDLE") == 10), "all is told")
    tries = [(message_id, body) for _, message_id, body in shop.tries if body["type"] == "order.cancelled"]
    assert len(tries) == 3
    assert len({message_id for message_id, _ in tries}) == len({json.dumps(body) for _, body in tries}) == 1
    with db.read() as connection:
        rows = [row for row in of_order(connection, taken.order_id) if row.what == "channel.cancel"]
    assert [(row.order, row.detail["after"], row.detail["taken"]) for row in rows] == [
        (taken.order, "damaged", False),
        (taken.order, "damaged", False),
        (taken.order, "damaged", True),
    ]
