"""Scanners that play a keyboard on Linux, read below every window and console so that focus does not matter."""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from scanners.framing import Frame
from scanners.keys import SEPARATOR_KEYS, KeyDecoder
from scanners.layouts import LAYOUTS
from scanners.line import Line
from scanners.scan import SourceDown
from scanners.sources import ScanSource, choice, needs_address, number, typed_options

LIBRARY_REMEDY = (
    "the evdev library is not installed: pip install evdev-binary (64-bit PC), or evdev with a compiler and the kernel"
    " headers; or set the scanner to serial (USB CDC) and use serial:"
)
PERMISSION_REMEDY = (
    "no permission for {path}: install the udev rule of deploy/udev for this scanner, or add this user to group input"
)
_GONE = (errno.ENODEV, errno.ENOENT, errno.ENXIO)


def evdev_library() -> ModuleType:
    """The evdev library. Raises ImportError where it is not installed: it is optional."""
    import evdev

    return evdev


class EvdevSource:
    """One keyboard device, grabbed: its keys reach nobody else while it is open."""

    kind = "evdev"
    threaded = True

    def __init__(self, path: str, *, layout: str = "us", gs: str = "ctrl-bracket", gap_ms: int = 100) -> None:
        self.name = f"evdev:{path}"
        self._path = path
        self._layout = layout
        self._gs = gs
        self._gap_seconds = gap_ms / 1000

    def listen(self, line: Line) -> None:
        device = self._open()
        try:
            line.opened(f"layout {self._layout}, grabbed")
            self._read_codes(device, line)
        finally:
            device.close()

    def _read_codes(self, device: Any, line: Line) -> None:
        decoder = KeyDecoder(self._layout, separator=self._gs, gap_seconds=self._gap_seconds)
        while (event := line.wait(device.fd, decoder.gap_seconds if decoder.pending else None)) != "stop":
            try:
                frames = decoder.expire() if event == "idle" else _read(device, decoder)
            except OSError as error:
                now = time.time()
                line.deliver_frames(self.name, _cut_off(decoder, now))
                raise SourceDown("waiting", f"{self._path} was unplugged") from error
            line.deliver_frames(self.name, frames)

    def _open(self) -> Any:
        try:
            library = evdev_library()
        except ImportError as error:
            raise SourceDown("absent", LIBRARY_REMEDY) from error
        try:
            device = library.InputDevice(self._path)
        except OSError as error:
            raise self._down(error) from error
        try:
            device.grab()
        except OSError as error:
            device.close()
            raise self._down(error) from error
        return device

    def _down(self, error: OSError) -> SourceDown:
        if error.errno == errno.EBUSY:
            return SourceDown("busy", f"{self._path} is in use by another program")
        if error.errno in _GONE:
            return SourceDown("waiting", f"{self._path} is not plugged in")
        if error.errno in (errno.EACCES, errno.EPERM):
            return SourceDown("failed", PERMISSION_REMEDY.format(path=self._path))
        return SourceDown("failed", f"{self._path} cannot be opened: {error}")


def _read(device: Any, decoder: KeyDecoder) -> list[Frame]:
    """Codes completed by the events that are there now. Raises OSError when the device is gone."""
    frames: list[Frame] = []
    try:
        # read() is a generator: nothing is read and nothing raised until it is run through.
        for event in device.read():
            frames += decoder.feed(event.type, event.code, event.value, event.timestamp())
    except BlockingIOError:
        pass
    return frames


def _cut_off(decoder: KeyDecoder, at: float) -> list[Frame]:
    return [Frame(frame.text, frame.first_at, at, "partial") for frame in decoder.expire()]


def open_source(address: str, options: Mapping[str, str]) -> ScanSource:
    """`evdev:/dev/input/by-id/usb-...-event-kbd?layout=us&gs=ctrl-bracket&gap_ms=100`."""
    path = needs_address("evdev", address, "evdev:/dev/input/by-id/usb-Maker_Scanner_1-event-kbd")
    known = {"layout": choice(*LAYOUTS), "gs": choice(*SEPARATOR_KEYS), "gap_ms": number(100, 5000)}
    return EvdevSource(path, **typed_options("evdev", options, known))
