"""The thread behind a spool: takes the oldest waiting job, hands it to the printer, and asks whether it came out.

With nothing to send it still asks how the printer is: a light that is not fed lies, and a label caught inside a
printer without paper comes out long after it was sent.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from printing.printers import Fate, Follows, Printer, PrinterStatus, PrinterUnavailable
from printing.printers.languages import language_of
from printing.printers.languages.zpl import is_repeated
from printing.printers.troubles import Trouble
from printing.spool_store import Job, JobState, SpoolStore

_log = logging.getLogger(__name__)
ERASED = "its content was erased"
_NOT_NOTED = "this bench could not write down whether it left: look whether it came out"
_CRASHED = "the program stopped while it was being sent: look whether it came out"
_MAY_BE_LOST = "the printer was switched off or out of reach with the label inside: look whether it came out"
_GIVEN_UP = "the printer gave it up: look whether it came out"
_MAY_BE_HALF = "the printer stopped in the middle of it and does not repeat it: look whether it is whole"
_NEVER_TELLS = "the printer stopped with it inside and does not tell what became of it: look whether it came out"
_STILL_INSIDE = "taken and not printed yet"
_NOT_TOLD_YET = "the program stopped before the printer said that it came out"
_AWAY = "the program was off with the label inside the printer: look whether it came out"
_NO_TROUBLE = ("", _STILL_INSIDE, _NOT_TOLD_YET)
"""Details of a job that was sent of which the printer has not complained."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between tries at an unavailable printer, between looks after a job was sent (both doubling), and idle."""

    retry_first: float = 0.5
    retry_last: float = 2.0
    confirm_first: float = 0.02
    confirm_every: float = 0.25
    confirm_for: float = 10.0
    ask_every: float = 2.0


class Sender:
    """One job of one printer at a time; `status` is its last answer.

    `tell` hears the id of every job that changed; `tidy` is called now and then.
    """

    def __init__(
        self,
        store: SpoolStore,
        named: tuple[str, Printer],
        tell: Callable[[str], object],
        pace: Pace,
        clock: Callable[[], float],
        *,
        tidy: Callable[[], None],
    ) -> None:
        self._store = store
        self._name, self._printer = named
        self._tell = tell
        self._pace = pace
        self._clock = clock
        self._tidy = tidy
        self._lost_track = False
        self.status: PrinterStatus | None = None
        self._ask_at = 0.0
        self._stays_inside: set[str] = set()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        """What was leaving when a program died is UNCERTAIN now; then the thread begins."""
        self._look_for_cut_off(_CRASHED)
        if not (isinstance(self._printer, Follows) and self._printer.remembers):
            # A power cut takes bench and printer, and then an empty printer has lost it: its word is no proof.
            for job in self._store.caught(self._name):
                if job.detail not in _NO_TROUBLE:
                    self._move(job.job_id, JobState.SENT, _AWAY, JobState.SENT)
        for job in self._store.unsettled(self._name):
            self._move(job.job_id, JobState.SENT, _NOT_TOLD_YET, JobState.SENT)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """No further job leaves."""
        self._stopping.set()
        self._wake.set()

    def stop(self) -> None:
        """Returns when the job that is just leaving has left."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def _look_for_cut_off(self, why: str) -> None:
        """Nothing is leaving now, whatever the disk says: it was cut off."""
        for job in self._store.in_state(JobState.SENDING, printer=self._name):
            self._store.set_torn(self._name, job.job_id)
            self._move(job.job_id, JobState.UNCERTAIN, why, JobState.SENDING)
        self._lost_track = False

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
            if self._lost_track:
                self._look_for_cut_off(_NOT_NOTED)
            self._tidy()
            job = self._store.next_to_send(self._name)
            if job is not None:
                return self._try(job)
            self._idle()
        except Exception as problem:
            # A full disk must not end the printing for good.
            _log.exception("the print spool could not go on and tries again")
            self.status, self._lost_track = PrinterStatus("attention", f"this bench cannot print: {problem}"), True
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
        for job in self._store.caught(self._name):
            if (job.held or job.wanted_at) and self._taken_back(job, status):
                continue
            fate = self._fate(job, status)
            if self._ended(job, fate):
                continue
            if fate == "waits":
                if (says := _why_inside(job, status)) != job.detail:
                    self._move(job.job_id, JobState.SENT, says, JobState.SENT)
            elif status.state != "offline" and job.detail in (_NO_TROUBLE if fate == "unknown" else (_NOT_TOLD_YET,)):
                # This printer never tells.
                self._move(job.job_id, JobState.SENT, "", JobState.SENT)
            else:
                why = _MAY_BE_LOST if status.state == "offline" else _NEVER_TELLS
                self._move(job.job_id, JobState.UNCERTAIN, why, JobState.SENT)

    def _fate(self, job: Job, status: PrinterStatus) -> Fate:
        """What became of a job that was sent, by its ticket, else by how many are still inside."""
        if job.ticket and isinstance(self._printer, Follows):
            if status.state == "offline":
                return "waits" if self._printer.remembers else "unknown"
            # A printer that asks for a hand does not come to a question in line; a queue has a number of its own.
            return self._printer.fate(job.ticket) if status.state == "ready" or self._printer.remembers else "waits"
        if status.state == "attention" or (status.state == "ready" and status.queued):
            return "waits"
        return "printed" if status.state == "ready" and status.queued == 0 else "unknown"

    def _taken_back(self, job: Job, status: PrinterStatus) -> bool:
        """Have a job given up that is caught inside: its box is parked by now, or it is wanted at another printer.

        It waits again if it is certain that nothing of it is on paper. Tried once: some cannot.
        """
        alone = status.state == "attention" and status.queued == 1 and not status.partial
        may = alone or (job.ticket and status.state != "offline")
        if not may or job.job_id in self._stays_inside or not isinstance(self._printer, Follows):
            return False
        self._stays_inside.add(job.job_id)
        how = self._printer.take_back(job.ticket)
        if how == "stays":
            return False
        if how == "taken":
            self._wait_again(job.job_id, "", JobState.SENT)
        else:
            self._move(job.job_id, JobState.UNCERTAIN, _MAY_BE_LOST, JobState.SENT)
        self._stays_inside.discard(job.job_id)
        return True

    def _wait_again(self, job_id: str, detail: str, only_from: JobState) -> None:
        """It has not left after all; one that was erased meanwhile waits for nothing."""
        if self._store.come_back(job_id, detail, only_from):
            self._tell(job_id)
        if self._store.data(job_id) is None:
            self._move(job_id, JobState.FAILED, ERASED, JobState.REQUESTED)

    def _ended(self, job: Job, fate: Fate) -> bool:
        """Whether the printer says how this job ended; then it is written down."""
        if fate == "printed":
            self._came_out(job)
        elif fate == "gone":
            self._move(job.job_id, JobState.UNCERTAIN, _GIVEN_UP, JobState.SENT)
        return fate in ("printed", "gone")

    def _came_out(self, job: Job) -> None:
        """It is out after a trouble: whole, unless its own bytes forbid to repeat it (^JZN), or it is a receipt.

        Of one that was inside when the program ended, and is not any more, only a person can tell.
        """
        if job.detail == _AWAY:
            self._move(job.job_id, JobState.UNCERTAIN, _AWAY, JobState.SENT)
            return
        data = self._store.data(job.job_id)
        repeated = data is None or (language_of(data) != "escpos" and is_repeated(data))
        whole = job.detail in _NO_TROUBLE or repeated
        state, detail = (JobState.PRINTED, "") if whole else (JobState.UNCERTAIN, _MAY_BE_HALF)
        self._move(job.job_id, state, detail, JobState.SENT)

    def _try(self, job: Job) -> bool:
        # Asked before the job is marked SENDING: a crash while a printer is merely switched off leaves no doubt.
        status = self._ask()
        self._settle(status)
        trouble = status.detail if status.state in ("offline", "attention") else self._half_inside(status)
        if trouble:
            if self._store.note(job.job_id, trouble):
                self._tell(job.job_id)
            return False
        sheets = self._store.sheets(job.job_id)
        if sheets is None:
            self._move(job.job_id, JobState.FAILED, ERASED, JobState.REQUESTED)
            return True
        if not self._store.claim(job.job_id, self._name):
            return True
        self._tell(job.job_id)
        return self._send(job.job_id, _in_one(sheets))

    def _half_inside(self, status: PrinterStatus) -> str:
        """Have half a job of ours forgotten before the next one comes in; what keeps that from being certain, or empty.

        Cancelling takes everything inside, so it waits until whole labels have come out. Half a job of somebody else
        who is just sending is waited for.
        """
        torn = self._store.torn(self._name)
        if not torn:
            return Trouble.HALF_INSIDE if status.partial else ""
        if status.partial is not False:
            if (status.queued or 0) > bool(status.partial):
                return status.detail
            try:
                self._printer.recover(self._store.data(torn) or b"")
            except PrinterUnavailable as problem:
                return problem.reason
            if (after := self._ask()).partial or after.state in ("offline", "attention"):
                return after.detail if after.state != "ready" else Trouble.HALF_INSIDE
        self._store.set_torn(self._name, "")
        return ""

    def _send(self, job_id: str, sheets: tuple[bytes, ...]) -> bool:
        ticket = None
        try:
            for sheet in sheets:
                ticket = self._printer.send(sheet)
        except PrinterUnavailable as problem:
            if problem.sent_bytes == "nothing":
                self._wait_again(job_id, problem.reason, JobState.SENDING)
                return False
            self._broke_off(job_id, problem.reason)
        except Exception as bug:
            _log.exception("a print job failed in an unforeseen way")
            self._broke_off(job_id, f"{type(bug).__name__} while it was being sent")
        else:
            if ticket:
                self._store.set_ticket(job_id, ticket)
            self._move(job_id, JobState.SENT, "", JobState.SENDING, sent_at=self._clock())
            self._confirm(job_id)
        return True

    def _broke_off(self, job_id: str, why: str) -> None:
        self._store.set_torn(self._name, job_id)
        self._move(job_id, JobState.UNCERTAIN, why, JobState.SENDING)

    def _confirm(self, job_id: str) -> None:
        """Ask until the printer says that it came out; one that does not tell leaves the job SENT.

        A job still inside when the time is over has a detail, and `_settle` goes on with it.
        """
        deadline, pause = time.monotonic() + self._pace.confirm_for, self._pace.confirm_first
        inside = ""
        while time.monotonic() < deadline and not self._stopping.wait(pause):
            pause = min(pause * 2, self._pace.confirm_every)
            status, job = self._ask(), self._store.job(job_id)
            if job is None or job.state is not JobState.SENT:
                return
            fate = self._fate(job, status)
            if self._ended(job, fate) or (fate != "waits" and status.state in ("ready", "unknown")):
                return
            inside = _why_inside(job, status)
            if status.state != "ready" and job.detail != inside:
                self._move(job_id, JobState.SENT, inside, JobState.SENT)
        if inside:
            self._move(job_id, JobState.SENT, inside, JobState.SENT)

    def _move(
        self, job_id: str, to: JobState, detail: str, only_from: JobState, *, sent_at: float | None = None
    ) -> None:
        if self._store.transition(job_id, to, detail, only_from=(only_from,), sent_at=sent_at):
            self._tell(job_id)


def _why_inside(job: Job, status: PrinterStatus) -> str:
    """Why it has not come out yet; never empty, unless a printer without tickets says nothing at all."""
    return _STILL_INSIDE if job.ticket and status.state == "ready" else status.detail


def _in_one(sheets: tuple[bytes, bytes]) -> tuple[bytes, ...]:
    """Cover and document in one breath, so that nobody's paper comes between; two PDF documents cannot be."""
    cover, data = sheets
    return (cover, data) if cover and language_of(data) == "pdf" else (cover + data,)
