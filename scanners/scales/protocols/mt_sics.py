"""MT-SICS, of Mettler-Toledo and others: `S S     100.00 g`. From the makers' manuals, level 0."""

from __future__ import annotations

import re

from scanners.scales.protocols import text_of
from scanners.scales.reading import WEIGHT, Load, Reading, amount, weighed

ASK = b"SI\r\n"
"""The weight at once, still or not; some scales answer it with SI instead of S."""
END = b"\n"
_ANSWER = re.compile(rf"SI? +([SD])\S* +{WEIGHT} +([A-Za-z]+)")
_NO_WEIGHT = re.compile(r"SI? *([I+-])")
_STATES = {"S": Load.OK, "D": Load.MOTION, "I": Load.MOTION, "+": Load.OVER, "-": Load.UNDER}


def reading_of(frame: bytes, at: float) -> Reading | None:
    """One line; None for what is no weight, such as `ES` (not understood) or the serial number after a reset."""
    line = text_of(frame).strip()
    if plain := _NO_WEIGHT.fullmatch(line):
        return Reading(None, _STATES[plain[1]], at)
    answer = _ANSWER.fullmatch(line)
    return weighed([(amount(answer[2]), answer[3])], _STATES[answer[1]], at) if answer else None
