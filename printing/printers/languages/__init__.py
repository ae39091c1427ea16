"""What a printer is told beside its jobs: how it is asked, and how it forgets half a job. One file per language."""

import importlib
from collections.abc import Callable
from typing import Protocol, cast

from printing.printers import PrinterStatus

Ask = Callable[[bytes, Callable[[bytes], bool]], bytes]
"""Send a question; what came within the answer's time, ended early where the whole answer is there. Empty: silence."""


class Language(Protocol):
    """A module of this package with these names."""

    BEFORE: bytes
    """Sent in front of every job, in the same breath."""

    def status(self, ask: Ask) -> PrinterStatus | None:
        """Ask the printer; None where this language has no question. Raises OSError as `ask` does."""

    def recovery(self, torn: bytes) -> bytes:
        """What makes it forget this job, of which any part may have come in."""

    CANCELS: bool
    """Whether `recovery` of nothing also takes back a whole job that has not come out."""
    IN_LINE: bytes
    """A question that is answered after all before it has come out; empty where the language has none."""

    def is_answer_in_line(self, answer: bytes) -> bool:
        """Whether this is the answer to `IN_LINE`."""


def language(name: str) -> Language:
    """One of `printing.kinds.LANGUAGES`."""
    return cast("Language", importlib.import_module(f"{__name__}.{name}"))


def language_of(data: bytes) -> str:
    """The language a job is written in: one of `printing.kinds.LANGUAGES`."""
    if data.startswith(b"%PDF"):
        return "pdf"
    return "escpos" if data.startswith(b"\x1b@") else "zpl"
