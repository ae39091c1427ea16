"""Listens to scanners without a profile, for whoever wants to know what they are set to."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from scanners.calibration import Heard, KeyEvent, of_bytes, of_keys, shown, shown_keys
from scanners.devices import close_tty, open_tty
from scanners.profile import Profile
from scanners.scan import SourceDown
from scanners.sources.evdev import open_grabbed

QUIET_SECONDS = 0.4
"""After so long without more, what came is one code."""
TALK_SECONDS = 5.0
"""No code takes longer; a scale that speaks for ever does."""


@dataclass(slots=True)
class Device:
    """One open device and what it sent."""

    spec: str
    fd: int
    keys: Any = None
    baud: int = Profile().baud
    data: bytearray = field(default_factory=bytearray)
    events: list[KeyEvent] = field(default_factory=list)

    @property
    def raw(self) -> str:
        """What came, for people: bytes, or the numbers of keys."""
        return shown(bytes(self.data)) if self.keys is None else shown_keys(self.events)

    @property
    def heard(self) -> Heard | None:
        """What it is set to, when the calibration code came."""
        if self.keys is not None:
            return of_keys(self.events)
        found = of_bytes(bytes(self.data))
        return replace(found, profile=replace(found.profile, baud=self.baud)) if found else None

    def read(self) -> None:
        """Take what is there. Raises OSError when the device is gone."""
        with suppress(BlockingIOError):
            if self.keys is None:
                data = os.read(self.fd, 4096)
                if not data:
                    raise OSError(f"{self.spec} hung up")
                self.data += data
            else:
                self.events += [(event.type, event.code, event.value) for event in self.keys.read()]


class Probe:
    """Devices listened to together. A context: leaving it closes them."""

    def __init__(self, specs: Sequence[str]) -> None:
        """`serial:` or `evdev:` and a path; options but `baud` mean nothing here."""
        self._open = ExitStack()
        self.devices: list[Device] = []
        self.problems: dict[str, str] = {}
        """Why a device cannot be listened to."""
        for spec in specs:
            try:
                self.devices.append(self._opened(spec))
            except (SourceDown, ValueError) as error:
                self.problems[spec] = str(error)

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def listen(self, seconds: float) -> Device | None:
        """The device that was heard first, with its whole code; None when all were silent. Raises OSError."""
        speaking = self._ready(self.devices, seconds)
        if speaking is None:
            return None
        until = time.monotonic() + TALK_SECONDS
        speaking.read()
        while time.monotonic() < until and self._ready([speaking], QUIET_SECONDS):
            speaking.read()
        return speaking

    def _ready(self, devices: Sequence[Device], seconds: float) -> Device | None:
        by_fd = {device.fd: device for device in devices}
        poll = select.poll()
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for fd, _ in poll.poll(left * 1000):
                return by_fd[fd]
        return None

    def _opened(self, spec: str) -> Device:
        kind, _, rest = spec.partition(":")
        path, _, query = rest.partition("?")
        if kind == "serial":
            said = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
            baud = int(said.get("baud", Profile().baud))
            port = open_tty(path, baud)
            self._open.callback(close_tty, port)
            return Device(spec, port.fileno(), baud=baud)
        if kind != "evdev":
            raise ValueError(f"expected serial:PATH or evdev:PATH, found {spec!r}")
        # What is scanned now is for us, and for no window.
        keys = open_grabbed(path)
        self._open.callback(keys.close)
        return Device(spec, keys.fd, keys)
