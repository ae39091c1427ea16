"""A printer that takes PDF as it comes: it is asked nothing."""

from printing.printers import PrinterStatus
from printing.printers.languages import Ask

BEFORE = b""
CANCELS = False
IN_LINE = b""
# The "universal exit" which every language of office printers ends at (PJL Technical Reference).
_EXIT = b"\x1b%-12345X"


def status(_ask: Ask) -> PrinterStatus | None:
    """None: there is no common question."""
    return None


def recovery(_torn: bytes) -> bytes:
    """End whatever was open."""
    return _EXIT


def is_answer_in_line(_answer: bytes) -> bool:
    """Never: nothing is asked."""
    return False
