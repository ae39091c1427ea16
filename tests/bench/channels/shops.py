"""Seven shops and their buyers in a process of their own, so that a measurement measures us and not them.

Run as ``python -m tests.bench.channels.shops`` with an ``Order`` as JSON on standard input, a line. It answers with a
line of ``Opened``, waits for another line, lets the buyers buy, and answers with a line of ``Bought``. It ends with
its standard input.
"""

import asyncio
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.base import Ask, Simulated
from server.simulated.platforms.market import SoldOut
from server.simulated.platforms.serve import Courier, Delivery
from tests.bench.channels.own_shop import OwnShop

HOST = "127.0.0.1"


class Order(msgspec.Struct, frozen=True):
    """What is to be opened: ``base`` is our own address, ``delay`` the seconds that each answer of theirs takes."""

    base: str
    skus: int
    units: int
    rate: float
    seconds: float
    delay: float = 0.0
    seed: int = 1


class Shop(msgspec.Struct, frozen=True):
    """A shop that is open: its kind, the settings of a channel to it, and whether it sends messages."""

    kind: str
    settings: dict[str, Any]
    sends: bool


class Opened(msgspec.Struct, frozen=True):
    """All shops, by the code of their channel."""

    shops: dict[str, Shop]


class Sold(msgspec.Struct, frozen=True):
    """One unit of a SKU was sold at a time (seconds since the epoch)."""

    channel: str
    ref: str
    sku: str
    at: float


class Bought(msgspec.Struct, frozen=True):
    """All sales, and by how many seconds the buyers were late at the end."""

    sales: list[Sold]
    behind: float


# --- our side ---------------------------------------------------------------------------------------------------------


class Remote:
    """The shops, seen from the process that is measured."""

    def __init__(self, process: subprocess.Popen[bytes], opened: Opened) -> None:
        self._process = process
        self.shops = opened.shops

    def buy(self) -> Bought:
        """Let the buyers buy; return when the last has bought."""
        _say(self._process.stdin, b"go")
        return msgspec.json.decode(_hear(self._process.stdout), type=Bought)


@contextmanager
def open_shops(order: Order) -> Iterator[Remote]:
    """All shops, until the block ends."""
    command = [sys.executable, "-m", "tests.bench.channels.shops"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            _say(process.stdin, msgspec.json.encode(order))
            yield Remote(process, msgspec.json.decode(_hear(process.stdout), type=Opened))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


def _say(pipe: Any, text: bytes) -> None:
    pipe.write(text + b"\n")
    pipe.flush()


def _hear(pipe: Any) -> bytes:
    text: bytes = pipe.readline()
    assert text, "the shops have ended"
    return text


# --- their side -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Be the shops."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    shops = {kind: simulated(kind, time.time, order.seed) for kind in kinds()}
    shops["custom"] = OwnShop(time.time, order.seed)
    for shop in shops.values():
        for n in range(order.skus):
            shop.market.offer(f"SKU-{n:03}", order.units)
    opened = {code: Shop(code, _serve(shop, order), sends(shop)) for code, shop in shops.items()}
    _say(sys.stdout.buffer, msgspec.json.encode(Opened(opened)))
    if sys.stdin.buffer.readline():
        _say(sys.stdout.buffer, msgspec.json.encode(_bought(shops, order)))
        sys.stdin.buffer.readline()


def sends(shop: Simulated) -> bool:
    """Whether it tells us of its sales by itself."""
    return type(shop).messages_of is not Simulated.messages_of and shop.KIND != "amazon"


def _bought(shops: dict[str, Simulated], order: Order) -> Bought:
    chance, sales, begin = random.Random(order.seed), list[Sold](), time.time()
    for n in range(int(order.seconds * order.rate)):
        while (early := begin + n / order.rate - time.time()) > 0:
            time.sleep(early)
        code, sku = chance.choice(list(shops)), f"SKU-{chance.randrange(order.skus):03}"
        try:
            sale = shops[code].market.sell((sku, 1))
        except SoldOut:
            continue
        sales.append(Sold(code, sale.ref, sku, sale.placed_at))
    return Bought(sales, time.time() - begin - order.seconds)


def _serve(shop: Simulated, order: Order) -> dict[str, Any]:
    """Answer on a free port, send messages to us; the settings of a channel to it."""
    listener = socket.create_server((HOST, 0))
    config = uvicorn.Config(_app(shop, order.delay), log_config=None, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    path = "orders" if shop.KIND == "custom" else "messages"
    Courier(shop, Delivery(f"{order.base}/channels/{{kind}}/{path}"), order.seed).thread.start()
    return shop.settings(f"http://{HOST}:{listener.getsockname()[1]}")


def _app(shop: Simulated, delay: float) -> ASGIApp:
    """The platform's own paths with as little between as there can be."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        ask = _ask(scope, body + message.get("body", b""))
        if delay:
            await asyncio.sleep(delay)
        said = shop.answer(ask)
        named = [(k.lower().encode(), v.encode()) for k, v in said.headers.items() if k.lower() != "content-length"]
        named.append((b"content-length", str(len(said.body)).encode()))
        await send({"type": "http.response.start", "status": said.status, "headers": named})
        await send({"type": "http.response.body", "body": said.body})

    return answer


def _ask(scope: Scope, body: bytes) -> Ask:
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
    query, path = scope["query_string"].decode("latin-1"), scope["raw_path"].decode("latin-1")
    return Ask(
        method=scope["method"],
        path=scope["path"],
        raw_path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        body=body,
        url=f"http://{headers['host']}{path}{f'?{query}' if query else ''}",
    )


if __name__ == "__main__":
    main()
