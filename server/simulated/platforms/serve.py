"""Simulated platforms on loopback: each on a port of its own, answering as the real one does, with a courier that lies.

Beside the platform's own paths each has a small control, in JSON, for people and tests:

    POST /_/sell     {"lines": [{"sku": "LAV16", "quantity": 1}], "note": "", "buyer": {}}: somebody buys
    POST /_/cancel   {"order": "...", "units": {line id: units}}: all of it without units
    POST /_/change   {"order": "...", "buyer": {}, "note": ""}: another address or note
    POST /_/tamper   {"sku": "LAV16", "quantity": 7}: somebody edits the number on the platform's pages
    GET  /_/state    what it shows, what it sold, what it was told
    POST /_/faults   {"share": 0.05, "down": false, "limited": true, "once": "lost_after", "method": "", "path": ""}
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.simulated.platforms import simulated
from server.simulated.platforms.base import Ask, Message, NoAnswer, Simulated
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import SoldOut

HOST = "127.0.0.1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
_STARTED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages arrive. ``url``: where to, {kind} stands for the platform; empty: nowhere.

    ``loss`` and ``twice`` are shares; each message waits up to ``delay`` seconds, so that they overtake each other.
    """

    url: str = ""
    loss: float = 0.0
    twice: float = 0.0
    delay: float = 0.0
    tries: int = 5


class Unanswered(Response):
    """Promises an answer and breaks off, so that the connection closes: the caller cannot know what was done."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Start an answer that never ends."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})


class Courier:
    """Carries a platform's messages to ``delivery.url``: late, twice, out of order or never, by the seed."""

    def __init__(self, platform: Simulated, delivery: Delivery, seed: int) -> None:
        self._platform, self._delivery = platform, delivery
        self._random = Random(seed)  # noqa: S311 - faults, no secrets
        self._stopping = threading.Event()
        self._held: list[tuple[float, int, Message]] = []
        self.carried = 0
        self.lost = 0
        self.thread = threading.Thread(target=self._run, name=f"courier of {platform.KIND}", daemon=True)

    @property
    def waits(self) -> bool:
        """Whether any message is still to come."""
        return bool(self._held or self._platform.outgoing)

    def stop(self) -> None:
        """Carry nothing more."""
        self._stopping.set()
        self.thread.join(5)

    def _run(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not self._stopping.wait(0.02):
                while self._platform.outgoing:
                    self._hold(self._platform.outgoing.pop(0))
                now = self._platform.now()
                ready = sorted((each for each in self._held if each[0] <= now), key=lambda each: each[:2])
                self._held = [each for each in self._held if each[0] > now]
                for _, tries, message in ready:
                    self._carry(client, message, tries)

    def _hold(self, message: Message) -> None:
        if not self._delivery.url or self._random.random() < self._delivery.loss:
            self.lost += 1
            return
        copies = 2 if self._random.random() < self._delivery.twice else 1
        for _ in range(copies):
            at = max(message.due, self._platform.now()) + self._random.random() * self._delivery.delay
            self._held.append((at, 0, message))

    def _carry(self, client: httpx.Client, message: Message, tries: int) -> None:
        url = self._delivery.url.replace("{kind}", self._platform.KIND)
        try:
            answer = client.post(url, headers=dict(message.headers), content=message.body)
            good = answer.is_success
        except httpx.HTTPError:
            good = False
        if good:
            self.carried += 1
        elif tries + 1 < self._delivery.tries:
            self._held.append((self._platform.now() + 2.0**tries, tries + 1, message))
        else:
            self.lost += 1


def app_of(platform: Simulated) -> Starlette:
    """The platform's own paths, and the control."""
    turn = threading.Lock()

    async def answer(request: Request) -> Response:
        ask = _ask(request, await request.body())
        try:
            said = await run_in_threadpool(_in_turn, turn, platform, ask)
        except NoAnswer:
            return Unanswered()
        headers = {name: value for name, value in said.headers.items() if name.lower() != "content-length"}
        return Response(said.body, said.status, headers)

    async def control(request: Request) -> Response:
        body = await request.body()
        try:
            told = json.loads(body) if body else {}
            return JSONResponse(await run_in_threadpool(_controlled, platform, request.path_params["what"], told))
        except SoldOut as error:
            return JSONResponse({"error": str(error)}, 409)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    routes = [Route("/_/{what}", control, methods=["GET", "POST"]), Route("/{path:path}", answer, methods=_METHODS)]
    return Starlette(routes=routes)


def _in_turn(turn: threading.Lock, platform: Simulated, ask: Ask) -> Any:
    with turn:
        return platform.answer(ask)


def _ask(request: Request, body: bytes) -> Ask:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope["query_string"].decode("latin-1")
    path = raw.decode("latin-1").partition("?")[0]
    host = request.headers.get("host", HOST)
    return Ask(
        method=request.method,
        path=request.scope["path"],
        raw_path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        url=f"http://{host}{path}{f'?{query}' if query else ''}",
    )


def _controlled(platform: Simulated, what: str, told: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {**_CONTROLS, **platform.CONTROLS}[what](platform, told)
    except StopIteration as error:
        raise KeyError("nothing with this SKU is on sale") from error


def _sell(platform: Simulated, told: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [(str(line["sku"]), int(line.get("quantity", 1))) for line in told["lines"]]
    more = {name: told[name] for name in ("note", "paid", "gift_message", "fulfilled_by", "service") if name in told}
    sale = platform.market.sell(*wanted, buyer=told.get("buyer"), personal=told.get("personal", ""), **more)
    return {"order": sale.ref, "number": sale.number}


def _cancel(platform: Simulated, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": platform.market.cancel(str(told["order"]), told.get("units")).status}


def _change(platform: Simulated, told: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: told[name] for name in ("note", "paid", "ship_by") if name in told}
    platform.market.change(str(told["order"]), buyer=told.get("buyer"), **fields)
    return {"status": "changed"}


def _tamper(platform: Simulated, told: Mapping[str, Any]) -> dict[str, Any]:
    platform.market.tamper(str(told["sku"]), int(told["quantity"]))
    return {"sku": told["sku"], "quantity": int(told["quantity"])}


def _state(platform: Simulated, _told: Mapping[str, Any]) -> dict[str, Any]:
    market = platform.market
    with market.lock:
        return {
            "items": [{"ref": i.ref, "sku": i.sku, "quantity": i.quantity} for i in market.items.values()],
            "orders": [
                {
                    "order": sale.ref,
                    "status": sale.status,
                    "paid": sale.paid,
                    "lines": [asdict(line) for line in sale.lines],
                    "shipments": [{"carrier": s.carrier, "tracking": s.tracking} for s in sale.shipments],
                }
                for sale in market.sales.values()
            ],
            "told": [asdict(told) for told in market.told[-50:]],
            "asked": len(platform.asked),
        }


def _faults(platform: Simulated, told: Mapping[str, Any]) -> dict[str, Any]:
    faults = platform.faults
    faults.share = float(told.get("share", faults.share))
    faults.down = bool(told.get("down", faults.down))
    platform.limited = bool(told.get("limited", platform.limited))
    if once := told.get("once"):
        faults.once(Fault(once), str(told.get("method", "")), str(told.get("path", "")))
    return {"share": faults.share, "down": faults.down, "limited": platform.limited}


_CONTROLS: Mapping[str, Callable[[Simulated, Mapping[str, Any]], dict[str, Any]]] = {
    "sell": _sell,
    "cancel": _cancel,
    "change": _change,
    "tamper": _tamper,
    "state": _state,
    "faults": _faults,
}


@dataclass(slots=True)
class Served:
    """One platform that listens; ``url`` is its address."""

    platform: Simulated
    url: str
    courier: Courier
    _server: uvicorn.Server
    _thread: threading.Thread
    settings: dict[str, Any] = field(default_factory=dict)

    def stop(self) -> None:
        """Listen no more."""
        self.courier.stop()
        self._server.should_exit = True
        self._thread.join(10)


def serve_one(platform: Simulated, port: int = 0, delivery: Delivery | None = None, seed: int = 1) -> Served:
    """Listen on this port of loopback, or on any free one; return once it answers. Raise OSError for a port in use."""
    listener = socket.create_server((HOST, port))
    config = uvicorn.Config(app_of(platform), log_config=None, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name=platform.KIND, daemon=True)
    thread.start()
    deadline = time.monotonic() + _STARTED_SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            raise OSError(f"{platform.KIND} did not start on port {port}")
        time.sleep(0.005)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    courier = Courier(platform, delivery or Delivery(), seed)
    courier.thread.start()
    return Served(platform, url, courier, server, thread, platform.settings(url))


@contextlib.contextmanager
def serving(
    kinds: Sequence[str],
    port: int = 0,
    delivery: Delivery | None = None,
    *,
    seed: int = 1,
    now: Callable[[], float] = time.time,
) -> Iterator[list[Served]]:
    """One platform of each kind, on ports that begin at ``port`` (0: any), until the block ends."""
    running: list[Served] = []
    try:
        for nth, kind in enumerate(kinds):
            platform = simulated(kind, now, seed)
            running.append(serve_one(platform, port + nth if port else 0, delivery, seed + nth))
        yield running
    finally:
        for each in running:
            each.stop()


def stocked(platform: Simulated) -> None:
    """Put the demo's goods on sale: one is called otherwise there, and one thing is none of ours."""
    from server.simulated.demo.goods import GOODS

    for good in GOODS:
        sku = "LAVENDER-16OZ" if good.sku == "LAV16" else good.sku
        platform.market.offer(sku, good.stock, gtin=good.ean, title=good.title, cents=good.cents)
    platform.market.offer("GIFT-CARD", 999, title="Gift card", cents=2500)


def settings_toml(settings: Mapping[str, Any]) -> str:
    """The settings as `channels add --settings` reads them."""
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items())
