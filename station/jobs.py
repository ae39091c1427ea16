"""Threads that do slow things in turn, so that a scan never waits for them."""

import heapq
import itertools
import logging
import random
import threading
import time
from collections.abc import Callable

from server.domain.errors import Unavailable
from station.store import JournalFailed

_log = logging.getLogger("packproof.station")
AGAIN_SECONDS = 1.0

Job = Callable[[], float | None]
"""Does its work; returns the seconds after which it wants to run again, or None when it is done."""


class Backoff:
    """Growing pauses with jitter, so that benches which lost one server do not come back in step."""

    def __init__(self, first: float = 0.2, most: float = 5.0) -> None:
        self._first, self._most, self._next = first, most, first

    def pause(self) -> float:
        """Seconds to wait now."""
        pause = self._next * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
        self._next = min(2 * self._next, self._most)
        return min(pause, self._most)

    def reset(self) -> None:
        """All is well again."""
        self._next = self._first


class Worker:
    """One thread with a list of jobs, each at its time. A job that finds server or journal away runs again."""

    def __init__(self, name: str) -> None:
        self._due: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"bench {name}", daemon=True)

    def start(self) -> None:
        """Begin; jobs given before wait until now."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Finish the job in hand and drop the rest: every job can be made again from the journal."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def do(self, job: Job, after: float = 0.0) -> None:
        """Run the job once ``after`` seconds have passed."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + after, next(self._order), job))
            self._changed.notify()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            again = self._done(job)
            if again is not None:
                self.do(job, again)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None

    def _done(self, job: Job) -> float | None:
        try:
            return job()
        except (Unavailable, JournalFailed) as error:
            _log.info("%s waits: %s", self._thread.name, error)
            return AGAIN_SECONDS
        except Exception:
            _log.exception("%s failed", self._thread.name)
            return None
