"""Datalogic host commands, one byte each: `B` beeps, `F` is "not on file", a row of long beeps."""

GOOD = b"B"
BAD = b"F"
WAKE = b""
