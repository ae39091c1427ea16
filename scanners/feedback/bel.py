"""BEL, which most serial scanners beep at: once for good, three times for bad."""

GOOD = b"\x07"
BAD = b"\x07\x07\x07"
WAKE = b""
