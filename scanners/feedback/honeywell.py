"""Honeywell host ACK mode: `ESC 7 ,` good, `ESC 8 ,` razz. In that mode the scanner waits for one of them."""

GOOD = b"\x1b7,"
BAD = b"\x1b8,"
WAKE = b""
