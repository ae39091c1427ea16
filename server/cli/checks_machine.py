"""What `doctor` sees of the machine itself: Python and the clock."""

import ctypes
import platform
import sys
from collections.abc import Iterator
from datetime import datetime

from server.cli.finding import Finding

_TIME_ERROR = 5
_TIMEX_BYTES = 512
"""More than any `struct timex` (man 2 adjtimex)."""


def machine() -> Iterator[Finding]:
    """Python, and whether the kernel says that its clock follows a time server."""
    yield Finding("ok", "python", f"{platform.python_version()} at {sys.executable}")
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    if clock_synchronised():
        yield Finding("ok", "clock", f"{now}, synchronised")
    else:
        remedy = "sudo timedatectl set-ntp true; a bench that is 30 s off warns on its screen"
        yield Finding("look", "clock", f"{now}, no time server keeps it right", remedy)


def clock_synchronised() -> bool:
    """Whether adjtimex(2) reports a synchronised clock; False where it cannot be asked."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))) not in (-1, _TIME_ERROR)
    except (AttributeError, OSError):
        return False
