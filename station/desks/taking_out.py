"""A channel changed the order while its box was packed: what it does not want any more is scanned out of the box."""

from collections.abc import Sequence
from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from station.views import Flash, Note
from station.workplace import Workplace, clean

Lines = tuple[wire.LineChange, ...]
NOTES = frozenset({Note.OUT_OF_BOX, Note.ALL_OUT, Note.STAYS_IN, Note.TAKE_OUT_FIRST, Note.LEFT_TO_LEAD})


class TakingOut:
    """What must come out of the box that was stopped last. Call everything with the workplace's lock held.

    The session is over and counts nothing, so nothing is journaled: after a restart all of it is scanned again.
    """

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._told: wire.SessionStop | None = None
        self._left: dict[str, int] = {}

    def told(self, stop: wire.SessionStop) -> None:
        """By the server, again and again while the stop stands."""
        if stop != self._told:
            self._told, self._left = stop, {change.sku: change.units for change in stop.take_out if change.sku}

    def of(self, session_id: str) -> tuple[Lines, Lines]:
        """What must still come out of this session's box, and what the order wants beside."""
        told = self._told
        if told is None or told.session_id != session_id:
            return (), ()
        lines = (c if not c.sku else replace(c, units=self._left.get(c.sku, 0)) for c in told.take_out)
        return tuple(line for line in lines if line.units), told.add

    def scan(self, session_id: str, scan: Scan) -> Flash | None:
        """A unit that comes out, or why it does not; None where nothing must, and for codes that are no item."""
        lines, _ = self.of(session_id)
        if not lines or not any(self._left.values()):
            return None
        first = f"{lines[0].name} {lines[0].variant}".strip()
        if scan.badge and self._place.find_supervisor(scan) is not None:
            self._left = {}
            return self._place.say(Reason.OK, Tone.LOOK, scan, item=first, detail=Note.LEFT_TO_LEAD)
        if scan.command is Command.OK:
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=first, detail=Note.TAKE_OUT_FIRST)
        if scan.bounce or not scan.matches:
            return None
        match = next((m for m in scan.matches if self._left.get(m.sku, 0) >= m.units), None)
        if match is None:
            item = scan.matches[0].label
            return self._place.say(Reason.WRONG_ITEM, Tone.STOP, scan, item=item, detail=Note.STAYS_IN)
        self._left[match.sku] -= match.units
        done = not any(self._left.values())
        note, tone = (Note.ALL_OUT, Tone.LINE_FULL) if done else (Note.OUT_OF_BOX, Tone.GOOD)
        return self._place.say(Reason.OK, tone, scan, item=match.label, detail=note)


def shown(changes: Sequence[wire.LineChange]) -> tuple[tuple[str, str, int], ...]:
    """As the stop screen names them: name, what differs, units."""
    return tuple((clean(change.name), clean(change.variant), change.units) for change in changes)
