"""Opening and reading the devices of a bench, and why one could not be opened."""

from __future__ import annotations

import errno
import os
import termios
from contextlib import suppress
from typing import Any

import serial

from scanners.scan import SourceDown, SourceState

READ_BYTES = 4096
_STATES: dict[int, SourceState] = {
    errno.EAGAIN: "busy",
    errno.EBUSY: "busy",
    errno.ENOENT: "waiting",
    errno.ENODEV: "waiting",
    errno.ENXIO: "waiting",
    errno.EIO: "waiting",
}


def open_tty(path: str, baud: int, bits: int = 8, parity: str = "N") -> Any:
    """A serial port for us alone, never waiting. Raises SourceDown with what to do about it."""
    try:
        port = serial.Serial(path, baud, bits, parity, timeout=0, exclusive=True)
    except (OSError, ValueError, termios.error) as error:
        raise down(error, path, "dialout") from error
    # USB adapters hold bytes back for up to 16 ms unless told not to; not every driver knows the request.
    with suppress(OSError, ValueError, AttributeError):
        port.set_low_latency_mode(True)
    return port


def close_tty(port: Any) -> None:
    """Give the port back at once: a tty waits up to 30 s for a deaf device to take what was written to it."""
    with suppress(OSError, termios.error):
        termios.tcflush(port.fileno(), termios.TCOFLUSH)
    port.close()


def read_now(fd: int) -> bytes | None:
    """Bytes that are there now; None after a hang-up."""
    try:
        # Not the read of pyserial: it waits for the number of bytes asked for, and a scan has no known length.
        return os.read(fd, READ_BYTES) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


def down(error: Exception, path: str, group: str) -> SourceDown:
    """Why it could not be opened; ``group``: whose members may."""
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return SourceDown(
            "failed", f"no permission for {path}: add this user to the group of the device, often {group}"
        )
    state = _STATES.get(number or 0, "failed")
    if state == "busy":
        return SourceDown(state, f"{path} is in use by another program")
    if state == "waiting":
        return SourceDown(state, f"{path} is not plugged in")
    return SourceDown(state, f"{path} cannot be opened: {error}")
