"""Listens to a device that is nobody's yet for one code, and takes nothing from anybody meanwhile.

A keyboard is not grabbed: whatever it types reaches the windows as before. A serial port is held only for the moment of
a read, so that another program can have it at any time; then it is left alone.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from typing import Any, Protocol

import serial

from scanners.barcode import parse
from scanners.framing import Frame, Framer
from scanners.keys import EV_KEY, EV_SYN, SYN_DROPPED, KeyDecoder
from scanners.layouts import LAYOUTS
from scanners.profile import SSI
from scanners.sources.evdev import evdev_library
from scanners.ssi import ACK, SsiFramer, packet


class Ear(Protocol):
    """One open device. Everything raises OSError when the device is gone or another program has it."""

    def fileno(self) -> int: ...

    def hear(self) -> str | None:
        """Read what is there; the options under which the code was among it, such as `layout=de`, else None."""

    def close(self) -> None: ...


class SerialEar:
    """A serial port, under every frame a scanner may be set to."""

    def __init__(self, path: str, code: str) -> None:
        self._code = code
        self._port = serial.Serial(path, 9600, timeout=0, exclusive=True)
        self._framers: dict[str, Framer | SsiFramer] = {
            "": Framer(),
            "suffix=stx-etx": Framer("stx-etx"),
            f"suffix={SSI}&feedback=zebra-ssi": SsiFramer(),
        }
        self._heard_at = 0.0
        self._let_go()

    def fileno(self) -> int:
        return int(self._port.fileno())

    def hear(self) -> str | None:
        fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            data = os.read(self.fileno(), 4096)
        finally:
            self._let_go()
        if not data:
            raise OSError(f"{self._port.port} hung up")
        now, late = time.time(), time.monotonic() - self._heard_at
        self._heard_at = time.monotonic()
        for options, framer in self._framers.items():
            if late > framer.idle_seconds:
                framer.expire()
            for frame in framer.feed(data, now):
                if (caps := spelling(frame, self._code)) is not None:
                    if SSI in options:
                        os.write(self.fileno(), packet(ACK))
                    return "&".join(part for part in (options, caps) if part)
        return None

    def close(self) -> None:
        self._port.close()

    def _let_go(self) -> None:
        fcntl.flock(self.fileno(), fcntl.LOCK_UN)


class KeyEar:
    """A keyboard, under every layout a scanner may be set to: the one that gives the code is the scanner's."""

    def __init__(self, path: str, code: str) -> None:
        self._code = code
        try:
            self._device: Any = evdev_library().InputDevice(path)
        except ImportError as error:
            raise OSError(str(error)) from error
        self._decoders = {layout: KeyDecoder(layout) for layout in LAYOUTS}
        self._heard_at = 0.0
        self._found: str | None = None
        self._down: set[int] = set()

    def fileno(self) -> int:
        return int(self._device.fd)

    def hear(self) -> str | None:
        """Not before the scanner has let go of its Enter: grabbed meanwhile, it would be held down in every window."""
        with suppress(BlockingIOError):
            for event in self._device.read():
                self._found = self._take(event) or self._found
                self._follow(event)
        return None if self._down else self._found

    def close(self) -> None:
        self._device.close()

    def _follow(self, event: Any) -> None:
        if event.type == EV_KEY:
            (self._down.add if event.value else self._down.discard)(event.code)
        elif (event.type, event.code) == (EV_SYN, SYN_DROPPED):
            self._down.clear()

    def _take(self, event: Any) -> str | None:
        late = event.timestamp() - self._heard_at
        self._heard_at = event.timestamp()
        for layout, decoder in self._decoders.items():
            frames = [] if late <= decoder.gap_seconds else decoder.expire()
            frames += decoder.feed(event.type, event.code, event.value, event.timestamp())
            for frame in frames:
                if (caps := spelling(frame, self._code)) is not None:
                    return "&".join(part for part in (f"layout={layout}", caps) if part)
        return None


def spelling(frame: Frame, code: str) -> str | None:
    """None when this is not the code, else the option for the way its letters came."""
    if frame.problem not in (None, "unterminated"):
        return None
    payload = parse(frame.text).payload
    if payload.upper() != code:
        return None
    return "" if payload == code else "caps=on"
