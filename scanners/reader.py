"""Reads all scanners of a bench: one thread each, reconnecting, with bounces marked and the status told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from scanners.line import Line, StopSignal
from scanners.scan import Scan, SourceDown, SourceState, SourceStatus
from scanners.sources import ScanSource

__all__ = ["BACKOFF_SECONDS_FIRST", "BACKOFF_SECONDS_MAX", "Reader", "Scan", "SourceStatus"]

BACKOFF_SECONDS_FIRST = 0.2
BACKOFF_SECONDS_MAX = 2.0
STOP_SECONDS = 1.0

_log = logging.getLogger("packproof.scanners")


class Reader:
    """Delivers every scan of every source, in the thread of that source, and keeps each source's status.

    A callback that raises is logged and costs nothing but its own scan's handling; reading goes on.
    """

    def __init__(
        self,
        sources: Sequence[ScanSource],
        on_scan: Callable[[Scan], None],
        on_status: Callable[[SourceStatus], None],
    ) -> None:
        """Raises ValueError when two sources have one name."""
        names = [source.name for source in sources]
        if len(set(names)) != len(names):
            raise ValueError(f"expected every scanner once, found {', '.join(names)}")
        self._stopping = StopSignal()
        self._on_scan, self._on_status = on_scan, on_status
        self._readings = [self._reading(source) for source in sources]
        self._threads: list[threading.Thread] = []
        self._started = False

    def start(self) -> None:
        """Begin to read. Raises RuntimeError when called twice: a stopped reader is thrown away."""
        if self._started:
            raise RuntimeError("expected a new Reader, found one that was started before")
        self._started = True
        for reading in self._readings:
            self._begin(reading)

    def add(self, source: ScanSource) -> bool:
        """Read this one too from now on; False when it is read already, or this reader does not run."""
        if not self._started or self._stopping.is_set() or any(r.source.name == source.name for r in self._readings):
            return False
        reading = self._reading(source)
        self._readings.append(reading)
        self._begin(reading)
        return True

    def answer(self, name: str, *, good: bool) -> None:
        """Let the scanner of this name say good or bad itself, where it can; never waits."""
        for reading in self._readings:
            if reading.source.name == name:
                reading.source.answer(good=good)

    def _reading(self, source: ScanSource) -> _Reading:
        return _Reading(source, self._on_scan, self._on_status, self._stopping)

    def _begin(self, reading: _Reading) -> None:
        if not reading.source.threaded:
            reading.attach()
            return
        thread = threading.Thread(target=reading.run, name=f"scanner {reading.source.name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """End all threads, within a second. May be called from a callback, and more than once."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):
            self._stopping.close()

    @property
    def statuses(self) -> tuple[SourceStatus, ...]:
        """One for each source, in the order they were given."""
        return tuple(reading.status for reading in self._readings)


class _Reading:
    """One source being read: its status, its last code, its retries. Only its own thread writes here."""

    def __init__(
        self,
        source: ScanSource,
        on_scan: Callable[[Scan], None],
        on_status: Callable[[SourceStatus], None],
        stopping: StopSignal,
    ) -> None:
        self.source = source
        self.status = SourceStatus(source.name, source.kind, "waiting", "not started", None)
        self._on_scan = on_scan
        self._on_status = on_status
        self._bounce_seconds = source.profile.bounce_ms / 1000
        self._previous: Scan | None = None
        self._backoff_seconds = BACKOFF_SECONDS_FIRST
        self._line = Line(self._deliver, self._opened, stopping)

    def attach(self) -> None:
        """For a source that is fed by someone else's thread."""
        self.source.listen(self._line)

    def run(self) -> None:
        """Read until stopped, until the source has no more, or until it proves absent."""
        stopping = self._line.stopping
        while not stopping.is_set():
            state, detail, again = self._listen()
            if stopping.is_set():
                return
            self._tell(state, detail)
            if not again:
                return
            stopping.wait(self._backoff_seconds)
            self._backoff_seconds = min(2 * self._backoff_seconds, BACKOFF_SECONDS_MAX)

    def _listen(self) -> tuple[SourceState, str, bool]:
        """State and detail afterwards, and whether to try again."""
        try:
            self.source.listen(self._line)
        except SourceDown as down:
            return down.state, down.detail, down.state != "absent"
        except Exception as error:
            # A fault in a driver must not leave a bench without its scanner until somebody restarts it.
            _log.exception("reading %s failed", self.source.name)
            return "failed", f"{type(error).__name__}: {error}", True
        return "waiting", "came to its end", False

    def _opened(self, detail: str) -> None:
        self._backoff_seconds = BACKOFF_SECONDS_FIRST
        self._tell("connected", detail)

    def _tell(self, state: SourceState, detail: str) -> None:
        if (self.status.state, self.status.detail) == (state, detail):
            return
        self.status = replace(self.status, state=state, detail=detail)
        try:
            self._on_status(self.status)
        except Exception:
            _log.exception("the status of %s could not be told", self.source.name)

    def _deliver(self, scan: Scan) -> None:
        scan = self.source.profile.understood(scan)
        marked = replace(scan, bounce=self._is_bounce(scan))
        if scan.problem is None:
            self._previous = scan
        dropped = self.status.dropped + (scan.problem == "dropped")
        self.status = replace(self.status, last_scan_at=scan.last_at, dropped=dropped)
        try:
            self._on_scan(marked)
        except Exception:
            _log.exception("a scan of %s could not be handled", self.source.name)

    def _is_bounce(self, scan: Scan) -> bool:
        previous = self._previous
        if previous is None or scan.problem is not None or scan.text != previous.text:
            return False
        return abs(scan.last_at - previous.last_at) <= self._bounce_seconds
