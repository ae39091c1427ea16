"""ESC/POS: DLE EOT n asks, one byte answers, also while the printer is out of paper or offline.

GS r n asks in line: the printer comes to it when all before it has been printed, so that its answer proves the paper.
"""

from printing.printers import PrinterStatus
from printing.printers.languages import Ask
from printing.printers.troubles import Trouble

# Initialise: forgets modes and a line that was begun.
BEFORE = b"\x1b@"
CANCELS = False
IN_LINE = b"\x1dr\x01"
ASKED = (1, 2, 3, 4)
# The bit of each trouble in the answer to question n, the clearest first.
TROUBLES = {
    (2, 0x04): Trouble.COVER_OPEN,
    (2, 0x20): Trouble.PAPER_OUT,
    (4, 0x60): Trouble.PAPER_OUT,
    (3, 0x08): Trouble.CUTTER,
    (3, 0x20): Trouble.ERROR,
    (3, 0x40): Trouble.HOT,
    (2, 0x40): Trouble.ERROR,
    (1, 0x08): Trouble.PAUSED,
}
_PICTURES = (b"\x1dv0", b"\x1b*", b"\x1d(L", b"\x1d8L")
_LOW_PAPER = (4, 0x0C)
# Bits which every answer to DLE EOT has, and those which no answer to GS r has.
_FIXED_MASK, _FIXED = 0x93, 0x12
_IN_LINE_MASK = 0x90
_FLOW_CONTROL = b"\x11\x13"


def question(number: int) -> bytes:
    """DLE EOT n."""
    return b"\x10\x04" + bytes([number])


def status(ask: Ask) -> PrinterStatus:
    """Four questions. An empty answer is silence, and silence is never "plenty of paper"."""
    answers: dict[int, int] = {}
    for number in ASKED:
        answer = ask(question(number), _has_answer)
        if not answer:
            return PrinterStatus("attention", Trouble.SILENT)
        if not _has_answer(answer):
            return PrinterStatus("attention", f"{Trouble.STRANGE}: no answer to DLE EOT {number}")
        answers[number] = answer[-1]
    return parse(answers)


def parse(answers: dict[int, int]) -> PrinterStatus:
    """The status in the four bytes, by the number of the question. How much it still holds it does not tell."""
    troubles = list(dict.fromkeys(trouble for (asked, bit), trouble in TROUBLES.items() if answers[asked] & bit))
    if len(troubles) > 1:
        # "Offline" and "error" stand beside what has caused them.
        troubles = [t for t in troubles if t not in (Trouble.PAUSED, Trouble.ERROR)] or troubles[:1]
    if troubles:
        return PrinterStatus("attention", ", ".join(troubles))
    low, bit = _LOW_PAPER
    return PrinterStatus("ready", "paper is low" if answers[low] & bit else "")


def recovery(torn: bytes) -> bytes:
    """Zeros for a picture that still counts bytes, then what was begun is fed out and cut off as a piece of its own."""
    counted = len(torn) if any(picture in torn for picture in _PICTURES) else 0
    return bytes(counted) + b"\x1b@\n\x1dVB\x00"


def is_answer_in_line(answer: bytes) -> bool:
    """Whether this is one answer to GS r and nothing else: the later bytes of an unasked status look like one."""
    said = answer.translate(None, _FLOW_CONTROL)
    return len(said) == 1 and said[0] & _IN_LINE_MASK == 0


def _has_answer(answer: bytes) -> bool:
    """Whether DLE EOT was answered; a late answer to GS r may stand before it."""
    return answer[-1:] != b"" and answer[-1] & _FIXED_MASK == _FIXED
