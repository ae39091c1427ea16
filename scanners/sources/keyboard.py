"""Keys that reach the terminal: a person who types, or a scanner that plays a keyboard (a "wedge").

The app feeds it key by key, in its own thread. Speed is the only sign of a scan here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from scanners.framing import SIZE_MAX
from scanners.line import Line
from scanners.profile import Profile
from scanners.scan import Scan
from scanners.sources import ScanSource

OPTIONS: dict[str, Callable[[str], object]] = {}
PROFILED: tuple[str, ...] = ()

WEDGE_GAP_SECONDS = 0.030
WEDGE_KEYS_MIN = 6
STALE_SECONDS = 2.0
"""Keys left standing for longer are no part of a scan that follows them: somebody leaned on the keyboard."""
SWALLOW_SECONDS = 0.3
HAND_KEYS_MIN = 3
REACH_SECONDS = 0.25
"""Nobody lets go of the keys and pulls a trigger in less; what a person typed before that is not the scanner's."""


_Key = tuple[str, float]
"""A character, or the text of a paste, and when it came."""


class KeyboardSource:
    """Collects keys until Enter. All times are in seconds and of one clock, best `time.time()`."""

    kind = "keyboard"
    threaded = False
    name = "keyboard"
    profile = Profile()

    def __init__(self) -> None:
        self._line: Line | None = None
        self._keys: list[_Key] = []
        self._ended_at: float | None = None

    def listen(self, line: Line) -> None:
        self._line = line
        line.opened("keys typed here")

    def answer(self, *, good: bool) -> None:
        """Keys go one way only."""

    @property
    def pending(self) -> str:
        """The text so far, as it came; it may hold control bytes, so it must not reach a screen as it is."""
        return _text(self._keys)

    def key(self, character: str, at: float) -> None:
        """One key, or the text of one paste."""
        self._keys.append((character, at))

    def backspace(self) -> None:
        """Take the last character back, also that of a paste."""
        if self._keys:
            text, at = self._keys.pop()
            self._keys += [(text[:-1], at)] if text[:-1] else []

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
        typed, keys = _by_hand(self._keys)
        scan = self._scan(_without_stale(keys))
        self._keys = typed
        if self._line is None:
            raise RuntimeError("expected a started Reader behind this keyboard source, found none")
        self._line.deliver(scan)
        return "code"

    def _scan(self, keys: Sequence[_Key]) -> Scan:
        text, first_at, last_at = _text(keys), keys[0][1], keys[-1][1]
        if len(text) > SIZE_MAX:
            return Scan("", self.name, first_at, last_at, problem="too_long")
        return Scan(text, self.name, first_at, last_at, typed=not _is_wedge(keys))


def _text(keys: Sequence[_Key]) -> str:
    return "".join(text for text, _ in keys)


def _by_hand(keys: list[_Key]) -> tuple[list[_Key], list[_Key]]:
    """What a person was typing when a wedge scanned into it, and the keys of that scan.

    Only where both are beyond doubt: a wedge that stumbles is quick on both sides of the gap, and few keys prove
    nothing. Where there is doubt everything stays together, for half a code must never pass for a whole one.
    """
    gaps = [keys[n][1] - keys[n - 1][1] for n in range(1, len(keys))]
    reached = next((n for n in range(len(gaps), 0, -1) if gaps[n - 1] >= REACH_SECONDS), 0)
    slow = reached >= HAND_KEYS_MIN and min(gaps[: reached - 1]) >= WEDGE_GAP_SECONDS
    return (keys[:reached], keys[reached:]) if slow and _is_wedge(keys[reached:]) else ([], keys)


def _without_stale(keys: Sequence[_Key]) -> Sequence[_Key]:
    """The burst of a wedge after the last long gap; all keys where a person typed on, however long they thought."""
    starts = (n for n in range(len(keys) - 1, 0, -1) if keys[n][1] - keys[n - 1][1] > STALE_SECONDS)
    start = next(starts, 0)
    return keys[start:] if _is_wedge(keys[start:]) else keys


def _is_wedge(keys: Sequence[_Key]) -> bool:
    """No person presses six keys with less than 30 ms between them."""
    gaps = len(keys) - 1
    return len(keys) >= WEDGE_KEYS_MIN and (keys[-1][1] - keys[0][1]) / gaps < WEDGE_GAP_SECONDS


def open_source(address: str, _options: Mapping[str, Any], _profile: Profile) -> ScanSource:
    """`keyboard`; it has no address and no options."""
    if address:
        raise ValueError(f"keyboard: expected no address, found {address!r}")
    return KeyboardSource()
