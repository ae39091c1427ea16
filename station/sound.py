"""The five sounds of a bench: through the sound card where there is one, else by the terminal's bell.

A terminal can be relied on for its bell and nothing else, so there rhythm alone tells them apart.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from server.domain.benchwork.reasons import Tone
from station.config import SoundMode
from station.player import LATE_SECONDS, Player, find_player
from station.tones import pitch, wav

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
AGAIN_SECONDS = 60.0
"""A sound card that failed is tried again after this; the bell rings meanwhile."""
TRIAL_SECONDS = 2 * LATE_SECONDS
"""By then it is known whether the tone it was tried with came out; until then the bell rings for all others."""
_log = logging.getLogger("packproof.station")


class Sound:
    """Makes the sounds without anybody waiting for them. A new sound replaces the rest of the one before.

    ``on_missing`` is called in the loop, once, when the card was meant to be heard and is not.
    """

    def __init__(
        self,
        ring: Callable[[], None],
        mode: SoundMode = SoundMode.BELL,
        *,
        player: tuple[str, ...] | None = None,
        on_missing: Callable[[], None] = lambda: None,
    ) -> None:
        self._ring, self._mode, self._on_missing = ring, mode, on_missing
        self._waiting: list[asyncio.TimerHandle] = []
        self._command = player
        self._card: Player | None = None
        self._card_after = 0.0
        self._on_trial = self._told = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, bench: str) -> None:
        """Needs the running loop of the app. ``bench``: whose pitch."""
        self._loop = asyncio.get_running_loop()
        if self._mode is not SoundMode.CARD and self._mode is not SoundMode.AUTO:
            return
        command = self._command or find_player()
        if command is None:
            self._missing("no pw-play, paplay or aplay")
            return
        hertz = pitch(bench)
        self._card = Player(command, lambda: {tone: wav(tone, hertz) for tone in Tone}, self._failed)
        self._card.start()

    def stop(self) -> None:
        """Fall silent for good."""
        self.hush()
        if self._card is not None:
            self._card.stop()

    def play(self, tone: Tone) -> None:
        """Needs the running loop of the app; a bell's first ring is there before this returns."""
        self.hush()
        if self._mode is SoundMode.OFF:
            return
        if self._card is not None and self._trusted(tone):
            self._card.play(tone)
        else:
            self._bells(tone)

    def _trusted(self, tone: Tone) -> bool:
        """Whether the card is to play this: one that failed is tried with a single tone, and one that may be late."""
        now = time.monotonic()
        if now < self._card_after or (self._on_trial and tone in (Tone.LOOK, Tone.STOP)):
            return False
        if self._on_trial:
            self._on_trial, self._card_after = False, now + TRIAL_SECONDS
        return True

    def hush(self) -> None:
        """Forget the bells that have not rung yet."""
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()

    def _bells(self, tone: Tone) -> None:
        loop = asyncio.get_running_loop()
        for delay in PATTERNS[tone]:
            if delay:
                self._waiting.append(loop.call_later(delay, self._ring))
            else:
                self._ring()

    def _failed(self, tone: Tone, why: str) -> None:
        """From the player's thread."""
        loop = self._loop
        # The program may have ended meanwhile.
        with suppress(RuntimeError):
            if loop is not None:
                loop.call_soon_threadsafe(self._fall_back, tone, why)

    def _fall_back(self, tone: Tone, why: str) -> None:
        self._on_trial, self._card_after = True, time.monotonic() + AGAIN_SECONDS
        self._missing(why)
        self._bells(tone)

    def _missing(self, why: str) -> None:
        if not self._told:
            self._told = True
            _log.warning("no sound through the card: %s", why)
            self._on_missing()
