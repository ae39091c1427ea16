"""One durable job per piece of paper: it prints once, whatever is pressed, killed or retried.

A job is on disk before `request` returns. It is marked SENDING on disk before its first byte leaves, so after a crash
every job is either known not to have left (it prints) or UNCERTAIN (a person looks); none is lost or doubled silently.
"""

import fcntl
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from printing.printers import Printer, PrinterStatus
from printing.spool_sender import Pace, Sender
from printing.spool_store import Job, JobState, SpoolStore

__all__ = ["Job", "JobState", "Pace", "Spool", "SpoolInUse"]

_log = logging.getLogger(__name__)
_MAY_BE_ON_PAPER = (JobState.REQUESTED, JobState.SENDING, JobState.SENT, JobState.PRINTED, JobState.UNCERTAIN)
_USUAL_PACE = Pace()
_ERASED = "its content was erased"
_ALREADY_THERE = "not needed: another copy was scanned back"


class SpoolInUse(Exception):
    """Another program prints from this spool."""


class Spool:
    """The jobs of one printer. `on_change` hears of every change, from the caller's or the spool's thread."""

    def __init__(
        self,
        path: Path,
        printer: Printer,
        on_change: Callable[[Job], None] | None = None,
        *,
        pace: Pace = _USUAL_PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open or make the file at `path`; nothing prints before `start`."""
        self.printer = printer
        self._path = path
        # Labels hold names and addresses.
        path.touch(mode=0o600)
        self._store = SpoolStore(path)
        self._sender = Sender(self._store, printer, self._told, pace, clock)
        self._on_change = on_change
        self._clock = clock
        self._claim: IO[str] | None = None

    @property
    def printer_status(self) -> PrinterStatus | None:
        """What the printer said last, a few seconds old at most while the spool runs; None before its first word."""
        return self._sender.status

    def request(self, job_id: str, kind: str, reference: str, data: bytes) -> Job:
        """Print this; asked again under the same id it changes nothing and tells how the first one stands."""
        job = Job(job_id, kind, reference, JobState.REQUESTED, 0, "", self._clock(), None)
        return self._told(job_id) if self._store.add(job, job_id, data) else self._known(job_id)

    def reprint(self, job_id: str) -> Job:
        """Print the same bytes again as "<first id>#2", "#3" ...; a copy that is still on its way is returned instead.

        Raises KeyError for an unknown id. After `erase` the reprint is FAILED.
        """
        original = self._original(job_id)
        copies = self._store.copies(original)
        on_its_way = [copy for copy in copies if copy.state in (JobState.REQUESTED, JobState.SENDING)]
        if on_its_way:
            return on_its_way[-1]
        data = self._store.data(original)
        state, detail = (JobState.FAILED, _ERASED) if data is None else (JobState.REQUESTED, "")
        job = replace(copies[0], job_id=f"{original}#{len(copies) + 1}", state=state, detail=detail)
        self._store.add(replace(job, requested_at=self._clock()), original, data)
        return self._told(job.job_id)

    def hold(self, job_id: str) -> Job:
        """Keep a waiting job back; one that is leaving or has left stays as it is. Raises KeyError."""
        return self._set_held(job_id, held=True)

    def release(self, job_id: str) -> Job:
        """Let a held job print. Raises KeyError."""
        return self._set_held(job_id, held=False)

    def applied(self, job_id: str) -> Job:
        """The paper was scanned back, so it exists; copies of it that still wait are not printed. Raises KeyError."""
        original = self._original(job_id)
        if self._store.transition(job_id, JobState.APPLIED, "", only_from=_MAY_BE_ON_PAPER):
            self._told(job_id)
            for copy in self._store.copies(original):
                self._give_up(copy.job_id, _ALREADY_THERE)
        return self._known(job_id)

    def job(self, job_id: str) -> Job | None:
        """How a job stands."""
        return self._store.job(job_id)

    def waiting(self) -> tuple[Job, ...]:
        """What has not left yet, held jobs too, in the order it will print."""
        return self._store.in_state(JobState.REQUESTED, JobState.SENDING)

    def erase(self, reference: str) -> None:
        """Forget the bytes of all jobs about one thing; those that wait will not print."""
        for job in self._store.of_reference(reference):
            self._give_up(job.job_id, _ERASED)
        self._store.blank(reference)

    def start(self) -> None:
        """Tell what a crash left uncertain, then print what waits. Raises SpoolInUse."""
        if self._claim is None:
            self._claim = _claimed(self._path)
            self._sender.start(f"spool {self._path.name}")

    def stop(self) -> None:
        """End after the job that is just leaving; the rest waits on disk. A stopped spool can still be asked."""
        self._sender.stop()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def close(self) -> None:
        """Stop and let go of the file."""
        self.stop()
        self._store.close()

    def _give_up(self, job_id: str, detail: str) -> None:
        if self._store.transition(job_id, JobState.FAILED, detail, only_from=(JobState.REQUESTED,)):
            self._told(job_id)

    def _set_held(self, job_id: str, *, held: bool) -> Job:
        self._original(job_id)
        return self._told(job_id) if self._store.set_held(job_id, held) else self._known(job_id)

    def _told(self, job_id: str) -> Job:
        job = self._known(job_id)
        self._sender.wake()
        if self._on_change is not None:
            try:
                self._on_change(job)
            except Exception:
                # A screen that fails must not stop the printing.
                _log.exception("telling a change of a print job failed")
        return job

    def _known(self, job_id: str) -> Job:
        job = self._store.job(job_id)
        if job is None:
            raise KeyError(f'no print job "{job_id}"')
        return job

    def _original(self, job_id: str) -> str:
        original = self._store.original(job_id)
        if original is None:
            raise KeyError(f'no print job "{job_id}"')
        return original


def _claimed(path: Path) -> IO[str]:
    """A lock which ends with the process, however that ends."""
    claim = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        raise SpoolInUse(f"{path} is used by another program that prints") from None
    return claim
