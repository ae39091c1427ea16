"""Keys of the terminal: codes that are typed or come from a scanner that plays a keyboard, and two quick Ctrl-C."""

import time
from collections.abc import Callable
from typing import Literal

from textual.events import Key

from scanners.sources.keyboard import KeyboardSource

QUIT_SECONDS = 2.0
WEDGE_SECONDS = 0.3
"""A Ctrl-C this soon after a character is the ETX that some scanners put behind every code."""

_GS = "\x1d"
"""Separates the parts of a GS1 code; the only control character that belongs to one."""

Meaning = Literal["typing", "bare", "nothing"]


class Keys:
    """Feeds the keyboard source. All other keys mean nothing, so none can quit or lose the place."""

    def __init__(self, source: KeyboardSource | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._interrupted_at = self._character_at = float("-inf")

    @property
    def typed(self) -> str:
        """What was typed and not ended yet, as it came."""
        return self._source.pending if self._source else ""

    def press(self, event: Key, at: float) -> Meaning:
        """``bare`` is an Enter (or foot pedal) with nothing typed before it. A finished code goes to the reader."""
        source = self._source
        if event.key in ("enter", "ctrl+j"):
            return "bare" if (source is None or source.enter(at) == "bare") else "typing"
        if source is None:
            return "nothing"
        if event.key == "tab" and source.pending:
            # Many scanners are set to end a code with Tab.
            source.enter(at)
        elif event.key == "backspace":
            source.backspace()
        elif event.key == "escape":
            source.clear()
        elif event.character and (event.character.isprintable() or event.character == _GS):
            source.key(event.character, at)
            self._character_at = self._clock()
        else:
            return "nothing"
        return "typing"

    def paste(self, text: str, at: float) -> None:
        """Each line that has an end is a code; what follows the last end stays to be finished."""
        if self._source is None:
            return
        *codes, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for code in codes:
            if code:
                self._source.key(code, at)
                self._source.enter(at)
        if rest:
            self._source.key(rest, at)

    def interrupt(self) -> Literal["ask", "quit", "nothing"]:
        """Ctrl-C: ``quit`` for the second one within two seconds, ``nothing`` for one that a scanner sent."""
        now = self._clock()
        if now - self._character_at < WEDGE_SECONDS:
            return "nothing"
        quick = now - self._interrupted_at < QUIT_SECONDS
        self._interrupted_at = now
        return "quit" if quick else "ask"
