"""Key events of a scanner that plays a keyboard become codes. Pure: no device, no clock, no thread."""

from __future__ import annotations

from scanners.framing import SIZE_MAX, Frame
from scanners.layouts import KEYPAD_DIGITS, LAYOUTS
from scanners.scan import ScanProblem

GAP_SECONDS = 0.100
"""Gaps of 1 to 16 ms were measured within a code, and one of 59 ms on a busy machine. Never less than this."""

REST_SECONDS = 1.0
"""What comes so soon after a code that a gap cut off is the rest of it, and not a code of its own."""

SEPARATOR_KEYS = {"ctrl-bracket": None, "alt029": None, "none": None, "f8": 66, "f12": 88}
"""Ways a scanner sends GS (ASCII 29), and the key where it takes one of its own. The first two always work."""

EV_SYN, EV_KEY, SYN_DROPPED = 0, 1, 3
_RELEASED, _PRESSED = 0, 1
_SHIFTS, _CTRLS, _ALT, _ALT_GRAPH = {42, 54}, {29, 97}, 56, 100
_ENDS = {28, 96, 15}
_BRACKET = 27
_SILENT = {58, 69, 70, 125, 126}
"""Lock and system keys: they change nothing for us and give no character."""

_CHARACTERS_MIN = 3


class KeyDecoder:
    """Follows the modifier keys and collects characters until Enter or Tab, or a gap.

    A code with a key that has no character, and one the kernel lost events of, are told as "dropped": the rest of a
    code is another code. Modifiers are known from press and release; autorepeat is ignored.
    """

    def __init__(
        self, layout: str = "us", *, separator: str = "ctrl-bracket", gap_seconds: float = GAP_SECONDS
    ) -> None:
        """Raises ValueError naming what there is for an unknown layout or separator."""
        if layout not in LAYOUTS:
            raise ValueError(f"expected a layout of {', '.join(LAYOUTS)}, found {layout!r}")
        if separator not in SEPARATOR_KEYS:
            raise ValueError(f"expected a separator of {', '.join(SEPARATOR_KEYS)}, found {separator!r}")
        self.gap_seconds = max(gap_seconds, GAP_SECONDS)
        self._layout = LAYOUTS[layout]
        self._separator_key = SEPARATOR_KEYS[separator]
        self._held: set[int] = set()
        self._text = self._alt_digits = ""
        self._spoiled = self._skipping = False
        self._first_at = self._last_at = 0.0
        self._cut_at: float | None = None

    @property
    def pending(self) -> bool:
        """Part of a code is here and its end is not."""
        return bool(self._text) or self._spoiled or self._skipping

    def feed(self, kind: int, code: int, value: int, at: float) -> list[Frame]:
        """Take one event (`type`, `code`, `value` of Linux) and give the code it completes, if any."""
        if (kind, code) == (EV_SYN, SYN_DROPPED):
            return self._lost(at)
        if kind != EV_KEY or value not in (_RELEASED, _PRESSED):
            return []
        if value == _RELEASED:
            return self._release(code, at)
        self._held.add(code)
        return self._press(code, at)

    def expire(self) -> list[Frame]:
        """End what is pending, because no key came for `gap_seconds` or the device went away."""
        cut_at = self._last_at if self.pending else self._cut_at
        problem: ScanProblem = "unterminated" if len(self._text) >= _CHARACTERS_MIN else "partial"
        frames = self._end("dropped" if self._spoiled else problem)
        self._cut_at = cut_at
        return frames

    def _press(self, code: int, at: float) -> list[Frame]:
        if self._cut_at is not None:
            self._skipping = 0 <= at - self._cut_at <= REST_SECONDS
            self._cut_at = None
        if code in _ENDS:
            return self._end("dropped" if self._spoiled else None)
        if _ALT in self._held and code in KEYPAD_DIGITS:
            self._alt_digits += KEYPAD_DIGITS[code]
            return []
        if code in _SHIFTS | _CTRLS | _SILENT | {_ALT, _ALT_GRAPH}:
            return []
        return self._add(self._character(code), at)

    def _release(self, code: int, at: float) -> list[Frame]:
        self._held.discard(code)
        if code != _ALT or not self._alt_digits:
            return []
        digits, self._alt_digits = self._alt_digits, ""
        return self._add(_code_point(digits), at)

    def _character(self, code: int) -> str | None:
        if code == self._separator_key:
            return "\x1d"
        if self._held & _CTRLS:
            return "\x1d" if code == _BRACKET else _control(self._layout.plain.get(code, ""))
        if _ALT_GRAPH in self._held and code in self._layout.alt_graph:
            return self._layout.alt_graph[code]
        return (self._layout.shifted if self._held & _SHIFTS else self._layout.plain).get(code)

    def _add(self, character: str | None, at: float) -> list[Frame]:
        if self._skipping:
            self._last_at = at
            return self._end(None) if character in ("\r", "\n", "\t") else []
        if character in ("\r", "\n", "\t"):
            return self._end("dropped" if self._spoiled else None)
        if not self._text:
            self._first_at = at
        self._last_at = at
        if character is None:
            # A function key before a code is a common prefix; within a code something is missing.
            self._spoiled = bool(self._text)
            return []
        self._text += character
        return self._lost(at, "too_long") if len(self._text) > SIZE_MAX else []

    def _lost(self, at: float, problem: ScanProblem = "dropped") -> list[Frame]:
        """Told at once; what still comes of that code is skipped, and the state of the modifiers is unknown."""
        told = self._skipping
        first_at = self._first_at if self._text else at
        self._reset()
        self._held.clear()
        self._skipping, self._last_at = True, at
        return [] if told else [Frame("", first_at, at, problem)]

    def _end(self, problem: ScanProblem | None) -> list[Frame]:
        text = "" if problem == "dropped" else self._text
        blank = self._skipping or not self._text
        frame = Frame(text, self._first_at, self._last_at, problem)
        self._reset()
        return [] if blank else [frame]

    def _reset(self) -> None:
        self._text = self._alt_digits = ""
        self._spoiled = self._skipping = False


def _control(character: str) -> str | None:
    """The control character of Ctrl and a letter, as some scanners send them."""
    letter = character.upper()
    return chr(ord(letter) & 0x1F) if len(letter) == 1 and "@" <= letter <= "_" else None


def _code_point(digits: str) -> str | None:
    """Alt and keypad digits; None when they name no character."""
    number = int(digits[:8])
    return chr(number) if 0 < number < 0xD800 else None
