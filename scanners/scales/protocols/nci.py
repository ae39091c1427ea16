"""NCI, of Weigh-Tronix and many bench scales: LF `0012.34lb` CR LF, status bytes, CR ETX. From the makers' manuals."""

from __future__ import annotations

import re

from scanners.scales.protocols import text_of
from scanners.scales.reading import WEIGHT, Load, Reading, amount, weighed

ASK = b"W\r"
END = b"\x03"
_UNIT = r"(lb|oz|kg|g)"
_ANSWER = re.compile(rf"{WEIGHT} *{_UNIT}(?: *{WEIGHT} *{_UNIT})?", re.IGNORECASE)
_NO_WEIGHT = re.compile(r"([_^-])\1* *[A-Za-z]*")
_MOTION, _MEMORY = 0x01, 0x0C
_UNDER, _OVER, _BROKEN, _MORE = 0x01, 0x02, 0x0C, 0x40
_ALWAYS = 0x30
"""Bits 4 and 5 are set in every status byte; one without them is no status."""


def reading_of(frame: bytes, at: float) -> Reading | None:
    """What stands before ETX: the weight and its status, or the status alone; None for `?` and everything else."""
    lines = text_of(frame).split()
    load = _load(lines[-1].encode()) if lines else None
    if load is None:
        return None
    said = " ".join(lines[:-1])
    if answer := _ANSWER.fullmatch(said):
        parts = [part for part in ((answer[1], answer[2]), (answer[3], answer[4])) if part[0]]
        return weighed([(amount(number), unit) for number, unit in parts], load, at)
    if blank := _NO_WEIGHT.fullmatch(said):
        # Dashes say that its zero is lost: to be emptied and set to zero, as when it is below zero.
        return Reading(None, Load.OVER if blank[1] == "^" else Load.UNDER, at)
    return Reading(None, load, at) if not said and load is not Load.OK else None


def _load(status: bytes) -> Load | None:
    """Two bytes, or three where the second says so; the third (range, net) changes no weight. None: no status."""
    if len(status) < 2 or len(status) != 2 + bool(status[1] & _MORE):
        return None
    if any(byte & _ALWAYS != _ALWAYS for byte in status):
        return None
    first, second = status[:2]
    if first & _MEMORY or second & _BROKEN:
        return Load.FAULT
    if second & _OVER:
        return Load.OVER
    if second & _UNDER:
        return Load.UNDER
    return Load.MOTION if first & _MOTION else Load.OK
