"""Writes good and bad to one open scanner from a thread of its own, so that a deaf scanner delays nothing."""

from __future__ import annotations

import os
import select
import threading
import time

from scanners.feedback import Dialect
from scanners.line import StopSignal

TIMEOUT_SECONDS = 0.3
WAKE_SECONDS = 0.010
"""A sleeping Zebra scanner needs so long between the byte that wakes it and the command."""


class Answers:
    """A queue of one: an answer that could not be written yet gives way to the next, which is the one that counts."""

    def __init__(self, fd: int, dialect: Dialect) -> None:
        """`fd` must not block, and stay open until `close` has returned."""
        self.lost = 0
        """Answers the scanner did not take within the time, or that were overtaken."""
        self._fd, self._dialect = fd, dialect
        self._next: bytes | None = None
        self._changed = threading.Condition()
        self._stopping = StopSignal()
        self._thread = threading.Thread(target=self._run, name="scanner answers", daemon=True)
        self._thread.start()

    def put(self, *, good: bool) -> None:
        """Say good or bad soon; returns at once."""
        with self._changed:
            self.lost += self._next is not None
            self._next = self._dialect.good if good else self._dialect.bad
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what it was writing is given up."""
        with self._changed:
            self._stopping.set()
            self._changed.notify()
        self._thread.join()
        self._stopping.close()

    def _run(self) -> None:
        while (said := self._taken()) is not None:
            deadline = time.monotonic() + TIMEOUT_SECONDS
            written = self._write(self._dialect.wake, deadline)
            if written and self._dialect.wake:
                self._stopping.wait(WAKE_SECONDS)
            self.lost += not (written and self._write(said, deadline))

    def _taken(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._stopping.is_set())
            said, self._next = self._next, None
            return None if self._stopping.is_set() else said

    def _write(self, data: bytes, deadline: float) -> bool:
        """Whether all of it went out in time."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        poll.register(self._stopping, select.POLLIN)
        while data and not self._stopping.is_set():
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                return False
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                continue
            except OSError:
                return False
        return not data
