"""A thread for each platform: it takes in what was heard and looks for what changed, so that none waits for another."""

import threading
import time
from typing import Any

import structlog
from sqlalchemy import Row

from server.channels import platform_of
from server.db import channel_states, sites
from server.db.transaction import Actor, Database, transaction
from server.usecases.talking.lines import Lines
from server.usecases.talking.turn import turn

NEW_CHANNELS = 5.0
"""Seconds between two looks for channels that were added, changed or paused."""

REST = 0.05
"""Seconds between two turns: requests come first."""

SLOW = 1.0
"""Seconds between two turns that also do what can wait."""

_WORKER = Actor("worker")
log = structlog.get_logger("conversations")


class _Conversation:
    """One platform's thread; its row is read again every second, so that new settings hold at once."""

    def __init__(self, db: Database, lines: Lines, owner: str, code: str, stopping: threading.Event) -> None:
        self.wake = threading.Event()
        self._db, self._lines, self._owner, self._code, self._stopping = db, lines, owner, code, stopping
        self.thread = threading.Thread(target=self._run, name=f"with {code}", daemon=True)

    def _run(self) -> None:
        slow_at, row = 0.0, None
        while not self._stopping.is_set():
            self.wake.clear()
            rest = NEW_CHANNELS
            try:
                slow = time.monotonic() >= slow_at
                row = self._row() if slow or row is None else row
                if row is None:
                    return
                rest = turn(self._db, self._lines, row, self._owner, slow=slow)
                slow_at = time.monotonic() + SLOW if slow and rest else slow_at
            except Exception:
                log.exception("a turn failed", channel=self._code)
            self._stopping.wait(REST)
            self.wake.wait(rest)

    def _row(self) -> Row[Any] | None:
        with self._db.read() as connection:
            row = sites.channel(connection, self._code)
        return row if row is not None and row.active else None


class Conversations:
    """Begins one for every active platform; one that was paused ends by itself and begins again when it is resumed."""

    def __init__(self, db: Database, lines: Lines, owner: str, stopping: threading.Event) -> None:
        self._db, self._lines, self._owner, self._stopping = db, lines, owner, stopping
        self._running: dict[str, _Conversation] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="conversations", daemon=True)

    def start(self) -> None:
        """Begin to look for platforms."""
        self._lines.on_news.append(self._heard)
        self._thread.start()

    def threads(self) -> list[threading.Thread]:
        """All threads, to be waited for after ``stopping`` was set."""
        if self._heard in self._lines.on_news:
            self._lines.on_news.remove(self._heard)
        self.wake()
        with self._lock:
            return [self._thread, *(each.thread for each in self._running.values())]

    def wake(self) -> None:
        """Another process committed something: it may be news."""
        with self._lock:
            for each in self._running.values():
                each.wake.set()

    def _heard(self, code: str) -> None:
        with self._lock:
            running = self._running.get(code)
        if running is not None:
            running.wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._begin_new()
            except Exception:
                log.exception("the channels could not be read")
            self._stopping.wait(NEW_CHANNELS)
        self._let_go()

    def _begin_new(self) -> None:
        with self._db.read() as connection:
            codes = [row.code for row in sites.channels(connection) if platform_of(row.kind) is not None]
        with self._lock:
            for code in codes:
                running = self._running.get(code)
                if running is None or not running.thread.is_alive():
                    made = _Conversation(self._db, self._lines, self._owner, code, self._stopping)
                    self._running[code] = made
                    made.thread.start()

    def _let_go(self) -> None:
        """Another worker need not wait until the line is free by itself."""
        try:
            if self._running:
                with transaction(self._db, _WORKER, "let_go") as tx:
                    channel_states.let_go(tx, self._owner)
        except Exception:
            log.exception("lines could not be given back")
