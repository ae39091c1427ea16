"""What can be wrong with a printer, in the words of its lamp, and what a person does about it.

The words are those a `PrinterStatus.detail` is made of; a bench translates what to do (its wording knows each of them).
"""

from enum import StrEnum


class Trouble(StrEnum):
    """One thing that keeps paper from coming out."""

    PAPER_OUT = "out of labels"
    HEAD_OPEN = "print head open"
    COVER_OPEN = "cover open"
    RIBBON_OUT = "out of ribbon"
    PAUSED = "paused"
    COLD = "head too cold"
    HOT = "head too hot"
    BUFFER_FULL = "memory full"
    CORRUPT = "memory corrupt"
    CUTTER = "cutter jammed"
    ERROR = "stopped with an error"
    HALF_INSIDE = "half a label stuck inside"
    SILENT = "does not answer"
    STRANGE = "answers strangely"
    UNREACHABLE = "cannot be reached"


_REMEDIES = {
    Trouble.PAPER_OUT: "load labels or paper",
    Trouble.HEAD_OPEN: "close the print head",
    Trouble.COVER_OPEN: "close the cover",
    Trouble.RIBBON_OUT: "load ribbon",
    Trouble.PAUSED: "press PAUSE on the printer",
    Trouble.COLD: "wait until it is warm",
    Trouble.HOT: "wait until it has cooled down",
    Trouble.BUFFER_FULL: "wait a moment; else switch it off and on",
    Trouble.CORRUPT: "switch it off and on",
    Trouble.CUTTER: "clear the cutter, then press FEED",
    Trouble.ERROR: "read its display; else switch it off and on",
    Trouble.HALF_INSIDE: "switch it off and on",
    Trouble.SILENT: "check labels, ribbon and print head; one that never answers is set with ?status=off",
    Trouble.STRANGE: "check ?language= of its target (zpl, escpos, pdf)",
    Trouble.UNREACHABLE: "switch it on; check its cable and its address",
}


def remedy(detail: str) -> str:
    """What to do about what a printer says of itself; empty when nothing is known to help."""
    return "; ".join(todo for trouble, todo in _REMEDIES.items() if trouble in detail)
