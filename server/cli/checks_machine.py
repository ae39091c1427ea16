"""What `doctor` sees of the machine itself: Python and the clock."""

import platform
import sys
from collections.abc import Iterator
from datetime import datetime

from server.cli.finding import Finding
from server.kernel_clock import clock_synchronised


def machine() -> Iterator[Finding]:
    """Python, and whether the kernel says that its clock follows a time server."""
    yield Finding("ok", "python", f"{platform.python_version()} at {sys.executable}")
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    if clock_synchronised():
        yield Finding("ok", "clock", f"{now}, synchronised")
    else:
        remedy = "sudo timedatectl set-ntp true; a bench says so too, and judges no expiry by such a clock"
        yield Finding("look", "clock", f"{now}, no time server keeps it right", remedy)
