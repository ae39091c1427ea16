"""What runs by itself beside the outbox: one line in JOBS for each; the worker runs it in a thread of its own."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from server.db.transaction import Database
from server.usecases.booking import holds
from server.usecases.masterdata import aliases, drift, reorder
from server.usecases.record.audit_anchor import Anchoring
from server.usecases.routes import site_down
from server.usecases.sales import cancel_rates, waiting
from server.usecases.sharing import publishing

REST = 0.1
"""Seconds between two runs of a job, so that a burst of commits is one run's work."""

log = structlog.get_logger("jobs")


class Periodic(NamedTuple):
    """``run`` is called every ``seconds``, and soon after each commit when it ``follows``; True asks for another run.

    Any number of workers may run it at once over one database, and it may be cut off at any moment.
    """

    name: str
    seconds: float
    run: Callable[[Database], object]
    follows: bool = False


JOBS: list[Periodic] = [
    Periodic("fan-out", 1.0, publishing.fan_out, follows=True),
    Periodic("held orders that have a product now", 10.0, aliases.tick),
    Periodic("low stock", 10.0, reorder.tick),
    Periodic("nightly compare", 60.0, drift.tick),
    Periodic("orders at sites that are down", 5.0, site_down.reroute_from_inactive),
    Periodic("hold expiry", 0.5, lambda db: holds.expire_holds(db) > 0),
    Periodic("wait queue", 1.0, waiting.serve_waiting, follows=True),
    Periodic("cancel watch", 600.0, cancel_rates.watch),
]


def anchoring(data_dir: Path) -> Periodic:
    """Anchors of the record, on a file of this machine."""
    return Periodic("anchors", 2.0, Anchoring(data_dir))


class Runner:
    """Runs one job in a thread of its own until told to stop, at most half of the time."""

    def __init__(self, db: Database, job: Periodic, stopping: threading.Event) -> None:
        self.job = job
        self.wake = threading.Event()
        self._db, self._stopping = db, stopping
        self.thread = threading.Thread(target=self._run, name=job.name, daemon=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.wake.clear()
            began, more = time.monotonic(), False
            try:
                more = self.job.run(self._db) is True
            except Exception:
                log.exception("a job failed", job=self.job.name)
            self._stopping.wait(max(REST, time.monotonic() - began))
            if not more:
                self._pause(self.job.seconds)

    def _pause(self, seconds: float) -> None:
        """Until a commit, the time, or the end; only a job that follows commits need not look for the end itself."""
        (self.wake if self.job.follows else self._stopping).wait(seconds)
