"""A printer that takes PDF as it comes: it is asked nothing."""

from printing.printers import PrinterStatus
from printing.printers.languages import Ask

BEFORE = b""
# The "universal exit" which every language of office printers ends at (PJL Technical Reference).
_EXIT = b"\x1b%-12345X"


def status(_ask: Ask) -> PrinterStatus | None:
    """None: there is no common question."""
    return None


def recovery(_torn: bytes) -> bytes:
    """End whatever was open."""
    return _EXIT
