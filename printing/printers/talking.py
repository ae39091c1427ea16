"""A printer at the end of a line of bytes (TCP, serial, USB) which may be asked for its state in its own language.

"Handed over" means: the other end has taken every byte, and the line did not break after. It does not mean printed; a
paused printer takes jobs too.
"""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

from printing.printers import Fate, PrinterStatus, PrinterUnavailable, Settings, TakenBack
from printing.printers.languages import language
from printing.printers.troubles import Trouble

ANSWER_SECONDS = 2.0
STALL_SECONDS = 5.0
"""A line that has taken no byte for so long is given up; a slow one may take minutes for a large label."""
_FIRST_SECONDS = 4.0
"""A slip takes so long at most; a printer that has not told of its first one by then never does."""
_PIECE = 65536
_IN_LINE = "in line"
"""The ticket of every job of a printer that answers in line: it is always asked about its last one."""
_NOT_ASKED = PrinterStatus("unknown", "takes jobs, does not tell its state")


class Line(Protocol):
    """An open line. All methods raise OSError when it breaks."""

    def state(self) -> PrinterStatus | None:
        """What the line itself knows of the printer, without asking it."""

    def push(self, data: bytes, seconds: float) -> int:
        """How many bytes went out, waiting at most so long. Raises TimeoutError when none did."""

    def read(self, seconds: float) -> bytes:
        """What has come, waiting at most so long; empty for silence."""

    def finish(self, seconds: float) -> None:
        """Wait until the other end has everything. Raises TimeoutError when nothing moved for so long."""

    def close(self) -> None:
        """End it."""


class TalkingPrinter:
    """A printer reached anew by `connect` for each job and each question."""

    remembers = False

    def __init__(self, name: str, connect: Callable[[], Line], settings: Settings) -> None:
        self.name = name
        self._connect = connect
        self._language = language(settings.language)
        self._asks = settings.asks
        self._tells: bool | None = None
        """Whether it answers in line; None until it was asked."""

    def status(self) -> PrinterStatus:
        """Ask over a line of its own."""
        try:
            with closing(self._connect()) as line:
                return self._status(line)
        except OSError as problem:
            return PrinterStatus("offline", self._unreachable(problem))

    def send(self, data: bytes) -> str | None:
        """Hand over. Raises PrinterUnavailable."""
        self._hand_over(self._language.BEFORE + data)
        return _IN_LINE if self._asks and self._language.IN_LINE and self._tells is not False else None

    def fate(self, _ticket: str) -> Fate:
        """Asked behind the job: the answer comes when the job is out. Silence of one that is well is no answer ever."""
        try:
            with closing(self._connect()) as line:
                while line.read(0):
                    """What it still had to say of earlier jobs."""
                _push(line, self._language.IN_LINE)
                told = self._language.is_answer_in_line
                if told(_answer(line, told, ANSWER_SECONDS if self._tells else _FIRST_SECONDS)):
                    self._tells = True
                    return "printed"
                well = self._status(line).state == "ready"
        except OSError:
            return "waits"
        if not well or self._tells:
            return "waits"
        self._tells = False
        return "unknown"

    def take_back(self, _ticket: str) -> TakenBack:
        """Over one line, which most printers give to one at a time: nobody's label comes in between the questions."""
        if not self._asks or not self._language.CANCELS:
            return "stays"
        cancelled = False
        try:
            with closing(self._connect()) as line:
                before = self._status(line)
                if before.state != "attention" or before.queued != 1 or before.partial:
                    return "stays"
                cancelled = True
                _push(line, self._language.recovery(b""))
                after = self._status(line)
                if after.queued is None:
                    # The question may have been cancelled too.
                    after = self._status(line)
        except OSError:
            return "unsure" if cancelled else "stays"
        if after.queued:
            return "stays"
        # Had it gone on printing meanwhile, the label could be out.
        return "taken" if after.queued == 0 and after.state == "attention" else "unsure"

    def recover(self, torn: bytes) -> None:
        """Have it forget half a job. Raises PrinterUnavailable."""
        self._hand_over(self._language.recovery(torn))

    def _status(self, line: Line) -> PrinterStatus:
        known = line.state()
        if (known and known.state != "ready") or not self._asks:
            return known or _NOT_ASKED

        def ask(question: bytes, complete: Callable[[bytes], bool]) -> bytes:
            _push(line, question)
            return _answer(line, complete)

        return self._language.status(ask) or known or _NOT_ASKED

    def _hand_over(self, data: bytes) -> None:
        try:
            line = self._connect()
        except OSError as problem:
            raise PrinterUnavailable(self._unreachable(problem)) from problem
        with closing(line):
            left = _Counted()
            try:
                _push(line, data, left)
                line.finish(STALL_SECONDS)
            except OSError as problem:
                why = problem.strerror or str(problem) or "it stopped taking bytes"
                raise PrinterUnavailable(
                    f"broke off during a job: {why}", "some" if left.bytes else "nothing"
                ) from problem

    def _unreachable(self, problem: OSError) -> str:
        return f"{self.name} {Trouble.UNREACHABLE}: {problem.strerror or str(problem) or 'no answer'}"


class _Counted:
    bytes = 0


def _push(line: Line, data: bytes, left: _Counted | None = None) -> None:
    sent = 0
    while sent < len(data):
        sent += line.push(data[sent : sent + _PIECE], STALL_SECONDS)
        if left is not None:
            left.bytes = sent


def _answer(line: Line, complete: Callable[[bytes], bool], seconds: float | None = None) -> bytes:
    """The whole answer, or what has come in time; empty if the printer keeps silent."""
    deadline = time.monotonic() + (ANSWER_SECONDS if seconds is None else seconds)
    answer = b""
    while not complete(answer) and (left := deadline - time.monotonic()) > 0:
        answer += line.read(left)
        # No answer is longer; what floods us is none.
        if len(answer) > _PIECE:
            break
    return answer
