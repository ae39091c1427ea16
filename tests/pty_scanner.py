"""A serial scanner for tests: a real pseudo-terminal under a stable path, as udev makes one."""

import os
import pty
import select
import time
import tty
from pathlib import Path


class PtyScanner:
    """It can be unplugged and plugged in, scans, and hears what it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._scanner_end: int | None = None
        self.plug_in()

    def plug_in(self) -> None:
        self._scanner_end, host_end = pty.openpty()
        tty.setraw(host_end)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(host_end))
        os.close(host_end)

    def send(self, data: bytes) -> None:
        assert self._scanner_end is not None
        os.write(self._scanner_end, data)

    def hears(self, size: int, seconds: float = 10.0) -> bytes:
        """What it is told next: so many bytes, or those that came within the time."""
        assert self._scanner_end is not None
        heard, deadline = b"", time.monotonic() + seconds
        while len(heard) < size and (left := deadline - time.monotonic()) > 0:
            if select.select([self._scanner_end], [], [], left)[0]:
                heard += os.read(self._scanner_end, size - len(heard))
        return heard

    def unplug(self) -> None:
        if self._scanner_end is not None:
            os.close(self._scanner_end)
        self._scanner_end = None
        self.path.unlink(missing_ok=True)
