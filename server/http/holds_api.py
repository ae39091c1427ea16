"""Checkout holds over HTTP: what an own shop calls while its buyers pay.

Signed as all that a channel sends; the signature covers the body, so every body names its hold.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from server import wire
from server.channels import caller_of
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.http.access import CHANNEL
from server.http.call import Services
from server.http.refusals import STATUS
from server.http.routing import async_route
from server.usecases.booking import book, holds
from server.usecases.booking.hold_batch import Held
from server.usecases.booking.hold_wishes import command, read_key, read_wish, read_wishes
from server.usecases.outward import webhooks

BATCH_MAX = 1000
_FRESH = 1.0
"""Seconds for which a channel's settings are believed: a changed secret works after as long."""
_JSON = "application/json"


async def place(request: Request, body: bytes, request_id: str) -> Response:
    """201 with the time it ends, 409 with what is missing; the same key again gives the same answer."""
    channel = await _caller(request, body)
    wish = command(channel.id, read_wish(body), _actor(channel, request_id))
    [outcome] = await _ask(request, [wish])
    if isinstance(outcome, DomainError):
        raise outcome
    assert isinstance(outcome, Held), "a hold was asked for"  # noqa: S101
    return Response(outcome.body, outcome.status, media_type=_JSON)


async def place_many(request: Request, body: bytes, request_id: str) -> Response:
    """200 with an answer for each hold, in their order; one that cannot be read fails them all before any is placed."""
    channel = await _caller(request, body)
    wishes = read_wishes(body)
    if not 0 < len(wishes) <= BATCH_MAX:
        raise DomainError("malformed", f"holds: expected 1 to {BATCH_MAX}, found {len(wishes)}")
    actor = _actor(channel, request_id)
    outcomes = await _ask(request, [command(channel.id, wish, actor) for wish in wishes])
    return Response(f'{{"answers":[{",".join(map(_told, outcomes))}]}}', 200, media_type=_JSON)


async def show(request: Request, body: bytes, _request_id: str) -> Response:
    """The hold as it is now."""
    channel = await _caller(request, body)
    db: Database = request.app.state.services.db
    held = await run_in_threadpool(holds.find_hold, db, channel.id, read_key(body))
    return Response(held.body, 200, media_type=_JSON)


async def confirm(request: Request, body: bytes, request_id: str) -> Response:
    """The buyer has paid: 200, or 409 when it had expired and the stock is gone."""
    channel = await _caller(request, body)
    held = await _end(holds.confirm_hold, request, channel, body, request_id)
    return Response(held.body, 200 if held.status < STATUS["malformed"] else held.status, media_type=_JSON)


async def release(request: Request, body: bytes, request_id: str) -> Response:
    """The buyer left: 200, also when nothing was kept any more."""
    channel = await _caller(request, body)
    held = await _end(holds.release_hold, request, channel, body, request_id)
    return Response(held.body, 200, media_type=_JSON)


async def _end(
    how: Callable[[Database, Actor, int, str], Held], request: Request, channel: Row[Any], body: bytes, request_id: str
) -> Held:
    services: Services = request.app.state.services
    return await run_in_threadpool(how, services.db, _actor(channel, request_id), channel.id, read_key(body))


class Channels:
    """The channels' settings, read at most once a second and not for every request."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, tuple[float, Row[Any]]] = {}

    async def find(self, code: str) -> Row[Any]:
        """The active channel; raise DomainError("not_found")."""
        read_at, row = self._known.get(code, (0.0, None))
        if row is None or time.monotonic() - read_at > _FRESH:
            row = await run_in_threadpool(self._read, code)
            self._known[code] = time.monotonic(), row
        return row

    def _read(self, code: str) -> Row[Any]:
        with self._db.read() as connection:
            return webhooks.sender(connection, code)


class Bridge:
    """Brings outcomes from the book's thread to the event loop, many in one hop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._arrived: deque[tuple[asyncio.Future[Any], Any]] = deque()

    def bring(self, future: "asyncio.Future[Any]", outcome: Any) -> None:
        """Called from any thread."""
        with self._lock:
            first = not self._arrived
            self._arrived.append((future, outcome))
        if first:
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, deque()
        for future, outcome in arrived:
            if not future.done():
                book.settle(future, outcome)


class _Answers:
    """Collects the outcomes of one request; the last one takes all of them home."""

    def __init__(self, count: int, home: Callable[[Any], None]) -> None:
        self._found: list[Any] = [None] * count
        self._left = count
        self._home = home

    def place(self, index: int) -> Callable[[Any], None]:
        """Where the outcome of this wish goes; the book calls from its one thread."""

        def arrive(found: Any) -> None:
            self._found[index] = found
            self._left -= 1
            if not self._left:
                self._home(next(filter(_is_trouble, self._found), self._found))

        return arrive


def _is_trouble(found: Any) -> bool:
    return isinstance(found, BaseException) and not isinstance(found, DomainError)


async def _ask(request: Request, wishes: Sequence[book.Wish]) -> list[book.Outcome]:
    state = request.app.state
    services: Services = state.services
    if services.book is None:
        return await run_in_threadpool(book.run, services.db, wishes)
    loop = asyncio.get_running_loop()
    bridge = getattr(state, "bridge", None)
    if bridge is None:
        bridge = state.bridge = Bridge(loop)
    future: asyncio.Future[list[book.Outcome]] = loop.create_future()
    answers = _Answers(len(wishes), lambda found: bridge.bring(future, found))
    services.book.submit_together([(wish, answers.place(n)) for n, wish in enumerate(wishes)])
    return await future


async def _caller(request: Request, body: bytes) -> Row[Any]:
    state = request.app.state
    channels = getattr(state, "channels", None)
    if channels is None:
        services: Services = state.services
        channels = state.channels = Channels(services.db)
    row = await channels.find(request.path_params["channel"])
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in request.scope["headers"]}
    caller_of(row.kind).verify(row.settings, headers, body)
    return row


def _actor(channel: Row[Any], request_id: str) -> Actor:
    return Actor(f"channel:{channel.code}", "", request_id)


def _told(outcome: book.Outcome) -> str:
    if isinstance(outcome, Held):
        return outcome.body
    assert isinstance(outcome, DomainError), "holds were asked for"  # noqa: S101
    return wire.encode({"state": "error", "code": outcome.code, "detail": outcome.detail}).decode()


ROUTES = [
    async_route("POST", "/channels/{channel}/holds", place, CHANNEL),
    async_route("POST", "/channels/{channel}/holds:batch", place_many, CHANNEL),
    async_route("POST", "/channels/{channel}/holds:confirm", confirm, CHANNEL),
    async_route("POST", "/channels/{channel}/holds:release", release, CHANNEL),
    async_route("POST", "/channels/{channel}/holds:show", show, CHANNEL),
]
QUIET = frozenset({"/channels/{channel}/holds", "/channels/{channel}/holds:batch"})
"""Paths whose requests are too many for a line each."""
