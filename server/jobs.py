"""What runs by itself beside the outbox: one line in JOBS for each; the worker runs it in a thread of its own."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from server.config import Alerts
from server.db.publishing import last_batch
from server.db.transaction import Database
from server.usecases.alerting.alerting import SECONDS, Alerting
from server.usecases.booking import holds
from server.usecases.loading import carrier_close, untold
from server.usecases.masterdata import aliases, drift, reorder
from server.usecases.outward import cancel_notice
from server.usecases.overview import exceptions
from server.usecases.record import purging
from server.usecases.record.audit_anchor import Anchoring
from server.usecases.routes import site_down
from server.usecases.sales import cancel_rates, waiting
from server.usecases.sharing import publishing, staleness
from server.usecases.shipping import access, checking, unused, voiding
from server.usecases.talking import deadlines
from server.usecases.tracking import polling, settling, watching

REST, EASY = 0.1, 1.0
"""Seconds between two runs of a job, so that a burst of commits is one run's work; EASY: where nobody waits for it."""

PULSE = 1.0
"""Seconds between two looks for commits of other processes."""
SHARE = 3
"""A job rests so many times as long as it took: requests come first."""

log = structlog.get_logger("jobs")


class Periodic(NamedTuple):
    """``run`` is called every ``seconds``, and soon after each commit when it ``follows``.

    It returns True to be run again at once, or the seconds after which it must be, where it knows of less than
    ``seconds``. Any number of workers may run it at once over one database, and it may be cut off at any moment.
    """

    name: str
    seconds: float
    run: Callable[[Database], object]
    follows: bool = False
    rest: float = REST


JOBS: list[Periodic] = [
    Periodic("fan-out", 5.0, publishing.fan_out, follows=True),
    Periodic("held orders that have a product now", 10.0, aliases.tick),
    Periodic("low stock", 10.0, reorder.tick),
    Periodic("nightly compare", 60.0, drift.tick),
    Periodic("orders at sites that are down", 5.0, site_down.reroute_from_inactive),
    Periodic("hold expiry", 5.0, holds.expiry, follows=True, rest=0.5),
    Periodic("wait queue", 5.0, waiting.serve_waiting, follows=True, rest=EASY),
    Periodic("cancel watch", 600.0, cancel_rates.watch),
    Periodic("stale channels", 5.0, staleness.follow, follows=True, rest=EASY),
    Periodic("deadlines", 20.0, deadlines.watch),
    Periodic("exception report", 60.0, exceptions.tick),
    Periodic("purchases to look into", 10.0, checking.tick),
    Periodic("labels to void", 10.0, voiding.tick),
    Periodic("unused labels", 60.0, unused.tick),
    Periodic("purge", 3600.0, purging.purge),
    Periodic("carrier access", 300.0, access.watch),
    Periodic("carriers hear what leaves", 15.0, carrier_close.tick, follows=True, rest=EASY),
    Periodic("packed and untold", 30.0, untold.watch),
    Periodic("cancels held back", 5.0, cancel_notice.watch),
    Periodic("tracking inbox", 5.0, settling.settle, follows=True, rest=EASY),
    Periodic("parcels on their way", 60.0, watching.look),
    Periodic("tracking poll", 30.0, polling.poll),
]


def anchoring(data_dir: Path) -> Periodic:
    """Anchors of the record, on a file of this machine."""
    return Periodic("anchors", 2.0, Anchoring(data_dir))


def alerting(alerts: Alerts) -> Periodic:
    """Incidents reach people."""
    return Periodic("alerts", SECONDS, Alerting(alerts), follows=True, rest=EASY)


class Runner:
    """Runs one job in a thread of its own until told to stop, at most a quarter of the time."""

    def __init__(self, db: Database, job: Periodic, stopping: threading.Event) -> None:
        self.job = job
        self.wake = threading.Event()
        self._db, self._stopping = db, stopping
        self.thread = threading.Thread(target=self._run, name=job.name, daemon=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.wake.clear()
            began, told = time.monotonic(), None
            try:
                told = self.job.run(self._db)
            except Exception:
                log.exception("a job failed", job=self.job.name)
            self._stopping.wait(max(self.job.rest, SHARE * (time.monotonic() - began)))
            if told is not True:
                self._pause(min(told, self.job.seconds) if isinstance(told, float) else self.job.seconds)

    def _pause(self, seconds: float) -> None:
        """Until a commit, the time, or the end; only a job that follows commits need not look for the end itself."""
        (self.wake if self.job.follows else self._stopping).wait(seconds)


class Pulse:
    """Hears of what other processes commit: one small question each second instead of one for each job."""

    def __init__(self, db: Database, stopping: threading.Event, heard: Callable[[], None]) -> None:
        self.thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._db, self._stopping, self._heard = db, stopping, heard

    def _run(self) -> None:
        before = -1
        while not self._stopping.wait(PULSE):
            try:
                with self._db.read() as connection:
                    now = last_batch(connection)
            except Exception:
                log.exception("the chain could not be read")
                continue
            if now != before:
                self._heard()
            before = now
