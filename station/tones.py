"""The five tones as sound: what each is like, and at which pitch this bench plays them, so that neighbours differ."""

from __future__ import annotations

import io
import math
import re
import wave
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.domain.benchwork.reasons import Tone

RATE = 22_050
"""Samples a second, of 16 bits, one channel."""
BASE_HERTZ = 620.0
PITCHES = 7
"""A whole tone apart; more would not be told apart across an aisle."""
EDGE_SECONDS = 0.005
"""Fading in and out, or every beep would click."""
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Beep:
    """One sound of a tone. ``interval`` multiplies the bench's pitch; ``harsh`` is loud and full of overtones."""

    interval: float
    seconds: float
    harsh: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Silence."""

    seconds: float


Score = tuple[Beep | Rest, ...]

SCORES: Mapping[Tone, Score] = MappingProxyType(
    {
        Tone.GOOD: (Beep(2.0, 0.06),),
        Tone.LINE_FULL: (Beep(1.5, 0.08), Rest(0.04), Beep(2.0, 0.12)),
        Tone.BOX_DONE: (Beep(1.0, 0.12), Beep(1.26, 0.12), Beep(1.5, 0.12), Beep(2.0, 0.26)),
        Tone.LOOK: (Beep(0.75, 0.16), Rest(0.22), Beep(0.75, 0.16)),
        # Two notes that clash, over and over: nothing on a packing floor sounds like it.
        Tone.STOP: (Beep(0.5, 0.14, harsh=True), Beep(0.53, 0.14, harsh=True)) * 5,
    }
)
"""Told apart by rhythm and by pitch: one blip, two up, four up, two low and slow, and a long rattle."""


def pitch(bench: str) -> float:
    """Hertz of this bench, always the same. Benches with numbers next to each other are far apart."""
    numbers = _NUMBER.findall(bench)
    step = int(numbers[-1][-6:]) * 3 if numbers else zlib.crc32(bench.encode())
    return BASE_HERTZ * 2 ** (step % PITCHES * 2 / 12)


def samples(tone: Tone, hertz: float) -> array[int]:
    """The whole tone, each sample from -32768 to 32767."""
    sound = array("h")
    for part in SCORES[tone]:
        sound.extend(_beep(part, hertz) if isinstance(part, Beep) else [0] * round(part.seconds * RATE))
    return sound


def wav(tone: Tone, hertz: float) -> bytes:
    """A file of it, for any player."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples(tone, hertz).tobytes())
    return file.getvalue()


def _beep(beep: Beep, hertz: float) -> array[int]:
    count, edge = round(beep.seconds * RATE), EDGE_SECONDS * RATE
    step = 2 * math.pi * hertz * beep.interval / RATE
    sound = array("h")
    for n in range(count):
        curve = math.sin(n * step)
        # A square wave, its corners rounded a little so that small speakers do not buzz.
        level = 0.85 * max(-1.0, min(1.0, 4 * curve)) if beep.harsh else 0.45 * curve
        sound.append(round(32_767 * level * min(1.0, n / edge, (count - n) / edge)))
    return sound
