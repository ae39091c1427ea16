"""Boxes that stood aside here when their order was stopped: somebody has to pull each, so it stays on the screen.

Its verdict is on the screen for one scan only, perhaps while nobody stands there. Survives a restart.
"""

from server import wire
from server.domain.benchwork.reasons import Reason
from station.views import ParkedBox
from station.workplace import Workplace

_NOTE = "boxes_to_pull"
MOST = 20
DAYS = 3.0


class Pulling:
    """What is still to be pulled; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._boxes: tuple[ParkedBox, ...] = ()

    def restore(self) -> None:
        """Take up what stood on the screen."""
        kept = self._place.journal.get(_NOTE)
        self._boxes = wire.decode(kept, tuple[ParkedBox, ...]) if kept else ()

    @property
    def boxes(self) -> tuple[ParkedBox, ...]:
        """The longest waiting first; after some days somebody has found it without its slip."""
        oldest = self._place.clock() - DAYS * 86400.0
        return tuple(box for box in self._boxes if box.since > oldest)

    def pull(self, number: str, reason: Reason) -> None:
        """This box must not go on. Raise JournalFailed."""
        others = tuple(box for box in self.boxes if box.number != number)
        self._keep((*others, ParkedBox(number, reason, self._place.clock()))[-MOST:])

    def seen(self, number: str) -> None:
        """Its slip was scanned: it lies in somebody's hands. Raise JournalFailed."""
        others = tuple(box for box in self._boxes if box.number.upper() != number.upper())
        if others != self._boxes:
            self._keep(others)

    def _keep(self, boxes: tuple[ParkedBox, ...]) -> None:
        self._place.journal.put(_NOTE, wire.encode(boxes) if boxes else None)
        self._boxes = boxes
