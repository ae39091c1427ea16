"""The thread behind a spool: takes the oldest waiting job, hands it to the printer, and asks whether it came out.

With nothing to send it still asks how the printer is: a light that is not fed lies, and a label caught inside a
printer without paper comes out long after it was sent.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from printing.printers import Printer, PrinterStatus, PrinterUnavailable
from printing.spool_store import Job, JobState, SpoolStore

_log = logging.getLogger(__name__)
_CRASHED = "the program stopped while it was being sent: look whether it came out"
_MAY_BE_LOST = "the printer was switched off or out of reach with the label inside: look whether it came out"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between tries at an unavailable printer, doubling from first to last; after a job was sent; idle."""

    retry_first: float = 0.5
    retry_last: float = 2.0
    confirm_every: float = 0.25
    confirm_for: float = 10.0
    ask_every: float = 2.0


class Sender:
    """One job at a time. `tell` hears the id of every job that changed; `status` is what the printer said last."""

    def __init__(
        self, store: SpoolStore, printer: Printer, tell: Callable[[str], object], pace: Pace, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._printer = printer
        self._tell = tell
        self._pace = pace
        self._clock = clock
        self.status: PrinterStatus | None = None
        self._ask_at = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        """What was leaving when a program died is UNCERTAIN now; then the thread begins."""
        for job in self._store.in_state(JobState.SENDING):
            self._move(job.job_id, JobState.UNCERTAIN, _CRASHED, JobState.SENDING)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the job that is just leaving has left."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def _work(self) -> None:
        pause = self._pace.retry_first
        while not self._stopping.is_set():
            self._wake.clear()
            if self._stopping.is_set() or self._step():
                pause = self._pace.retry_first
            else:
                self._stopping.wait(pause)
                pause = min(pause * 2, self._pace.retry_last)

    def _step(self) -> bool:
        """Send one job or wait for one; false if it is better to try again later."""
        try:
            job = self._store.next_to_send()
            if job is not None:
                return self._try(job)
            self._idle()
        except Exception:
            # A full disk must not end the printing for good.
            _log.exception("the print spool could not go on and tries again")
            return False
        return True

    def _idle(self) -> None:
        """Wait for a job until it is time to ask the printer again; then ask."""
        left = self._ask_at - time.monotonic()
        if left > 0:
            self._wake.wait(left)
        elif not self._stopping.is_set():
            self._settle(self._ask())

    def _ask(self) -> PrinterStatus:
        status = self._printer.status()
        self.status, self._ask_at = status, time.monotonic() + self._pace.ask_every
        return status

    def _settle(self, status: PrinterStatus) -> None:
        """What the printer says now of the labels that were caught inside it.

        An empty printer has put them out. One that was switched off has lost them, one out of reach may have either,
        and one that stopped telling never will tell: a person looks.
        """
        for job in self._store.caught():
            if status.state == "attention" or (status.state == "ready" and status.queued):
                if job.detail != status.detail:
                    self._move(job.job_id, JobState.SENT, status.detail, JobState.SENT)
            elif status.state == "ready" and status.queued == 0:
                self._move(job.job_id, JobState.PRINTED, "", JobState.SENT)
            else:
                self._move(job.job_id, JobState.UNCERTAIN, _MAY_BE_LOST, JobState.SENT)

    def _try(self, job: Job) -> bool:
        # Asked before the job is marked SENDING: a crash while a printer is merely switched off leaves no doubt.
        status = self._ask()
        self._settle(status)
        if status.state in ("offline", "attention"):
            if self._store.note(job.job_id, status.detail):
                self._tell(job.job_id)
            return False
        data = self._store.data(job.job_id)
        if data is None or not self._store.claim(job.job_id):
            return True
        self._tell(job.job_id)
        return self._send(job.job_id, data)

    def _send(self, job_id: str, data: bytes) -> bool:
        try:
            self._printer.send(data)
        except PrinterUnavailable as problem:
            safe = problem.sent_bytes == "nothing"
            self._move(job_id, JobState.REQUESTED if safe else JobState.UNCERTAIN, problem.reason, JobState.SENDING)
            return not safe
        except Exception as bug:
            _log.exception("a print job failed in an unforeseen way")
            self._move(job_id, JobState.UNCERTAIN, f"{type(bug).__name__} while it was being sent", JobState.SENDING)
            return True
        self._move(job_id, JobState.SENT, "", JobState.SENDING, sent_at=self._clock())
        self._confirm(job_id)
        return True

    def _confirm(self, job_id: str) -> None:
        """Ask until the printer has nothing left inside; one that does not tell leaves the job SENT.

        A job still inside when the time is over has a detail, and `_settle` goes on with it.
        """
        deadline = time.monotonic() + self._pace.confirm_for
        detail = ""
        while time.monotonic() < deadline and not self._stopping.wait(self._pace.confirm_every):
            status = self._ask()
            if status.queued is None and status.state in ("ready", "unknown"):
                return
            if status.state == "ready" and not status.queued:
                self._move(job_id, JobState.PRINTED, "", JobState.SENT)
                return
            if status.state != "ready" and detail != status.detail:
                detail = status.detail
                self._move(job_id, JobState.SENT, detail, JobState.SENT)
        if self.status is not None and self.status.queued and not detail:
            self._move(job_id, JobState.SENT, self.status.detail, JobState.SENT)

    def _move(
        self, job_id: str, to: JobState, detail: str, only_from: JobState, *, sent_at: float | None = None
    ) -> None:
        if self._store.transition(job_id, to, detail, only_from=(only_from,), sent_at=sent_at):
            self._tell(job_id)
