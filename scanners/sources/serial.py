"""Scanners on a serial line: USB CDC (`/dev/ttyACM*`), USB adapters, RS-232, and any other terminal device."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import serial

from scanners.framing import SUFFIXES, Framer, Suffix
from scanners.line import Line
from scanners.scan import SourceDown, SourceState
from scanners.sources import ScanSource, choice, needs_address, number, typed_options

_STATES: dict[int, SourceState] = {
    errno.EAGAIN: "busy",
    errno.EBUSY: "busy",
    errno.ENOENT: "waiting",
    errno.ENODEV: "waiting",
    errno.ENXIO: "waiting",
    errno.EIO: "waiting",
}


class SerialSource:
    """One serial port, opened for us alone. Speed matters for RS-232 only; USB ignores it."""

    kind = "serial"
    threaded = True

    def __init__(self, path: str, *, baud: int = 9600, suffix: Suffix = "any", idle_ms: int = 200) -> None:
        self.name = f"serial:{path}"
        self._path = path
        self._baud = baud
        self._suffix: Suffix = suffix
        self._idle_seconds = idle_ms / 1000

    def listen(self, line: Line) -> None:
        port = self._open()
        try:
            line.opened(f"{self._baud} baud, suffix {self._suffix}")
            self._read_codes(port.fileno(), line)
        finally:
            port.close()

    def _read_codes(self, fd: int, line: Line) -> None:
        framer = Framer(self._suffix, idle_seconds=self._idle_seconds)
        while (event := line.wait(fd, framer.idle_seconds if framer.pending else None)) != "stop":
            if event == "idle":
                line.deliver_frames(self.name, framer.expire())
                continue
            data = _read(fd)
            if data is None:
                line.deliver_frames(self.name, framer.expire())
                raise SourceDown("waiting", f"{self._path} was unplugged or hung up")
            line.deliver_frames(self.name, framer.feed(data, time.time()))

    def _open(self) -> Any:
        try:
            port = serial.Serial(self._path, self._baud, timeout=0, exclusive=True)
        except (OSError, ValueError) as error:
            raise SourceDown(*self._explained(error)) from error
        # USB adapters hold bytes back for up to 16 ms unless told not to; not every driver knows the request.
        with suppress(OSError, ValueError, AttributeError):
            port.set_low_latency_mode(True)
        return port

    def _explained(self, error: Exception) -> tuple[SourceState, str]:
        number = error.errno if isinstance(error, OSError) else None
        if number in (errno.EACCES, errno.EPERM):
            return "failed", f"no permission for {self._path}: add this user to the group of the device, often dialout"
        state = _STATES.get(number or 0, "failed")
        if state == "busy":
            return state, f"{self._path} is in use by another program"
        if state == "waiting":
            return state, f"{self._path} is not plugged in"
        return state, f"{self._path} cannot be opened: {error}"


def _read(fd: int) -> bytes | None:
    """Bytes that are there now; None after a hang-up."""
    try:
        # Not port.read(): it waits for the number of bytes asked for, and a scan has no known length.
        return os.read(fd, 4096) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


def open_source(address: str, options: Mapping[str, str]) -> ScanSource:
    """`serial:/dev/serial/by-id/...?baud=9600&suffix=any&idle_ms=200`."""
    path = needs_address("serial", address, "serial:/dev/ttyACM0")
    known = {"baud": number(50, 4_000_000), "suffix": choice(*SUFFIXES), "idle_ms": number(20, 10_000)}
    return cast("ScanSource", SerialSource(path, **typed_options("serial", options, known)))
