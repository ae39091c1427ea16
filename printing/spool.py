"""One durable job per piece of paper: it prints once, whatever is pressed, killed or retried.

A job is on disk before `request` returns. It is marked SENDING on disk before its first byte leaves, so after a crash
every job is either known not to have left (it prints) or UNCERTAIN (a person looks); none is lost or doubled silently.
"""

import fcntl
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from printing.printers import Printer, PrinterStatus
from printing.spool_sender import ERASED, Pace, Sender
from printing.spool_store import Job, JobState, SpoolStore

__all__ = ["BYTES_KEPT_SECONDS", "JOBS_KEPT_SECONDS", "Job", "JobState", "Pace", "Spool", "SpoolInUse"]

BYTES_KEPT_SECONDS = 2 * 86_400.0
"""After a paper left: it holds a name and an address, and who needs it again that late has it drawn anew."""
JOBS_KEPT_SECONDS = 90 * 86_400.0
"""After a paper left; then asking for it under the same id would print it once more."""

_log = logging.getLogger(__name__)
_MAY_BE_ON_PAPER = (JobState.REQUESTED, JobState.SENDING, JobState.SENT, JobState.PRINTED, JobState.UNCERTAIN)
_USUAL_PACE = Pace()
_FORGET_EVERY = 3600.0
_GONE = "its printer is no longer set up: look whether it came out"
_NO_PLACE = "its printer is no longer set up, and no other takes it: reprint it"
_ALREADY_THERE = "not needed: another copy was scanned back"


class SpoolInUse(Exception):
    """Another program prints from this spool."""


class Spool:
    """The jobs of some printers. `on_change` hears of every change, from the caller's or one of the spool's threads."""

    def __init__(
        self,
        path: Path,
        printers: Mapping[str, Printer],
        on_change: Callable[[Job], None] | None = None,
        *,
        pace: Pace = _USUAL_PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open or make the file at `path`; nothing prints before `start`.

        `printers` have the names that jobs are for; the first one takes what is for a name that is gone.
        """
        self._path = path
        # Labels hold names and addresses.
        path.touch(mode=0o600)
        self._store = SpoolStore(path)
        self._store.name_printer(next(iter(printers), ""))
        self._senders = {
            name: Sender(self._store, (name, printer), self._told, pace, clock, tidy=self._forget_old)
            for name, printer in printers.items()
        }
        self._forget_at = 0.0
        self._on_change = on_change
        self._clock = clock
        self._claim: IO[str] | None = None

    @property
    def printers(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self._senders)

    def printer_status(self, printer: str) -> PrinterStatus | None:
        """What it said last, a few seconds old at most while the spool runs; None before its first word."""
        return self._senders[printer].status

    def request(
        self, job_id: str, kind: str, reference: str, data: bytes, *, printer: str = "", cover: bytes = b""
    ) -> Job:
        """Print this; asked again under the same id it changes nothing and tells how the first one stands.

        `cover` prints right before it, with nothing of anybody else's between: it says whose the paper is.
        """
        to = self._printer(printer)
        job = Job(job_id, kind, reference, JobState.REQUESTED, 0, "", self._clock(), None, printer=to)
        return self._told(job_id) if self._store.add(job, job_id, data, cover) else self._known(job_id)

    def move(self, job_id: str, printer: str, cover: bytes = b"") -> Job:
        """Have a job that has not left printed elsewhere. Raises KeyError.

        One that is leaving, or caught inside its printer, goes there if it comes to nothing or can be taken out again
        for certain; else it comes out where it is. So it is never on paper twice, and never lost.
        """
        self._original(job_id)
        to = self._printer(printer)
        return self._told(job_id) if self._store.move(job_id, to, cover) else self._known(job_id)

    def redirects(self) -> dict[tuple[str, str], str]:
        """Which printers were sent elsewhere, with which kind of paper (empty: all of it), and where to.

        Nothing that leads to or from a printer that is gone.
        """
        kept = self._store.redirects()
        return {sent: to for sent, to in kept.items() if sent[0] in self._senders and to in self._senders}

    def redirect(self, printer: str, to: str, kind: str = "") -> None:
        """Remember that what is for one printer goes to another, all of it or one kind. Moves nothing by itself.

        To itself: home again. All of it includes what was said of single kinds.
        """
        self._store.set_redirect(printer, kind, to)

    def keeps(self, job_id: str) -> bool:
        """Whether its bytes are still there to be printed again."""
        return self._store.sheets(job_id) is not None

    def reprint(self, job_id: str, printer: str = "", cover: bytes = b"", data: bytes | None = None) -> Job:
        """Print the same bytes again as "<first id>#2", "#3" ...; a copy that is still on its way is returned instead.

        On the printer of the first one where none is named. `data` is the same paper for a printer that does not take
        those bytes, or after they were forgotten. Raises KeyError for an unknown id. After `erase` the reprint is
        FAILED.
        """
        original = self._original(job_id)
        copies = self._store.copies(original)
        on_its_way = [copy for copy in copies if copy.state in (JobState.REQUESTED, JobState.SENDING)]
        if on_its_way:
            return on_its_way[-1]
        data = self._store.data(original) if data is None else data
        state, detail = (JobState.FAILED, ERASED) if data is None else (JobState.REQUESTED, "")
        job = replace(copies[0], job_id=f"{original}#{len(copies) + 1}", state=state, detail=detail)
        to = self._printer(printer or copies[0].printer)
        self._store.add(replace(job, requested_at=self._clock(), printer=to, held=False), original, data, cover)
        return self._told(job.job_id)

    def hold(self, job_id: str) -> Job:
        """Keep a job and its copies back; what is caught inside a printer is taken out again if that can be.

        Raises KeyError.
        """
        return self._set_held(job_id, held=True)

    def release(self, job_id: str) -> Job:
        """Let a held job and its copies print. Raises KeyError."""
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

    def inside(self) -> tuple[Job, ...]:
        """What printers took and have not said to be out: what they complained about, and the last one of each."""
        ask = (self._store.caught, self._store.unsettled)
        return tuple(job for name in self._senders for found in ask for job in found(name))

    def since(self, printer: str, requested_at: float) -> tuple[Job, ...]:
        """What was asked for after that moment and goes, or went, to this printer."""
        return self._store.since(printer, requested_at)

    def erase(self, reference: str) -> None:
        """Forget the bytes of all jobs about one thing; those that wait will not print.

        What is caught inside a printer is taken out again if that can be.
        """
        self._store.blank(reference)
        for job in self._store.of_reference(reference):
            self._give_up(job.job_id, ERASED)
            self._store.set_held(job.job_id, held=True)

    def start(self, home: Callable[[Job, bytes], str] | None = None) -> None:
        """Tell what a crash left uncertain, then print what waits. Raises SpoolInUse.

        `home` names the printer for a job and its bytes whose own is gone, empty for none; without it the first one.
        """
        if self._claim is None:
            self._claim = _claimed(self._path)
            for job in self._store.in_state(JobState.REQUESTED, JobState.SENDING, JobState.SENT):
                if job.printer not in self._senders:
                    self._of_a_printer_gone(job, home or (lambda _job, _data: self._printer("")))
            for name, sender in self._senders.items():
                sender.start(f"spool {name}")

    def stop(self) -> None:
        """End after the job that is just leaving; the rest waits on disk. A stopped spool can still be asked."""
        for sender in self._senders.values():
            sender.ask_to_stop()
        for sender in self._senders.values():
            sender.stop()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def close(self) -> None:
        """Stop and let go of the file."""
        self.stop()
        self._store.close()

    def _printer(self, name: str) -> str:
        return name if name in self._senders else next(iter(self._senders))

    def _of_a_printer_gone(self, job: Job, home: Callable[[Job, bytes], str]) -> None:
        """Taken out of the settings: what waits goes elsewhere; of what may be inside only a person can tell."""
        if job.state is JobState.REQUESTED:
            to = home(job, self._store.data(job.job_id) or b"")
            if not to:
                self._give_up(job.job_id, _NO_PLACE)
            elif self._store.move(job.job_id, to, b""):
                self._told(job.job_id)
        elif job.state is JobState.SENDING or job.detail:
            self._store.transition(job.job_id, JobState.UNCERTAIN, _GONE, only_from=(job.state,))
            self._told(job.job_id)

    def _give_up(self, job_id: str, detail: str) -> None:
        if self._store.transition(job_id, JobState.FAILED, detail, only_from=(JobState.REQUESTED,)):
            self._told(job_id)

    def _set_held(self, job_id: str, *, held: bool) -> Job:
        for copy in self._store.copies(self._original(job_id)):
            if self._store.set_held(copy.job_id, held):
                self._told(copy.job_id)
        return self._known(job_id)

    def _forget_old(self) -> None:
        """What is long on paper; called again and again, by any thread."""
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + _FORGET_EVERY
            now = self._clock()
            self._store.forget(now - BYTES_KEPT_SECONDS, now - JOBS_KEPT_SECONDS)

    def _told(self, job_id: str) -> Job:
        job = self._known(job_id)
        if sender := self._senders.get(job.printer):
            sender.wake()
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
