"""Ohaus: `     12.72 g  ?  NET`. From the maker's manuals."""

from __future__ import annotations

import re

from scanners.scales.protocols import text_of
from scanners.scales.reading import WEIGHT, Load, Reading, amount, weighed

ASK = b"IP\r\n"
"""The weight at once, still or not."""
END = b"\n"
_ANSWER = re.compile(rf"{WEIGHT} *([A-Za-z]+)(?: +(\?))?(?: +(?:N|G|T|PT|NET|GROSS|TARE))?")
_ERRORS = {"ERR8.3": Load.OVER, "OL": Load.OVER, "ERR8.4": Load.UNDER, "UL": Load.UNDER}


def reading_of(frame: bytes, at: float) -> Reading | None:
    """One line, still unless a question mark follows the unit; None for `ES`, `OK!` and all that is no weight."""
    line = text_of(frame).strip()
    if error := _ERRORS.get(line.upper().replace(" ", "")):
        return Reading(None, error, at)
    answer = _ANSWER.fullmatch(line)
    if answer is None:
        return None
    return weighed([(amount(answer[1]), answer[2])], Load.MOTION if answer[3] else Load.OK, at)
