"""What the reader hands to a source: where scans go, and when to stop."""

from __future__ import annotations

import math
import os
import select
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from scanners.framing import Frame
from scanners.scan import Scan


class StopSignal:
    """A flag that can be polled together with a device, so that a blocked read ends at once."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()
        self._event = threading.Event()

    def set(self) -> None:
        if not self._event.is_set():
            self._event.set()
            os.write(self._write_fd, b"x")

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """True when the flag is or becomes set within the time."""
        return self._event.wait(seconds)

    def fileno(self) -> int:
        return self._read_fd

    def close(self) -> None:
        """Give the descriptors back. Only after every thread that waits here has ended."""
        os.close(self._read_fd)
        os.close(self._write_fd)


@dataclass(frozen=True, slots=True)
class Line:
    """The line between one source and its reader."""

    deliver: Callable[[Scan], None]
    opened: Callable[[str], None]
    """Call it with a short detail once the device is open."""

    stopping: StopSignal

    def wait(self, fd: int, seconds: float | None) -> Literal["ready", "idle", "stop"]:
        """Wait until `fd` can be read (or has failed), the time is over, or the reader stops."""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        poll.register(self.stopping, select.POLLIN)
        ready = poll.poll(None if seconds is None else math.ceil(seconds * 1000))
        if self.stopping.is_set():
            return "stop"
        return "ready" if ready else "idle"

    def deliver_frames(self, source: str, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self.deliver(Scan(frame.text, source, frame.first_at, frame.last_at, problem=frame.problem))
