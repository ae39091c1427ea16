"""A developer connects a shop with nothing but deploy/docs/custom-channel.md: each thing it says is so (ORD-13)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from server.channels.custom import TYPES
from server.config import ServerConfig
from server.db import orders, tables
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.domain.sales.refunds import RefundReason
from server.http import catalogue_api, channel_api, holds_api
from server.http.call import Services
from server.usecases.benchwork.wants import wants_of
from server.usecases.masterdata.catalogue import put_product
from server.usecases.routes.promises import set_split
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.refunding import refund_order
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from server.worker import Worker
from tests.book import BOSS, Shop, listening, open_book, sell, serving, signed, until
from tests.floor import SOAP, Dock, Floor

DOCUMENT = (Path(__file__).parents[2] / "deploy" / "docs" / "custom-channel.md").read_text(encoding="utf-8")
BODIES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]
ORDER, HOLD, LISTINGS, STOCK, SHIPMENT, CANCEL, REFUND, SPLIT = BODIES
ORDERS = "/channels/shop/orders"
HOLDS = "/channels/shop/holds"


@pytest.fixture
def client(sqlite_db: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """The channel's routes, over a book that has what the document sells."""
    app = Starlette(routes=channel_api.ROUTES + holds_api.ROUTES + catalogue_api.ROUTES)
    app.state.services = Services(sqlite_db, ServerConfig(data_dir=tmp_path))
    open_book(sqlite_db)
    sku = ORDER["lines"][0]["sku"]
    put_product(sqlite_db, BOSS, Product(sku, "Concentrate"), [])
    count_on_hand(sqlite_db, BOSS, sku, "EAST", 11)
    with serving(app) as client:
        yield client


def send(client: httpx.Client, body: object, path: str = ORDERS, message_id: str = "m-1") -> tuple[int, Any]:
    data = json.dumps(body).encode()
    answer = client.post(path, content=data, headers=signed(data, message_id))
    return answer.status_code, answer.json()


def shape(message: object) -> object:
    """Names and kinds of everything in a message, without its values."""
    if isinstance(message, dict):
        return {key: shape(value) for key, value in message.items()}
    return [shape(message[0])] if isinstance(message, list) else type(message).__name__


def test_the_order_of_the_document_is_taken_reserved_and_answered_as_it_says(client: httpx.Client) -> None:
    status, answer = send(client, ORDER)
    assert (status, answer["order"], answer["status"]) == (201, "1001", "ready")
    assert send(client, ORDER) == (200, answer)
    assert send(client, ORDER, message_id="m-2") == (200, answer)


def test_what_the_document_says_to_the_packer_is_confirmed_before_the_label(
    client: httpx.Client, sqlite_db: Database
) -> None:
    send(client, ORDER)
    with sqlite_db.read() as connection:
        order = orders.by_ref(connection, "1001")
        assert order is not None
        steps = wants_of(connection, order, ()).steps
    asked = [(step.kind.value, step.text) for step in steps]
    line = ORDER["lines"][0]
    assert asked == [("second_look", line["personalisation"]), ("note", ORDER["note"]), ("gift", ORDER["gift_message"])]


def test_each_refusal_of_the_document_is_given_as_it_says(client: httpx.Client) -> None:
    send(client, ORDER)
    changed = ORDER | {"note": "another"}
    assert [send(client, changed, message_id="m-2")[n] for n in (0,)] == [409]
    assert send(client, changed, message_id="m-2")[1]["code"] == "order_differs"
    many = ORDER | {"order_id": "S-2", "lines": [ORDER["lines"][0] | {"quantity": 900}]}
    assert send(client, many, message_id="m-3")[1]["status"] == "conflict"
    unpaid = send(client, ORDER | {"order_id": "S-3", "paid": False}, message_id="m-4")[1]
    assert (unpaid["status"], unpaid["reason"]) == ("on_hold", "unpaid")
    status, problem = send(client, ORDER | {"order_id": 7}, message_id="m-5")
    assert (status, problem["code"]) == (400, "malformed")
    answer = client.post(ORDERS, content=b"{}", headers={})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")


def test_an_order_is_cancelled_as_the_document_says(client: httpx.Client) -> None:
    [path] = re.findall(r"`POST (/channels/CODE/orders/\S+/cancel)`", DOCUMENT)
    send(client, ORDER)
    status, answer = send(client, {}, path.replace("CODE", "shop"), "c-1")
    assert (status, answer["status"], answer["before"]) == (200, "cancelled", "ready")


def test_a_hold_is_placed_shown_confirmed_and_passed_to_its_order_as_the_document_says(client: httpx.Client) -> None:
    status, placed = send(client, HOLD, HOLDS, "h-1")
    assert (status, placed["hold"], placed["state"]) == (201, "cart-77", "held")
    assert send(client, HOLD, HOLDS, "h-2") == (201, placed)
    key = {"key": HOLD["key"]}
    assert send(client, key, f"{HOLDS}:show", "h-3") == (200, placed)
    assert send(client, key, f"{HOLDS}:confirm", "h-4")[1]["state"] == "confirmed"
    rest = [ORDER["lines"][0] | {"quantity": 10}]
    assert send(client, ORDER | {"order_id": "S-2", "lines": rest}, message_id="m-2")[1]["status"] == "conflict"
    assert send(client, ORDER | {"hold": HOLD["key"]})[1]["status"] == "ready"
    status, problem = send(client, key, f"{HOLDS}:release", "h-5")
    assert (status, problem["code"]) == (409, "hold_used")


def test_each_refusal_of_a_hold_is_given_as_the_document_says(client: httpx.Client) -> None:
    line = HOLD["lines"][0]
    short = HOLD | {"key": "cart-78", "lines": [line | {"quantity": 12}]}
    status, refused = send(client, short, HOLDS, "h-1")
    assert (status, refused["state"]) == (409, "refused")
    assert refused["shortages"] == [{"sku": line["sku"], "wanted": 12, "available": 11}]
    assert send(client, {"key": "cart-78"}, f"{HOLDS}:confirm", "h-2")[1]["code"] == "hold_ended"
    send(client, HOLD, HOLDS, "h-3")
    status, problem = send(client, HOLD | {"ttl_seconds": 60}, HOLDS, "h-4")
    assert (status, problem["code"]) == (409, "key_reused")
    assert send(client, {"key": HOLD["key"]}, f"{HOLDS}:release", "h-5")[1]["state"] == "released"
    status, problem = send(client, {"key": "never"}, f"{HOLDS}:show", "h-6")
    assert (status, problem["code"]) == (404, "not_found")
    status, many = send(client, {"holds": [HOLD | {"key": "cart-79"}, short]}, f"{HOLDS}:batch", "h-7")
    assert (status, [answer["state"] for answer in many["answers"]]) == (200, ["held", "refused"])


def test_listings_and_till_sales_are_taken_as_the_document_says(client: httpx.Client) -> None:
    assert send(client, LISTINGS, "/channels/shop/listings", "l-1") == (200, {"listings": "taken"})
    sale = {"sale_id": "R-1", "site": "EAST", "lines": [{"sku": "CON-LAV", "quantity": 1}]}
    assert send(client, sale, "/channels/shop/till-sales", "t-1")[1]["status"] == "shipped"


def test_a_split_order_is_told_with_the_fields_of_the_document(sqlite_db: Database) -> None:
    open_book(sqlite_db, url="https://shop.example")
    add_site(sqlite_db, BOSS, "WEST", "West", rank=1)
    count_on_hand(sqlite_db, BOSS, "MUG", "WEST", 1)
    set_split(sqlite_db, BOSS, "shop", True)
    sell(sqlite_db, "S-1002", ("CANDLE", 1), ("MUG", 1))
    with sqlite_db.read() as connection:
        rows = connection.execute(select(tables.outbox).where(tables.outbox.c.kind == "split")).all()
    [told] = [
        {"type": TYPES[row.kind], "timestamp": row.payload["timestamp"], "data": row.payload["data"]} for row in rows
    ]
    assert shape(told) == shape(SPLIT)
    assert told["type"] == SPLIT["type"]
    parts = told["data"]["parts"]
    assert [(part["arrives"], part["of"]) for part in parts] == [(1, 2), (2, 2)]


def test_what_a_shop_hears_has_exactly_the_fields_of_the_document(floor: Floor) -> None:
    with listening() as shop:
        heard = _everything_told(floor, shop)
    stock = next(body for body in heard if body["type"] == "stock.updated")
    assert shape(stock) == shape(STOCK)
    shipment = next(body for body in heard if body["type"] == "shipment.created")
    assert shape(shipment) == shape(SHIPMENT)
    cancel = next(body for body in heard if body["type"] == "order.cancelled")
    assert shape(cancel) == shape(CANCEL)
    refund = next(body for body in heard if body["type"] == "order.refund")
    assert shape(refund) == shape(REFUND)


def _everything_told(floor: Floor, shop: Shop) -> list[dict[str, Any]]:
    from server.usecases.starting.sites import change_channel
    from tests.floor import SHOP_SECRET

    change_channel(floor.db, BOSS, "shop", {"secret": SHOP_SECRET, "webhook_url": f"{shop.url}/1"})
    bench = floor.bench("B1")
    number = floor.order(("SOAP", 1))
    label, packed = bench.pack(number, SOAP), floor.order_id(number)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    cancel_order(floor.db, BOSS, floor.order_id(floor.order(("SOAP", 2))))
    refund_order(floor.db, BOSS, packed, {}, RefundReason.LOST)
    worker = Worker(floor.db)
    worker.start()
    kinds = {"stock.updated", "shipment.created", "order.cancelled", "order.refund"}
    try:
        until(lambda: {b["type"] for _, _, b in shop.got} >= kinds, "every kind")
    finally:
        worker.stop()
    return [body for _, _, body in shop.got]
