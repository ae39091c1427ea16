"""Codes from a text file, for demos, support and tests.

One code a line, sent at once, or after a pause in seconds: `+0.5 4006381333931`. Blank lines and lines that begin
with `#` are skipped; a code that begins with `#` or `+` is written after a pause, as in `+0 #7`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanners.line import Line
from scanners.profile import Profile
from scanners.scan import Scan, SourceDown
from scanners.sources import ScanSource, needs_address

OPTIONS: dict[str, Callable[[str], object]] = {}
PROFILED = ("gs", "aim", "caps", "bounce_ms")

_PAUSED = re.compile(r"\+(\d{1,6}(?:\.\d{1,6})?) (.+)")


class ReplaySource:
    """A file that plays a scanner once, from its first line to its last."""

    kind = "replay"
    threaded = True

    def __init__(self, path: str, profile: Profile) -> None:
        self.name = f"replay:{path}"
        self.profile = profile
        self._path = Path(path)

    def answer(self, *, good: bool) -> None:
        """A file hears nothing."""

    def listen(self, line: Line) -> None:
        codes = replay_lines(self._text())
        line.opened(f"{len(codes)} codes")
        for pause_seconds, text in codes:
            if line.stopping.wait(pause_seconds):
                return
            at = time.time()
            line.deliver(Scan(text, self.name, at, at))

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise SourceDown("waiting", f"there is no file {self._path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SourceDown("failed", f"{self._path} cannot be read: {error}") from error


def replay_lines(text: str) -> list[tuple[float, str]]:
    """(pause in seconds, code) of every line that has a code."""
    codes: list[tuple[float, str]] = []
    # Not splitlines(): it also cuts at GS, which belongs to GS1 codes.
    for line in text.split("\n"):
        code = line.removesuffix("\r")
        paused = _PAUSED.fullmatch(code)
        if paused:
            codes.append((float(paused[1]), paused[2]))
        elif code.strip() and not code.startswith("#"):
            codes.append((0.0, code))
    return codes


def open_source(address: str, _options: Mapping[str, Any], profile: Profile) -> ScanSource:
    """`replay:/path/codes.txt`."""
    return ReplaySource(needs_address("replay", address, "replay:/path/codes.txt"), profile)
