"""A program that is not ours answers for the platforms by their official descriptions; `make test-prism`.

Prism has no stock and no orders of its own: it says of each request whether the description allows it, and answers with
the description's examples or with filler. So every request must be allowed, and no answer may break an adapter.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.calls.troubles import Trouble
from server.channels import platform_of
from server.domain.errors import DomainError
from server.simulated.platforms import simulated
from server.trade.words import Listing, Word
from tests.described import description

HOME = os.environ.get("PACKPROOF_PRISM", "")
pytestmark = [
    pytest.mark.skipif(not HOME, reason="needs Node.js and Prism: run make test-prism"),
    pytest.mark.timeout(180),
]
NOW = 1_795_338_000.0
LATER = 1e12
ORDER = {"walmart": "1796277083022", "ebay": "12-34567-89012", "etsy": "1", "amazon": "902-1845936-5435065"}
LISTING = Listing(ref="1", sku="SKU-1", data={"listing_id": "1", "product_id": 1, "state": "active"})
STOCK = Word(id="m1", kind="stock", key="SKU-1", data={"sku": "SKU-1", "available": 3}, listings=(LISTING,))


def told(kind: str, what: str) -> Word:
    """A shipment, a cancel or an acknowledgement of an order that Prism may know."""
    data: dict[str, Any] = {"order_id": ORDER[kind], "reason": "customer", "tracking_number": "1Z999AA10123456784"}
    data |= {"carrier": "ups", "carrier_name": "UPS", "service": "standard", "shipped_at": "2026-11-22T09:00:00Z"}
    return Word(id="m2", kind=what, key="1", data=data | {"lines": [{"line_id": "1", "sku": "SKU-1", "quantity": 1}]})


Call = Callable[[Any, Line], object]


def tells(kind: str, *whats: str) -> list[Call]:
    """Adapter calls that tell these kinds of words."""

    def call(what: str) -> Call:
        return lambda adapter, line: adapter.tell(line, [told(kind, what)])

    return [call(what) for what in whats]


ORDERS: list[Call] = [lambda adapter, line: adapter.changed_orders(line, {})]
SHELVES: list[Call] = [
    lambda adapter, line: adapter.listings(line, ""),
    lambda adapter, line: adapter.live_stock(line, [LISTING]),
    lambda adapter, line: adapter.tell(line, [STOCK]),
]


def one(kind: str) -> list[Call]:
    """The adapter's look at one order."""
    return [lambda adapter, line: adapter.order(line, ORDER[kind])]


CASES = [
    ("walmart", "orders.openapi.yml", "", [*ORDERS, *one("walmart"), *tells("walmart", "ack", "shipment", "cancel")]),
    ("walmart", "inventory.openapi.yml", "", SHELVES[1:]),
    ("etsy", "etsy-openapi-v3.json", "", [*ORDERS, *one("etsy"), *SHELVES, *tells("etsy", "shipment")]),
    (
        "ebay",
        "sell_fulfillment_v1_oas3.json",
        "/sell/fulfillment/v1",
        [*ORDERS, *one("ebay"), *tells("ebay", "shipment")],
    ),
    ("ebay", "sell_inventory_v1_oas3.json", "/sell/inventory/v1", SHELVES),
    ("amazon", "orders_2026-01-01.json", "", [*ORDERS, *one("amazon")]),
    ("amazon", "listingsItems_2021-08-01.json", "", SHELVES),
]


@contextmanager
def prism(path: Path) -> Iterator[str]:
    """Prism with this description; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(HOME) / "node_modules/.bin/prism"), "mock", "-h", "127.0.0.1", "-p", str(port), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                assert process.poll() is None, "Prism has ended"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


class SignedIn(Forgetful):
    """Every token is there already: the descriptions of sign-in are not mocked."""

    def get(self, key: str) -> Any:
        return {"token": "t" * 32, "renew_at": LATER} if key.startswith("token:") else Forgetful.get(self, key)


class Through(httpx.HTTPTransport):
    """Every call goes to Prism; ``wrong`` are those that the description does not allow."""

    def __init__(self, base: str, prefix: str) -> None:
        super().__init__()
        self._base, self._prefix = httpx.URL(base), prefix
        self.asked = 0
        self.wrong: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().removeprefix(self._prefix)
        request.url = self._base.copy_with(raw_path=path.encode())
        request.headers["host"] = urlsplit(str(self._base)).netloc
        response = super().handle_request(request)
        self.asked += 1
        body = response.read()
        if b"stoplight.io/prism/errors" in body and b"NO_RESPONSE_DEFINED" not in body:
            said = json.loads(body)
            self.wrong.append(f"{request.method} {path[:90]}: {said.get('title')} {said.get('validation') or ''}"[:600])
        for each in json.loads(response.headers.get("sl-violations") or "[]"):
            # Of Prism's own answers, which are the description's examples, nothing is our doing.
            if (each.get("location") or [""])[0] == "request":
                self.wrong.append(f"{request.method} {path[:90]}: {each}"[:600])
        return httpx.Response(response.status_code, headers=_plain(response.headers), content=body)


def _plain(headers: httpx.Headers) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name not in {"content-encoding", "content-length"}}


@pytest.mark.parametrize(("kind", "file", "prefix", "calls"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_prism_allows_every_request_and_no_answer_of_its_breaks_an_adapter(
    kind: str, file: str, prefix: str, calls: list[Call]
) -> None:
    with prism(description(kind, file)) as base:
        through = Through(base, prefix)
        with httpx.Client(transport=through, timeout=30) as client:
            settings = simulated(kind, lambda: NOW).settings()
            line = Line(kind, settings, client, lambda: NOW, Pace({}, lambda: NOW), SignedIn(), patience=0.0)
            adapter = platform_of(kind)
            for call in calls:
                with suppress(Trouble, DomainError):
                    call(adapter, line)
    assert through.asked >= len(calls)
    assert through.wrong == []
