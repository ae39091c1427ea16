"""The board, live: one shared reading for all viewers, sent as Server-Sent Events.

However many people look, the database is read at most once in ``PERIOD`` seconds. A viewer that cannot keep up skips
to the newest board; one that reconnects gets the whole board first, so nothing needs to be replayed.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from server.db.transaction import Database
from server.domain.errors import Unavailable
from server.usecases.overview.board import read_board, without_people

STREAM = "/board/stream"
PERIOD = 0.7
"""Seconds between readings: a change is on every screen within one second, the reading and the sending included."""

VIEWERS_MAX = 200
log = structlog.get_logger("board")


@dataclass(frozen=True, slots=True)
class Frame:
    """One reading as JSON objects: ``full`` for supervisors, ``wall`` without people. ``serial`` rises with changes."""

    serial: int
    now: float
    full: bytes
    wall: bytes

    def message(self, wall: bool) -> bytes:
        """The JSON a page is given; ``now`` is the server's clock."""
        return b'{"now":%.3f,"board":%s}' % (self.now, self.wall if wall else self.full)


class Live:
    """The shared reading. ``frame`` may be called from any thread; ``events`` from the server's event loop."""

    def __init__(self, db: Database, period: float = PERIOD) -> None:
        self.viewers = 0
        self._db, self._period = db, period
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._read_at = float("-inf")
        self._ticker: asyncio.Task[None] | None = None
        self._ticked = asyncio.Event()
        self._well = True
        self._closed = False

    def frame(self, age_max: float | None = None) -> Frame:
        """The newest reading, at most ``age_max`` seconds old (one period when not given)."""
        age_max = self._period if age_max is None else age_max
        with self._lock:
            if self._frame is None or time.monotonic() - self._read_at >= age_max:
                self._frame = self._read(self._frame)
                self._read_at = time.monotonic()
            return self._frame

    @property
    def closed(self) -> bool:
        """Whether the server was told to stop."""
        return self._closed

    def close(self) -> None:
        """End every stream within a second; callable from any thread and from a signal handler."""
        self._closed = True

    async def events(self, wall: bool, allowed: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """The events of one viewer: ``board`` when something changed, else ``beat``; ends when no longer allowed."""
        self.viewers += 1
        try:
            yield b"retry: 1000\n\n"
            shown = -1
            while not self._closed and await allowed():
                if self._ticker is None or self._ticker.done():
                    self._ticker = asyncio.create_task(self._tick())
                    await self._ticked.wait()
                # Taken before sending: a tick that falls into a slow sending is not missed.
                ticked, frame = self._ticked, self._frame
                yield self._event(frame, shown, wall)
                shown = frame.serial if frame and self._well else -1
                await ticked.wait()
        finally:
            self.viewers -= 1

    def _event(self, frame: Frame | None, shown: int, wall: bool) -> bytes:
        if frame is None or not self._well:
            return b"event: trouble\ndata: {}\n\n"
        if frame.serial == shown:
            return b'event: beat\ndata: {"now":%.3f}\n\n' % self._db.now()
        return b"event: board\ndata: %s\n\n" % frame.message(wall)

    async def _tick(self) -> None:
        """Read and wake everybody, while somebody looks. A slow database is given three times as long to recover."""
        try:
            while self.viewers and not self._closed:
                began = time.monotonic()
                self._well = await run_in_threadpool(self._try)
                self._wake()
                took = time.monotonic() - began
                await asyncio.sleep(max(self._period - took, took * 3))
        finally:
            self._wake()

    def _wake(self) -> None:
        ticked, self._ticked = self._ticked, asyncio.Event()
        ticked.set()

    def _try(self) -> bool:
        try:
            self.frame(age_max=0)
        except Exception:
            # Viewers are told; the board comes back by itself when the database does.
            log.exception("board")
            return False
        return True

    def _read(self, before: Frame | None) -> Frame:
        board = read_board(self._db)
        now = self._db.now()
        full, wall = msgspec.json.encode(board), msgspec.json.encode(without_people(board, now))
        serial = before.serial if before else 0
        changed = before is None or (before.full, before.wall) != (full, wall)
        return Frame(serial + changed, now, full, wall)


def live_of(app: Starlette) -> Live:
    """This application's shared reading, made at the first call."""
    found: Live | None = getattr(app.state, "board_live", None)
    if found is None:
        found = app.state.board_live = Live(app.state.services.db)
    return found


def close_streams(app: Starlette) -> None:
    """End every board stream; call it when the server is told to stop, before it waits for open connections."""
    live_of(app).close()


def check_room(live: Live) -> None:
    """Raise Unavailable when as many screens as this server serves are connected."""
    if live.viewers >= VIEWERS_MAX:
        raise Unavailable(f"{VIEWERS_MAX} screens are connected already; close some")
