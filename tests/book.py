"""A small stock book on a fresh database: one site, some channels, three products. And a shop that listens."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from sqlalchemy import func, select
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette

from server.channels import caller_of
from server.db import publishing, stale, tables
from server.db.transaction import Actor, Database
from server.domain.booking.lots import Incoming
from server.domain.masterdata.catalog import Product
from server.trade.orders import IncomingOrder
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.sales.intake import take_order
from server.usecases.sales.taken import Taken
from server.usecases.sharing.publishing import tell_everything
from server.usecases.starting.sites import add_channel, add_site
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.receiving import receive_goods
from tests.remembered import remembered
from tests.serving import uvicorn_of

BOSS = Actor("the boss", "", "req-1")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHIP_TO = {"name": "Zoe Quill", "lines": ["7 Hidden Lane"], "city": "Springfield", "postcode": "94107", "country": "US"}


def open_book(db: Database, *, candles: int = 10, channels: int = 1, url: str = "") -> None:
    """Site EAST with candles and 10 soaps; channels shop, shop2, ... told at ``url`` if given."""

    def fill() -> None:
        _fill(db, candles, channels, url)

    # No two addresses are alike.
    if url:
        fill()
    else:
        remembered(db, ("book", candles, channels), fill)


def _fill(db: Database, candles: int, channels: int, url: str) -> None:
    add_site(db, BOSS, "EAST", "East")
    for number in range(1, channels + 1):
        settings = {"secret": SECRET} | ({"webhook_url": f"{url}/{number}"} if url else {})
        add_channel(db, BOSS, "shop" if number == 1 else f"shop{number}", f"Shop {number}", settings)
    put_product(db, BOSS, Product("CANDLE", "Candle", "LAVENDER"), [CodeEntry("4006381333931")])
    put_product(db, BOSS, Product("SOAP", "Soap", "ROSE"), [CodeEntry("5901234123457")])
    put_product(db, BOSS, Product("MUG", "Mug"), [])
    count_on_hand(db, BOSS, "CANDLE", "EAST", candles, bin_code="A-1")
    count_on_hand(db, BOSS, "SOAP", "EAST", 10)


def order_body(order_id: str, *lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
    """The documented JSON of an order for (sku, quantity) lines."""
    sold = [{"line_id": str(n), "sku": sku, "quantity": units} for n, (sku, units) in enumerate(lines, 1)]
    body = {"order_id": order_id, "paid": True, "currency": "USD", "ship_to": SHIP_TO, "lines": sold}
    return body | changes


def incoming(order_id: str, *lines: tuple[str, int], **changes: Any) -> IncomingOrder:
    """The same, read."""
    return caller_of("custom").read_body(json.dumps(order_body(order_id, *lines, **changes)).encode())


def sell(db: Database, order_id: str, *lines: tuple[str, int], channel: str = "shop", **changes: Any) -> Taken:
    """Take such an order in."""
    return take_order(db, BOSS, channel, incoming(order_id, *lines, **changes))


def receive(db: Database, sku: str, site: str, units: int, *, lot: str = "", expires_on: str = "") -> None:
    """Units came in."""
    receive_goods(db, BOSS, site, [Incoming(sku, units, lot, expires_on)])


def level(db: Database, sku: str = "CANDLE") -> tuple[int, int]:
    """(on hand, reserved) over all sites."""
    t = tables.stock
    with db.read() as connection:
        query = select(func.sum(t.c.on_hand), func.sum(t.c.reserved)).where(t.c.sku == sku)
        on_hand, reserved = connection.execute(query).one()
        return int(on_hand), int(reserved)


def ledger_sums(db: Database, sku: str) -> tuple[int, int]:
    """What the ledger says (on hand, reserved) must be."""
    t = tables.ledger
    with db.read() as connection:
        query = select(func.coalesce(func.sum(t.c.d_on_hand), 0), func.coalesce(func.sum(t.c.d_reserved), 0))
        on_hand, reserved = connection.execute(query.where(t.c.sku == sku)).one()
        return int(on_hand), int(reserved)


def count_rows(db: Database, table: Any, *where: Any) -> int:
    """How many rows of a table there are."""
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def incidents_of(db: Database, kind: str) -> list[str]:
    """Causes of the open incidents of a type."""
    t = tables.incident
    with db.read() as connection:
        query = select(t.c.cause).where(t.c.type == kind, t.c.state == "open").order_by(t.c.id)
        return list(connection.execute(query).scalars())


def until(true: Callable[[], bool], what: str, within: float = 10.0) -> None:
    """Wait for a condition, not for a time."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.005)


def signed(body: bytes, message_id: str, at: float | None = None) -> dict[str, str]:
    """Headers of the Standard Webhooks scheme."""
    when = datetime.fromtimestamp(int(time.time() if at is None else at), UTC)
    signature = Webhook(SECRET).sign(message_id, when, body.decode())
    stamp = str(int(when.timestamp()))
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signature}


@dataclass
class Shop:
    """A real receiver. ``answer(path, body) -> status`` may be replaced; what it took is in ``got``."""

    url: str = ""
    answer: Callable[[str, dict[str, Any]], int] = lambda _path, _body: 200
    tries: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    got: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def number(self, sku: str, path: str = "/1") -> int | None:
        """What a receiver that ignores older versions shows for a SKU."""
        newest = max(
            (b["data"]["version"], b["data"]["available"])
            for p, _, b in [*self.got, (path, "", _nothing(sku))]
            if p == path and b["type"] == "stock.updated" and b["data"]["sku"] == sku
        )
        return newest[1] if newest[0] else None


def _nothing(sku: str) -> dict[str, Any]:
    return {"type": "stock.updated", "data": {"sku": sku, "version": 0, "available": 0}}


@contextmanager
def listening() -> Iterator[Shop]:
    """A shop on a free port of loopback that believes only signed messages."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            Webhook(SECRET).verify(body, dict(self.headers.items()))
            message = (self.path, self.headers["webhook-id"], json.loads(body))
            shop.tries.append(message)
            status = shop.answer(self.path, message[2])
            if status // 100 == 2:
                shop.got.append(message)
            try:
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def serving(app: Starlette) -> Iterator[httpx.Client]:
    """The app on a real socket, and a client that reaches it."""
    # Reading the certificates of all authorities takes 30 ms.
    with uvicorn_of(app, "on") as url, httpx.Client(base_url=url, trust_env=False, timeout=30, verify=False) as client:
        yield client


def publish(db: Database) -> None:
    """Let the fan-out do what the worker does: every number that changed waits in the outbox."""
    tell_everything(db)


def all_told(db: Database) -> bool:
    """Whether every channel knows everything: the fan-out has seen every commit, and nothing waits to be sent."""
    with db.read() as connection:
        behind = publishing.last_batch(connection) > publishing.standing(connection).seq or stale.peek(connection, 1)
    return not behind and count_rows(db, tables.outbox, tables.outbox.c.state == "waiting") == 0
