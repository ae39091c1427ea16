"""ZPL II: ~HS asks (Host Status Return), ^JZ says who repeats a label an error has torn, ~JA forgets half a one."""

import re

from printing.printers import PrinterStatus
from printing.printers.languages import Ask
from printing.printers.troubles import Trouble

# A label in the press when the paper ends comes out half. With ^JZY the printer itself prints it again, whole, after
# the reload; the spool never sends it twice. The default is Y, but any program may have switched it off for good. As a
# format of its own it feeds no paper, changes no byte of a carrier's label, and ends a format somebody left open.
BEFORE = b"^XA^JZY^XZ\n"
REQUEST = b"~HS\r\n"
# ~HS itself tells how many labels are inside, and ~JA takes back those too.
CANCELS = True
IN_LINE = b""
_LINE = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIELDS = (12, 11, 2)
# (line, field) of each flag.
TROUBLES = {
    (0, 1): Trouble.PAPER_OUT,
    (1, 2): Trouble.HEAD_OPEN,
    (1, 3): Trouble.RIBBON_OUT,
    (0, 2): Trouble.PAUSED,
    (0, 10): Trouble.COLD,
    (0, 11): Trouble.HOT,
    (0, 5): Trouble.BUFFER_FULL,
    (0, 9): Trouble.CORRUPT,
}
_FORMATS_IN_BUFFER, _LABELS_LEFT, _PARTIAL_FORMAT = (0, 4), (1, 8), (0, 7)
_BINARY = re.compile(rb"\^GF[BC],(\d{1,9})", re.IGNORECASE)
_NOT_REPEATED = re.compile(rb"\^JZ\s*N", re.IGNORECASE)


def status(ask: Ask) -> PrinterStatus:
    """One question. Some models fall silent while out of labels or with the head open (manual, ~HS): never "ready"."""
    answer = ask(REQUEST, is_complete)
    return parse(answer) if answer else PrinterStatus("attention", Trouble.SILENT)


def recovery(torn: bytes) -> bytes:
    """Zeros for a binary picture that still counts bytes, then Cancel All."""
    counted = max((int(found[1]) for found in _BINARY.finditer(torn)), default=0)
    return bytes(min(counted, len(torn))) + b"~JA\n"


def is_answer_in_line(_answer: bytes) -> bool:
    """Never: nothing is asked."""
    return False


def is_repeated(data: bytes) -> bool:
    """Whether the printer itself repeats this label where an error tears it; a carrier's may forbid it."""
    return not _NOT_REPEATED.search(data)


def is_complete(answer: bytes) -> bool:
    """Whether all three lines have come."""
    return len(_LINE.findall(answer)) >= len(_FIELDS)


def parse(answer: bytes) -> PrinterStatus:
    """The status in an answer; what is none of ZPL's needs attention, for it says nothing good."""
    lines = [line.decode("ascii", "replace").split(",") for line in _LINE.findall(answer)][: len(_FIELDS)]
    found = [len(line) for line in lines]
    if len(lines) < len(_FIELDS) or any(count < least for count, least in zip(found, _FIELDS, strict=True)):
        return _strange(f"expected {_FIELDS} fields to ~HS, found {tuple(found)}")
    if not all(field.strip().isdecimal() for field in (*lines[0], *lines[1])):
        return _strange("expected digits to ~HS, found something else")

    def number(place: tuple[int, int]) -> int:
        # Eight digits at most: more are none of ours, and a number of thousands takes Python long.
        return int(lines[place[0]][place[1]].strip()[-8:])

    partial = bool(number(_PARTIAL_FORMAT))
    queued = number(_FORMATS_IN_BUFFER) + number(_LABELS_LEFT) + partial
    troubles = [trouble for place, trouble in TROUBLES.items() if number(place)]
    if troubles:
        return PrinterStatus("attention", ", ".join(troubles), queued, partial)
    return PrinterStatus("ready", f"{queued} waiting in the printer" if queued else "", queued, partial)


def _strange(why: str) -> PrinterStatus:
    return PrinterStatus("attention", f"{Trouble.STRANGE}: {why}")
