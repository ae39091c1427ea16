"""A printer at the end of a line of bytes (TCP, serial, USB) which may be asked for its state in its own language.

"Handed over" means: the other end has taken every byte, and the line did not break after. It does not mean printed; a
paused printer takes jobs too.
"""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

from printing.printers import PrinterStatus, PrinterUnavailable, Settings
from printing.printers.languages import language
from printing.printers.troubles import Trouble

ANSWER_SECONDS = 2.0
STALL_SECONDS = 5.0
"""A line that has taken no byte for so long is given up; a slow one may take minutes for a large label."""
_PIECE = 65536
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

    def __init__(self, name: str, connect: Callable[[], Line], settings: Settings) -> None:
        self.name = name
        self._connect = connect
        self._language = language(settings.language)
        self._asks = settings.asks

    def status(self) -> PrinterStatus:
        """Ask over a line of its own."""
        try:
            with closing(self._connect()) as line:
                return self._status(line)
        except OSError as problem:
            return PrinterStatus("offline", self._unreachable(problem))

    def send(self, data: bytes) -> None:
        """Hand over. Raises PrinterUnavailable."""
        self._hand_over(self._language.BEFORE + data)

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


def _answer(line: Line, complete: Callable[[bytes], bool]) -> bytes:
    """The whole answer, or what has come in time; empty if the printer keeps silent."""
    deadline = time.monotonic() + ANSWER_SECONDS
    answer = b""
    while not complete(answer) and (left := deadline - time.monotonic()) > 0:
        answer += line.read(left)
        # No answer is longer; what floods us is none.
        if len(answer) > _PIECE:
            break
    return answer
