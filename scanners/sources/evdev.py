"""Scanners that play a keyboard on Linux, read below every window and console so that focus does not matter."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from scanners.framing import Frame
from scanners.keys import SEPARATOR_KEYS, KeyDecoder
from scanners.line import Line
from scanners.options import number
from scanners.profile import Profile
from scanners.scan import SourceDown
from scanners.sources import ScanSource, needs_address

OPTIONS: dict[str, Callable[[str], object]] = {"gap_ms": number(100, 5000)}
PROFILED = ("layout", "gs", "aim", "caps", "bounce_ms")

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

    def __init__(self, path: str, profile: Profile, *, gap_ms: int = 100) -> None:
        self.name = f"evdev:{path}"
        self.profile = profile
        self._path = path
        self._gap_seconds = gap_ms / 1000

    def answer(self, *, good: bool) -> None:
        """A keyboard hears nothing but its lamps; the bench itself says how it was."""

    def listen(self, line: Line) -> None:
        device = open_grabbed(self._path)
        try:
            line.opened(f"layout {self.profile.layout}, grabbed")
            self._read_codes(device, line)
        finally:
            device.close()

    def _read_codes(self, device: Any, line: Line) -> None:
        gs_as = self.profile.gs_as
        separator = gs_as if gs_as in SEPARATOR_KEYS else "none"
        decoder = KeyDecoder(self.profile.layout, separator=separator, gap_seconds=self._gap_seconds)
        while (event := line.wait(device.fd, decoder.gap_seconds if decoder.pending else None)) != "stop":
            try:
                frames = decoder.expire() if event == "idle" else _read(device, decoder)
            except OSError as error:
                now = time.time()
                line.deliver_frames(self.name, _cut_off(decoder, now))
                raise SourceDown("waiting", f"{self._path} was unplugged") from error
            line.deliver_frames(self.name, frames)


def open_grabbed(path: str) -> Any:
    """A keyboard whose keys reach nobody else until it is closed. Raises SourceDown with what to do about it."""
    try:
        library = evdev_library()
    except ImportError as error:
        raise SourceDown("absent", LIBRARY_REMEDY) from error
    try:
        device = library.InputDevice(path)
    except OSError as error:
        raise _down(error, path) from error
    try:
        device.grab()
    except OSError as error:
        device.close()
        raise _down(error, path) from error
    return device


def _down(error: OSError, path: str) -> SourceDown:
    if error.errno == errno.EBUSY:
        return SourceDown("busy", f"{path} is in use by another program")
    if error.errno in _GONE:
        return SourceDown("waiting", f"{path} is not plugged in")
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceDown("failed", PERMISSION_REMEDY.format(path=path))
    return SourceDown("failed", f"{path} cannot be opened: {error}")


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


def open_source(address: str, options: Mapping[str, Any], profile: Profile) -> ScanSource:
    """`evdev:/dev/input/by-id/usb-...-event-kbd?layout=us&gs=ctrl-bracket&gap_ms=100`."""
    return EvdevSource(
        needs_address("evdev", address, "evdev:/dev/input/by-id/usb-Maker_Scanner_1-event-kbd"), profile, **options
    )
