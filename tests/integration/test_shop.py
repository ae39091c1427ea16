"""The simulated shop sells over real sockets, tells of every sale until it is heard, and believes only signed news."""

import base64
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from server.db.transaction import Database
from server.usecases.sales.cancel import cancel_order
from server.usecases.starting.sites import change_channel
from tests import warm
from tests.book import BOSS, all_told, open_book, sell
from tests.working import working

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ....").decode()


@dataclass
class Warehouse:
    """Plays Packproof's channel endpoint: keeps what arrives and answers with the statuses it was given."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        Webhook(SECRET).verify(body, headers)
        self.got.append((path, headers["webhook-id"], json.loads(body)))
        return self.statuses.pop(0) if self.statuses else 201


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    played = Warehouse()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            status = played.take(self.path, headers, self.rfile.read(int(headers["content-length"])))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"order": "1043", "status": "ready"}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(warehouse: Warehouse, tmp_path: Path) -> Iterator[httpx.Client]:
    products = tmp_path / "products.json"
    soap = {"sku": "SOAP", "title": "Soap", "cents": 990, "stock": 3}
    products.write_text(json.dumps([soap, {"sku": "TEA", "title": "Tea", "cents": 500, "stock": 10}]))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--data", str(tmp_path / "shop.db")]
    options += ["--server", warehouse.url, "--channel", "fern", "--products", str(products)]
    begin = "from server.simulated.shop.__main__ import main; main()"
    process = warm.start(begin, *options, env={**os.environ, "PACKPROOF_SHOP_SECRET": SECRET})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
            until(lambda: answers(client))
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/state").is_success
    except httpx.TransportError:
        return False


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def stock_of(shop: httpx.Client, sku: str) -> int:
    products = shop.get("/api/state").json()["products"]
    return int(next(p["stock"] for p in products if p["sku"] == sku))


def tell(
    shop: httpx.Client, kind: str, data: dict[str, Any], webhook_id: str = "", secret: str = SECRET
) -> httpx.Response:
    body, now = json.dumps({"type": kind, "timestamp": "now", "data": data}), datetime.now(UTC)
    webhook_id = webhook_id or uuid.uuid4().hex
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = Webhook(secret).sign(webhook_id, now, body)
    return shop.post("/packproof", content=body, headers=headers)


def test_a_sale_reaches_the_warehouse_signed_and_the_answer_is_kept(shop: httpx.Client, warehouse: Warehouse) -> None:
    bought = shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 2}], "note": "gift"})
    assert bought.status_code == 201
    until(lambda: shop.get("/api/state").json()["unsent"] == 0)
    [(path, _, order)] = warehouse.got
    assert path == "/channels/fern/orders"
    assert order["order_id"] == "S-1001"
    assert order["lines"] == [{"line_id": "1", "sku": "SOAP", "quantity": 2, "title": "Soap", "price": "9.90"}]
    assert order["ship_to"]["postcode"] == "97205"
    [kept] = shop.get("/api/state").json()["orders"]
    assert (kept["status"], kept["answer"]) == ("accepted", {"order": "1043", "status": "ready"})


def test_an_unheard_sale_is_told_again_under_the_same_id(shop: httpx.Client, warehouse: Warehouse) -> None:
    warehouse.statuses = [500, 503, 200]
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 1}]})
    until(lambda: shop.get("/api/state").json()["unsent"] == 0)
    assert len(warehouse.got) == 3
    assert len({webhook_id for _, webhook_id, _ in warehouse.got}) == 1


def test_a_cancel_is_never_told_before_its_order(shop: httpx.Client, warehouse: Warehouse) -> None:
    warehouse.statuses = [500, 500]
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 1}]})
    assert shop.post("/api/cancel/S-1001").json() == {"cancelled": True}
    until(lambda: shop.get("/api/state").json()["unsent"] == 0)
    assert [path for path, _, _ in warehouse.got] == ["/channels/fern/orders"] * 3 + [
        "/channels/fern/orders/S-1001/cancel"
    ]
    assert shop.post("/api/cancel/S-1001").status_code == 409


def test_the_shop_never_sells_more_than_its_own_number(shop: httpx.Client) -> None:
    assert (
        shop.post(
            "/api/buy", json={"lines": [{"sku": "TEA", "quantity": 1}, {"sku": "SOAP", "quantity": 4}]}
        ).status_code
        == 409
    )
    assert (stock_of(shop, "TEA"), stock_of(shop, "SOAP")) == (10, 3)
    assert shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": -1}]}).status_code == 409
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 3}]})
    assert stock_of(shop, "SOAP") == 0


def test_an_older_number_never_overwrites_a_newer_one(shop: httpx.Client) -> None:
    assert tell(shop, "stock.updated", {"sku": "SOAP", "available": 7, "version": 5}).json() == {"verdict": "applied"}
    assert tell(shop, "stock.updated", {"sku": "SOAP", "available": 90, "version": 4}).json() == {"verdict": "older"}
    assert stock_of(shop, "SOAP") == 7


def test_a_repeated_webhook_is_dropped(shop: httpx.Client) -> None:
    first = {"sku": "SOAP", "available": 7, "version": 1}
    assert tell(shop, "stock.updated", first, "msg-1").json() == {"verdict": "applied"}
    assert tell(shop, "stock.updated", {**first, "available": 8, "version": 2}, "msg-1").json() == {"verdict": "repeat"}
    assert stock_of(shop, "SOAP") == 7


def test_news_with_a_wrong_signature_is_not_believed(shop: httpx.Client) -> None:
    wrong = "whsec_" + base64.b64encode(b"someone else's secret").decode()
    assert tell(shop, "stock.updated", {"sku": "SOAP", "available": 7, "version": 1}, secret=wrong).status_code == 401
    assert stock_of(shop, "SOAP") == 3


def test_a_shipment_puts_the_tracking_number_on_the_order_page(shop: httpx.Client) -> None:
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 1}]})
    tell(shop, "shipment.created", {"order_id": "S-1001", "tracking_number": "OV123", "carrier": "own-van"})
    assert "OV123" in shop.get("/orders").text
    assert shop.post("/api/cancel/S-1001").status_code == 409


def test_a_person_buys_through_the_form(shop: httpx.Client, warehouse: Warehouse) -> None:
    assert "Soap" in shop.get("/").text
    bought = shop.post("/buy", data={"sku": "SOAP", "quantity": "1", "name": "Ada <b>"}, follow_redirects=True)
    assert "S-1001" in bought.text
    until(lambda: len(warehouse.got) == 1)
    assert warehouse.got[0][2]["ship_to"]["name"] == "Ada <b>"
    sorry = shop.post("/buy", data={"sku": "SOAP", "quantity": "99"}, follow_redirects=True)
    assert "not enough" in sorry.text


def test_faults_on_purpose_end_after_their_count(shop: httpx.Client) -> None:
    shop.post("/api/faults", json={"webhook_status": 500, "count": 2})
    news = {"sku": "SOAP", "available": 1, "version": 1}
    assert [tell(shop, "stock.updated", news).status_code for _ in range(3)] == [500, 500, 200]
    assert shop.post("/api/faults", json={"colour": "red"}).status_code == 422


def test_a_connection_dropped_after_accepting_leaves_the_caller_unsure(shop: httpx.Client) -> None:
    shop.post("/api/faults", json={"drop_after_accept": True})
    with pytest.raises(httpx.RemoteProtocolError):
        tell(shop, "stock.updated", {"sku": "SOAP", "available": 1, "version": 1}, "msg-9")
    assert stock_of(shop, "SOAP") == 1
    assert tell(shop, "stock.updated", {"sku": "SOAP", "available": 1, "version": 1}, "msg-9").json() == {
        "verdict": "repeat"
    }


def test_units_that_the_warehouse_cancels_leave_the_sale_and_the_last_of_them_cancel_it(shop: httpx.Client) -> None:
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 2}, {"sku": "TEA", "quantity": 1}]})
    some = {"order_id": "S-1001", "reason": "damaged", "lines": [{"line_id": "1", "sku": "SOAP", "quantity": 2}]}
    assert tell(shop, "order.cancelled", some).json() == {"verdict": "applied"}
    [sale] = shop.get("/api/state").json()["orders"]
    assert (sale["status"] != "cancelled", [line["quantity"] for line in sale["body"]["lines"]]) == (True, [0, 1])
    rest = some | {"lines": [{"line_id": "2", "sku": "TEA", "quantity": 1}]}
    assert tell(shop, "order.cancelled", rest).json() == {"verdict": "applied"}
    assert shop.get("/api/state").json()["orders"][0]["status"] == "cancelled"
    assert tell(shop, "order.cancelled", rest).json() == {"verdict": "ignored"}


def test_a_cancel_of_the_warehouse_counts_once_however_the_shop_misbehaves(shop: httpx.Client, db: Database) -> None:
    shop.post("/api/buy", json={"lines": [{"sku": "SOAP", "quantity": 2}]})
    shop.post("/api/faults", json={"drop_after_accept": True, "only": "order.cancelled"})
    open_book(db)
    change_channel(db, BOSS, "shop", {"secret": SECRET, "webhook_url": f"{shop.base_url}/packproof"})
    taken = sell(db, "S-1001", ("SOAP", 2))
    with working(db):
        cancel_order(db, BOSS, taken.order_id)
        until(lambda: all_told(db))
    state = shop.get("/api/state").json()
    assert state["orders"][0]["status"] == "cancelled"
    assert [heard["verdict"] for heard in state["told"] if heard["type"] == "order.cancelled"] == ["applied"]
