"""Zebra SSI: BEEP with code 00 (one short high) for good, 07 (three short low) for bad; a zero byte wakes it up."""

from scanners.ssi import BEEP, packet

GOOD = packet(BEEP, b"\x00")
BAD = packet(BEEP, b"\x07")
WAKE = b"\x00"
