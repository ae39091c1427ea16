"""The product's own reader on real devices, and what it delivers."""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from grp import getgrgid
from pathlib import Path

from scanners.reader import Reader
from scanners.scan import Scan, SourceStatus
from scanners.sources import ScanSource, open_source
from tests.vm.gadgets import until


class Hearing:
    """What is scanned and how the scanners are."""

    def __init__(self, *sources: ScanSource) -> None:
        self.scans: list[Scan] = []
        """Since `hears` was asked last, oldest first."""
        self.reader = Reader(sources, self.take, lambda _status: None)

    def take(self, scan: Scan) -> None:
        """In the thread of the scanner."""
        self.scans.append(scan)

    def until(self, *states: str) -> SourceStatus:
        """Wait until the scanners are in these states; how the first one is."""
        until(lambda: tuple(s.state for s in self.reader.statuses) == states, f"{states}: {self.reader.statuses}")
        return self.reader.statuses[0]

    def hears(self, *codes: str | tuple[str, str]) -> None:
        """Wait until exactly these have come: codes, or (code, problem) of those that were not whole."""
        until(lambda: len(self.scans) >= len(codes), f"{codes}, heard {self.scans}")
        assert [(scan.text, scan.problem) if scan.problem else scan.text for scan in self.scans] == list(codes)
        self.scans.clear()


@contextmanager
def hearing(*given: str | ScanSource) -> Iterator[Hearing]:
    """Read these scanners; they need not be plugged in."""
    heard = Hearing(*(open_source(one) if isinstance(one, str) else one for one in given))
    heard.reader.start()
    try:
        yield heard
    finally:
        heard.reader.stop()


def group_may_use(path: str) -> str:
    """The group that may read and write this device, when nobody else but root may."""
    # The kernel makes a device for root first; udev gives it away a moment later.
    subprocess.run(["udevadm", "settle"], check=True)
    about = Path(path).stat()
    assert stat.S_IMODE(about.st_mode) == 0o660
    return getgrgid(about.st_gid).gr_name
