"""The values of this package: one scan, and how the device it came from is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SourceState = Literal["connected", "waiting", "busy", "absent", "failed"]
ScanProblem = Literal["dropped", "too_long", "partial", "unterminated", "separator_lost"]


@dataclass(frozen=True, slots=True)
class Scan:
    """One code as its device sent it, framed but not interpreted."""

    text: str
    source: str
    """Name of the source, for example `serial:/dev/ttyACM0`."""

    first_at: float
    last_at: float
    """Wall-clock seconds (`time.time()`) of the first and the last byte."""

    typed: bool = False
    """A person pressed the keys."""

    bounce: bool = False
    """The same code came from the same source a moment before. Marked here, judged at the desk, never dropped."""

    problem: str | None = None
    """None, or a `ScanProblem`: the code is incomplete and must not count. Then `text` is what there was, or empty."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source is doing, with a detail a person at the bench can act on."""

    name: str
    kind: str
    state: SourceState
    """
    connected: open and read. waiting: not there now, looked for again. busy: another program has it.
    absent: this machine cannot read this kind at all. failed: something a person must repair; tried again.
    """

    detail: str
    last_scan_at: float | None
    dropped: int = 0
    """Codes of which a part was lost since the start."""


class SourceDown(Exception):
    """A source cannot be read now. Every state but `absent` is tried again."""

    def __init__(self, state: SourceState, detail: str) -> None:
        super().__init__(detail)
        self.state: SourceState = state
        self.detail = detail
