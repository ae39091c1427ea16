"""Every channel's orders stand in one list, each once, whichever way it came and however many came at once."""

import csv
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from server import wire
from server.channels import caller_of
from server.db import orders, tables
from server.db.transaction import Database
from server.domain.sales.orders import OrderStatus
from server.usecases.overview.board import read_board
from server.usecases.sales.intake import take_order, take_webhook
from server.usecases.starting.importing import import_file
from server.usecases.starting.sites import add_channel
from tests.book import BOSS, count_rows, incoming, ledger_sums, level, open_book, order_body, sell, signed
from tests.floor import Floor

WHO = ("name", "company", "city", "region", "postcode", "country", "phone", "email")
MORNING = {"shop": 3, "etsy": 12, "amazon": 4, "ebay": 6}


def test_a_morning_of_four_channels_is_one_list_of_25_orders_each_with_its_channel(floor: Floor) -> None:
    sold: dict[str, str] = {}
    for channel, count in MORNING.items():
        if channel != "shop":
            add_channel(floor.db, BOSS, channel, channel.title(), {})
        for n in range(count):
            # The same ids on every channel: an order is known by both.
            sold[take_order(floor.db, BOSS, channel, incoming(f"S-{n}", ("SOAP", 1))).order] = channel
    assert len(sold) == 25
    queue = floor.bench("Bench 1").ask("GET", "/api/queue", wire.Queue)
    assert (queue.waiting, len(queue.items)) == (25, 25)
    assert {item.number: item.channel for item in queue.items} == sold
    board = read_board(floor.db)
    assert board.flow.waiting == 25
    assert all(order.channel.lower() in (sold[order.number], "the shop") for order in board.queue)


def test_sixty_four_writers_at_once_get_what_there_is_and_not_one_unit_more(db: Database) -> None:
    open_book(db, candles=40)

    def one(n: int) -> OrderStatus:
        return sell(db, f"S-{n}", ("CANDLE", 1)).status

    with ThreadPoolExecutor(64) as pool:
        got = Counter(pool.map(one, range(64)))
    assert got == {OrderStatus.READY: 40, OrderStatus.CONFLICT: 24}
    assert level(db) == ledger_sums(db, "CANDLE") == (40, 40)


def test_an_order_that_comes_by_webhook_and_by_poll_a_hundred_times_at_once_is_one(db: Database) -> None:
    open_book(db)
    body = json.dumps(order_body("S-1", ("CANDLE", 2))).encode()

    def deliver(n: int) -> str:
        if n % 2:
            return take_order(db, BOSS, "shop", caller_of("custom").read_body(body)).order
        return str(json.loads(take_webhook(db, BOSS, "shop", signed(body, f"m-{n % 10}"), body)[1])["order"])

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(deliver, range(100))) == {"1001"}
    assert (count_rows(db, tables.order), count_rows(db, tables.reservation)) == (1, 1)
    assert level(db) == ledger_sums(db, "CANDLE") == (10, 2)


def test_an_order_from_a_file_keeps_every_character_of_what_the_customer_wrote(db: Database, tmp_path: Path) -> None:
    open_book(db)
    odd = "Ж\u0301 张伟 👩\u200d👩\u200d👧 \u202eabc ß\u00a0 ' \" \\ <b> %s, ;\tafter a tab"
    columns = ("order_id", "sku", "quantity", "title", "note", *WHO, "line1", "line2")
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerow(["Ж-1", "SOAP", 3, *[odd] * (len(columns) - 3)])
    assert import_file(db, BOSS, "orders", path).refused == ()
    with db.read() as connection:
        row = connection.execute(select(tables.recipient)).one()
        order = orders.by_channel_id(connection, "csv", "Ж-1")
        assert order is not None
        [line] = orders.lines(connection, order.id)
    assert {key: {**row.address, **row.contact}[key] for key in WHO} == dict.fromkeys(WHO, odd)
    assert row.address["lines"] == [odd, odd]
    assert (row.note, line.title, line.sku, line.quantity) == (odd, odd, "SOAP", 3)
