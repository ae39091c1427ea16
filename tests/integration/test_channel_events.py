"""What channels tell of an order after its sale, over the real routes: signed, once each, and refused with a reason."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db.transaction import Database
from server.http import channel_api
from server.http.call import Services
from server.trade.orders import ShipTo
from tests.book import level, open_book, sell, serving, signed

NEW = ShipTo(name="Zoe Quill", lines=("9 Other Road",), city="Portland", postcode="04101", country="US")


@pytest.fixture
def client(sqlite_db: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    app = Starlette(routes=channel_api.ROUTES)
    app.state.services = Services(sqlite_db, ServerConfig(data_dir=tmp_path))
    open_book(sqlite_db)
    sell(sqlite_db, "S/1", ("CANDLE", 3), paid=False)
    with serving(app) as client:
        yield client


def post(client: httpx.Client, path: str, message: object, message_id: str) -> tuple[int, Any]:
    body = json.dumps(message).encode()
    answer = client.post(f"/channels/shop/{path}", content=body, headers=signed(body, message_id))
    return answer.status_code, answer.json()


def test_an_order_lives_by_what_its_channel_tells(client: httpx.Client, sqlite_db: Database) -> None:
    told = [
        ("orders/S/1/payment", {"event": "paid"}, "ready", (10, 3)),
        ("orders/S/1/cancel-lines", {"lines": {"1": 1}}, "ready", (10, 2)),
        ("orders/S/1/address", asdict(NEW), "ready", (10, 2)),
        ("orders/S/1/fraud", {"flag": True}, "on_hold", (10, 0)),
        ("orders/S/1/fraud", {"flag": False}, "ready", (10, 2)),
        ("orders/S/1/payment", {"event": "failed"}, "ready", (10, 2)),
        ("orders/S/1/payment", {"event": "reversed"}, "on_hold", (10, 0)),
        ("orders/S/1/cancel", {"reason": "payment"}, "cancelled", (10, 0)),
    ]
    for number, (path, message, status, units) in enumerate(told):
        for _ in range(2):
            code, answer = post(client, path, message, f"m-{number}")
            assert (code, answer["order"], answer["status"]) == (200, "1001", status), path
        assert level(sqlite_db) == units, path


def test_a_till_tells_of_its_sales(client: httpx.Client, sqlite_db: Database) -> None:
    sale = {"sale_id": "R-1", "site": "EAST", "lines": [{"sku": "SOAP", "quantity": 2}]}
    assert post(client, "till-sales", sale, "m-1") == (200, {"order": "1002", "status": "shipped"})
    assert post(client, "till-sales", sale, "m-2") == (200, {"order": "1002", "status": "shipped"})
    assert level(sqlite_db, "SOAP") == (8, 0)


@pytest.mark.parametrize(
    ("path", "message", "status", "code"),
    [
        ("orders/NOPE/payment", {"event": "paid"}, 404, "not_found"),
        ("orders/S/1/payment", {"event": "wish"}, 400, "malformed"),
        ("orders/S/1/fraud", [], 400, "malformed"),
        ("orders/S/1/cancel-lines", {"lines": {"1": 4}}, 422, "invalid"),
        ("orders/S/1/cancel-lines", {"lines": {}}, 422, "invalid"),
        ("till-sales", {"sale_id": "R-1", "site": "MOON", "lines": [{"sku": "SOAP", "quantity": 2}]}, 404, "not_found"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    client: httpx.Client, sqlite_db: Database, path: str, message: object, status: int, code: str
) -> None:
    found, problem = post(client, path, message, "m-1")
    assert (found, problem["code"]) == (status, code)
    assert (level(sqlite_db), level(sqlite_db, "SOAP")) == ((10, 3), (10, 0))


@pytest.mark.parametrize("what", ["payment", "fraud", "address", "cancel-lines"])
def test_an_unsigned_message_is_refused(client: httpx.Client, what: str) -> None:
    answer = client.post(f"/channels/shop/orders/S/1/{what}", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
