"""What hangs on a bench and how it is: scanners, scale and printers, each as one light of the bottom row."""

from collections.abc import Callable

from scanners.reader import SourceStatus
from scanners.scan import Scan
from station.print_jobs import PrintJobs
from station.scale import Scale
from station.status import scale_lamp, scanner_lamp, with_age
from station.views import Lamp


class Lamps:
    """Kept by the bench, with the workplace's lock held except where a method says otherwise."""

    def __init__(self, clock: Callable[[], float], jobs: PrintJobs, scale: Scale | None) -> None:
        self._clock, self._jobs, self._scale = clock, jobs, scale
        self.sources: dict[str, SourceStatus] = {}
        self.heard_at = 0.0
        """When a scanner was heard last."""
        self._typed_at = 0.0
        self._scale_status: SourceStatus | None = None
        self.printer, self.scale = self._now()

    def note_scale(self, status: SourceStatus) -> None:
        """The scale came, went or has trouble; from any thread."""
        self._scale_status = status

    def heard(self, scan: Scan) -> None:
        """Somebody scanned or typed a code."""
        source = self.sources.get(scan.source)
        if source is None:
            # The pedal, which everybody presses, however well their scanner is.
            return
        if scan.typed:
            self._typed_at = self._clock()
        elif source.kind != "keyboard":
            self.heard_at = self._clock()

    @property
    def connected(self) -> Lamp:
        """All scanners as one light."""
        return scanner_lamp(tuple(self.sources.values()))

    @property
    def scanner(self) -> Lamp:
        """As ``connected``, and for how long they have been quiet."""
        ago = self._clock() - self.heard_at if self.heard_at else None
        return with_age(self.connected, ago, typed_since=self._typed_at > self.heard_at)

    def look(self) -> bool:
        """Ask printers and scale anew, which may take a moment: without the lock. Whether one changed."""
        before = self.printer, self.scale
        self.printer, self.scale = self._now()
        return (self.printer, self.scale) != before

    def _now(self) -> tuple[Lamp, Lamp | None]:
        if self._scale is None:
            return self._jobs.lamp(), None
        return self._jobs.lamp(), scale_lamp(self._scale_status, self._scale.latest(), self._clock())
