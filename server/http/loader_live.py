"""A load, live on phones: one shared reading of each load for all who look, sent as Server-Sent Events."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from server.db.transaction import Database
from server.domain.errors import Unavailable
from server.http.live import live_of
from server.usecases.loading.phone import phone_load

PERIOD = 0.7
"""Seconds between readings: a scan is on every phone within two seconds, the reading and the sending included."""
PHONES_MAX = 100
_KEPT = 50
log = structlog.get_logger("loader")


class Phones:
    """The shared readings. ``reading`` may be called from any thread, ``events`` from the server's event loop."""

    def __init__(self, db: Database) -> None:
        self.viewers = 0
        self._db = db
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, bytes]] = {}

    def reading(self, load_id: str) -> bytes:
        """The load as JSON, at most one period old; raise DomainError("not_found")."""
        with self._lock:
            read_at, found = self._kept.get(load_id, (float("-inf"), b""))
            if time.monotonic() - read_at >= PERIOD * 0.9:
                found = msgspec.json.encode(phone_load(self._db, load_id))
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[load_id] = (time.monotonic(), found)
            return found

    def message(self, found: bytes) -> bytes:
        """What a page is given; ``now`` is the server's clock."""
        return b'{"now":%.3f,"load":%s}' % (self._db.now(), found)

    async def events(
        self, load_id: str, allowed: Callable[[], Awaitable[bool]], closed: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        """``load`` when something changed, else ``beat``; ends when no longer allowed or the server stops."""
        self.viewers += 1
        shown = b""
        try:
            yield b"retry: 1000\n\n"
            while not closed() and await allowed():
                try:
                    found = await run_in_threadpool(self.reading, load_id)
                except Exception:
                    # Phones are told; the load comes back by itself when the database does.
                    log.exception("loader")
                    shown = b""
                    yield b"event: trouble\ndata: {}\n\n"
                else:
                    fresh = found != shown
                    kind, data = (
                        (b"load", self.message(found)) if fresh else (b"beat", b'{"now":%.3f}' % self._db.now())
                    )
                    shown = found
                    yield b"event: %s\ndata: %s\n\n" % (kind, data)
                await asyncio.sleep(PERIOD)
        finally:
            self.viewers -= 1


def phones_of(app: Starlette) -> Phones:
    """This application's shared readings, made at the first call."""
    found: Phones | None = getattr(app.state, "phones", None)
    if found is None:
        found = app.state.phones = Phones(app.state.services.db)
    return found


def stopping(app: Starlette) -> Callable[[], bool]:
    """Whether the server was told to stop."""
    return lambda: live_of(app).closed


def check_room(phones: Phones) -> None:
    """Raise Unavailable when as many phones as this server serves are connected."""
    if phones.viewers >= PHONES_MAX:
        raise Unavailable(f"{PHONES_MAX} phones are connected already; close some")
