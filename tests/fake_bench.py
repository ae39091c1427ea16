"""A bench that plays a script: each scan shows the next view. For the app's own tests; no journal and no server."""

from collections.abc import Callable, Sequence

from scanners.reader import Scan, SourceStatus
from server.domain.benchwork.reasons import Reason, Tone
from station.views import Flash, StatusLine, View
from tests.scenes import STATUS


class FakeBench:
    """Remembers what it was given; ``views`` are shown one after the other, the last one stays."""

    def __init__(self, *views: View, status: StatusLine = STATUS, tones: Sequence[Tone] = ()) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_tone: Callable[[Tone], None] = lambda _tone: None
        self.scans: list[Scan] = []
        self.acknowledged = 0
        self.sources: list[SourceStatus] = []
        self._views = list(views)
        self._status = status
        self._tones = list(tones)

    @property
    def view(self) -> View:
        """What stands on the screen."""
        return self._views[0]

    @property
    def status(self) -> StatusLine:
        """The bottom row."""
        return self._status

    def scan(self, scan: Scan) -> Flash:
        """Remember the scan and go on to the next view."""
        self.scans.append(scan)
        self.go_on()
        tone = self._tones.pop(0) if self._tones else Tone.GOOD
        return Flash(len(self.scans), Reason.OK, tone, item=scan.text)

    def acknowledge(self) -> Flash | None:
        """Count it; it clears whatever stands there."""
        self.acknowledged += 1
        self.go_on()
        return Flash(100 + self.acknowledged, Reason.OK, Tone.GOOD)

    def go_on(self) -> None:
        """Show the next view of the script."""
        if len(self._views) > 1:
            self._views.pop(0)

    def note_source(self, status: SourceStatus) -> None:
        """Remember it."""
        self.sources.append(status)
