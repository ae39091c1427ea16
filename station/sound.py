"""The five sounds of a bench. A terminal can be relied on for its bell and nothing else, so rhythm tells them apart."""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

from server.domain.benchwork.reasons import Tone

PATTERNS: Mapping[Tone, tuple[float, ...]] = MappingProxyType(
    {
        Tone.GOOD: (),
        Tone.LINE_FULL: (0.0,),
        Tone.BOX_DONE: (0.0, 0.15, 0.30),
        Tone.LOOK: (0.0, 0.45),
        Tone.STOP: (0.0, 0.12, 0.24, 0.36, 0.60, 0.72, 0.84, 0.96),
    }
)
"""Seconds after the verdict at which the bell rings. Good is quiet: the scanner has beeped already."""


class Sound:
    """Rings a bell in rhythm, without anybody waiting for it. A new sound replaces the rest of the one before."""

    def __init__(self, ring: Callable[[], None], *, on: bool = True) -> None:
        self._ring = ring
        self._on = on
        self._waiting: list[asyncio.TimerHandle] = []

    def play(self, tone: Tone) -> None:
        """Needs the running loop of the app; the first bell rings before this returns."""
        self.hush()
        if not self._on:
            return
        loop = asyncio.get_running_loop()
        for delay in PATTERNS[tone]:
            if delay:
                self._waiting.append(loop.call_later(delay, self._ring))
            else:
                self._ring()

    def hush(self) -> None:
        """Forget the bells that have not rung yet."""
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()
