"""Keys that reach the terminal: a person who types, or a scanner that plays a keyboard (a "wedge").

The app feeds it key by key, in its own thread. Speed is the only sign of a scan here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from scanners.framing import SIZE_MAX
from scanners.line import Line
from scanners.scan import Scan
from scanners.sources import ScanSource, typed_options

WEDGE_GAP_SECONDS = 0.030
WEDGE_KEYS_MIN = 6
SWALLOW_SECONDS = 0.3


class KeyboardSource:
    """Collects keys until Enter. All times are in seconds and of one clock, best `time.time()`."""

    kind = "keyboard"
    threaded = False
    name = "keyboard"

    def __init__(self) -> None:
        self._line: Line | None = None
        self._keys: list[str] = []
        self._first_at = self._last_at = 0.0
        self._ended_at: float | None = None

    def listen(self, line: Line) -> None:
        self._line = line
        line.opened("keys typed here")

    @property
    def pending(self) -> str:
        """The text so far, as it came; it may hold control bytes, so it must not reach a screen as it is."""
        return "".join(self._keys)

    def key(self, character: str, at: float) -> None:
        """One key, or the text of one paste."""
        if not self._keys:
            self._first_at = at
        self._last_at = at
        self._keys.append(character)

    def backspace(self) -> None:
        """Take the last character back, also that of a paste."""
        if self._keys:
            rest = self._keys.pop()[:-1]
            self._keys += [rest] if rest else []

    def clear(self) -> None:
        self._keys.clear()

    def enter(self, at: float) -> Literal["code", "swallowed", "bare"]:
        """Enter was pressed. "bare": alone, so a person means something by it, such as an acknowledgement.

        "swallowed": the second half of CR LF after a code. It must not acknowledge a stop the code has just raised.
        """
        if not self._keys:
            just_ended = self._ended_at is not None and 0 <= at - self._ended_at <= SWALLOW_SECONDS
            return "swallowed" if just_ended else "bare"
        self._ended_at = at
        scan = self._scan()
        self.clear()
        if self._line is None:
            raise RuntimeError("expected a started Reader behind this keyboard source, found none")
        self._line.deliver(scan)
        return "code"

    def _scan(self) -> Scan:
        text = self.pending
        if len(text) > SIZE_MAX:
            return Scan("", self.name, self._first_at, self._last_at, problem="too_long")
        return Scan(text, self.name, self._first_at, self._last_at, typed=not self._is_wedge())

    def _is_wedge(self) -> bool:
        """No person presses six keys with less than 30 ms between them."""
        gaps = len(self._keys) - 1
        return len(self._keys) >= WEDGE_KEYS_MIN and (self._last_at - self._first_at) / gaps < WEDGE_GAP_SECONDS


def open_source(address: str, options: Mapping[str, str]) -> ScanSource:
    """`keyboard`; it has no address and no options."""
    if address:
        raise ValueError(f"keyboard: expected no address, found {address!r}")
    typed_options("keyboard", options, {})
    return KeyboardSource()
