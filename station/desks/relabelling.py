"""RELABEL: a parcel's label, why, and a supervisor's badge: its box gets another label. Needs the server.

The old label is void at once; the order opens here with everything that was verified, its new label prints and is
scanned on the box as any other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, RelabelWhy, Scan
from server.domain.errors import DomainError, Unavailable
from station.desks.opening import Wish
from station.jobs import Worker
from station.people import may_supervise
from station.views import Flash, Note
from station.workplace import Workplace

WHYS = tuple(RelabelWhy)
"""Scanned by their numbers, from 1."""
PATIENCE_SECONDS = 120.0
"""After so long without an answer the question is dropped; a supervisor may have to come from elsewhere."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered so far: the code on the parcel, then why. ``since`` is when it was asked, and of whom."""

    since: float
    of: wire.PersonCard | None
    parcel: str = ""
    why: RelabelWhy | None = None


class Relabelling:
    """Asks for one thing after the other; whatever is no answer ends it. Call everything with the lock held."""

    def __init__(self, place: Workplace, worker: Worker, begin: Callable[[Wish], Flash | None]) -> None:
        self._place, self._worker, self._begin = place, worker, begin
        self._asked: Asked | None = None

    def forget(self) -> None:
        """Drop what was asked: it is not on the screen any more."""
        self._asked = None

    def scan(self, scan: Scan) -> Flash | None:
        """RELABEL and the answers after it; None for what is none of this desk's business."""
        asked = self._taken()
        if scan.command is Command.RELABEL:
            self._asked = Asked(self._place.clock(), self._place.person)
            return self._question(scan, Note.RELABEL_PARCEL)
        if asked is None:
            return None
        if not asked.parcel:
            return self._parcel(scan)
        return self._why(asked, scan) if asked.why is None else None

    def _taken(self) -> Asked | None:
        """What was asked, once; None where it is too old, or who was asked has left."""
        asked, self._asked = self._asked, None
        if asked is None or asked.of is not self._place.person:
            return None
        return asked if 0.0 <= self._place.clock() - asked.since <= PATIENCE_SECONDS else None

    def badge(self, scan: Scan) -> Flash | None:
        """A supervisor's badge answers the last question; None for one that means what it means everywhere."""
        asked = self._taken()
        supervisor = self._place.find_supervisor(scan) if asked is not None and asked.why is not None else None
        return self._go(asked, supervisor, scan) if asked is not None and supervisor is not None else None

    def _parcel(self, scan: Scan) -> Flash | None:
        if scan.command or scan.badge or scan.lane or scan.box_type or scan.order_ref or scan.quantity:
            return None
        self._asked = Asked(self._place.clock(), self._place.person)
        if scan.matches or scan.bad_read:
            return self._question(scan, Note.RELABEL_PARCEL)
        self._asked = replace(self._asked, parcel=scan.payload)
        return self._question(scan, Note.RELABEL_WHY)

    def _why(self, asked: Asked, scan: Scan) -> Flash | None:
        number = int(scan.quantity) if scan.quantity.isascii() and scan.quantity.isdecimal() else 0
        if not 1 <= number <= len(WHYS):
            self._asked = asked if scan.quantity else None
            return self._question(scan, Note.RELABEL_WHY) if scan.quantity else None
        person = self._place.person
        self._asked = replace(asked, why=WHYS[number - 1], since=self._place.clock())
        if person is not None and may_supervise(person):
            return self._go(self._asked, person, scan)
        return self._question(scan, Note.RELABEL_BADGE)

    def _question(self, scan: Scan, note: Note) -> Flash:
        item = self._asked.parcel if self._asked else ""
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=item, detail=note)

    def _go(self, asked: Asked, supervisor: wire.PersonCard, scan: Scan) -> Flash:
        self._asked, person = None, self._place.person
        why = asked.why.value if asked.why else ""
        request = wire.RelabelRequest(
            person_id=person.person_id if person else 0, supervisor=supervisor.person_id, why=why
        )
        self._worker.do(lambda: self._ask(asked.parcel, request))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=asked.parcel, detail=Note.RELABELLING)

    def _ask(self, parcel: str, request: wire.RelabelRequest) -> None:
        """On the worker, once: asked again after a lost answer the server says the same."""
        try:
            answer = self._place.client.relabel(parcel, request)
        except Unavailable:
            self._refused(parcel, Note.RELABEL_OFF)
        except DomainError as error:
            self._refused(parcel, Note.NOT_RELABELLED, error)
        else:
            with self._place.changing():
                flash = self._begin(Wish(answer.number))
                if flash is not None:
                    self._place.sound(flash)

    def _refused(self, parcel: str, note: Note, error: DomainError | None = None) -> None:
        words, facts = (error.detail, error.facts) if error else ("", {})
        with self._place.changing():
            said = self._place.say(Reason.NOT_NOW, Tone.LOOK, item=parcel, detail=note, words=words, facts=facts)
            self._place.sound(said)
