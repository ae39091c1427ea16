"""Codes that were cut off, or ran into another one: more or less than one this order expects."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing.session import Session, Verdict

_GTIN, _SIZES = 14, (8, 12, 13)
_LEAST, _LONG = 4, 12
"""Characters; less could be the end of anything, or the beginning of another code."""


def cut_off(session: Session, scan: Scan) -> Verdict | None:
    """A part of an expected code is a bad read, and so is one with a single digit wrong, or with more around it.

    What a person typed is none.
    """
    text = scan.payload
    if scan.typed or len(text) < _LEAST:
        return None
    codes = {code for line in session.order.lines for code in line.codes}
    if any(_part(text, whole) for code in codes for whole in _printed(code)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail="truncated")
    if not scan.serial and any(_runs_on(text, whole) for code in codes for whole in _printed(code)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail="glued")
    if scan.bad_read and any(_one_wrong(text, whole) for code in codes for whole in _printed(code)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail=scan.bad_read)
    return None


def _printed(code: str) -> set[str]:
    """A code in its normal form as it may stand on the item: a GTIN in each of its lengths, alone or in a message."""
    if len(code) != _GTIN or not code.isdecimal():
        return {code}
    shorter = {code[-size:] for size in _SIZES if not code[:-size].strip("0")}
    return {code, f"01{code}", *shorter}


def _one_wrong(text: str, whole: str) -> bool:
    return len(text) == len(whole) and sum(a != b for a, b in zip(text, whole, strict=True)) == 1


def _runs_on(text: str, whole: str) -> bool:
    """The end of one code was lost, and the next one follows. Of shorter codes this could be chance."""
    long = len(whole) >= _LONG and whole.isdecimal()
    return long and len(text) > len(whole) and (text.startswith(whole) or text.endswith(whole))


def _part(text: str, whole: str) -> bool:
    return len(text) < len(whole) and (whole.startswith(text) or whole.endswith(text))
