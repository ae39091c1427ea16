"""Whether the kernel says that a time server keeps this machine's clock; bench and `doctor` ask."""

import ctypes
from collections.abc import Callable

_TIME_ERROR = 5
_TIMEX_BYTES = 512
"""More than any `struct timex` (man 2 adjtimex)."""


def _adjtimex() -> Callable[[object], int] | None:
    try:
        found: Callable[[object], int] = ctypes.CDLL(None).adjtimex
    except (AttributeError, OSError, TypeError):
        # Only Linux has it.
        return None
    return found


_ask = _adjtimex()


def clock_synchronised() -> bool | None:
    """By the flag STA_UNSYNC, which adjtimex(2) returns as TIME_ERROR; None where it cannot be asked.

    It is set until a time server has been reached after the start, and again when none was for half a day.
    """
    state = _ask(ctypes.create_string_buffer(_TIMEX_BYTES)) if _ask else -1
    return None if state < 0 else state != _TIME_ERROR
