"""Scanners on a serial line: USB CDC (`/dev/ttyACM*`), USB adapters, RS-232, and any other terminal device."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from scanners import feedback
from scanners.devices import close_tty, open_tty, read_now
from scanners.feedback.answers import Answers
from scanners.framing import Framer, Suffix
from scanners.line import Line
from scanners.options import number
from scanners.profile import SSI, Profile
from scanners.scan import SourceDown
from scanners.sources import ScanSource, needs_address
from scanners.ssi import SsiFramer

OPTIONS: dict[str, Callable[[str], object]] = {"idle_ms": number(20, 10_000)}
PROFILED = ("baud", "suffix", "gs", "aim", "caps", "bounce_ms", "feedback")


class SerialSource:
    """One serial port, opened for us alone. Speed matters for RS-232 only; USB ignores it."""

    kind = "serial"
    threaded = True

    def __init__(self, path: str, profile: Profile, *, idle_ms: int = 200) -> None:
        self.name = f"serial:{path}"
        self.profile = profile
        self._path = path
        self._idle_seconds = idle_ms / 1000
        self._dialect = feedback.dialect(profile.feedback)
        self._answers: Answers | None = None

    def answer(self, *, good: bool) -> None:
        """In the dialect of its profile; lost when the scanner is gone or takes it too late."""
        answers = self._answers
        if answers is not None:
            answers.put(good=good)

    def listen(self, line: Line) -> None:
        port = open_tty(self._path, self.profile.baud)
        answers = self._answers = Answers(port.fileno(), self._dialect) if self._dialect else None
        try:
            line.opened(f"{self.profile.baud} baud, suffix {self.profile.suffix}")
            self._read_codes(port.fileno(), line)
        finally:
            self._answers = None
            if answers:
                answers.close()
            close_tty(port)

    def _read_codes(self, fd: int, line: Line) -> None:
        framer = self._framer()
        while (event := line.wait(fd, framer.idle_seconds if framer.pending else None)) != "stop":
            if event == "idle":
                line.deliver_frames(self.name, framer.expire())
                continue
            data = read_now(fd)
            if data is None:
                line.deliver_frames(self.name, framer.expire())
                raise SourceDown("waiting", f"{self._path} was unplugged or hung up")
            frames = framer.feed(data, time.time())
            if isinstance(framer, SsiFramer):
                _reply(fd, framer.replies())
            line.deliver_frames(self.name, frames)

    def _framer(self) -> Framer | SsiFramer:
        if self.profile.suffix == SSI:
            return SsiFramer(idle_seconds=self._idle_seconds)
        return Framer(cast("Suffix", self.profile.suffix), idle_seconds=self._idle_seconds)


def _reply(fd: int, data: bytes) -> None:
    """Acknowledge what came. A scanner that does not take it sends the code once more, and that is a bounce."""
    with suppress(OSError):
        os.write(fd, data)


def open_source(address: str, options: Mapping[str, Any], profile: Profile) -> ScanSource:
    """`serial:/dev/serial/by-id/...?baud=9600&suffix=any&idle_ms=200`."""
    return SerialSource(needs_address("serial", address, "serial:/dev/ttyACM0"), profile, **options)
