"""REPRINT with no order open: the label of a box that was closed already, once more. Counted, never bought.

Torn, or lost on the way to the dock: its own code, its parcel's number or its box's slip says which. Needs the server,
which knows whether that label may still be used.
"""

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.errors import DomainError, Unavailable
from station.jobs import Worker
from station.print_jobs import PrintJobs
from station.views import Flash, Note
from station.workplace import Workplace

PATIENCE_SECONDS = 120.0
"""After so long without an answer the question is dropped."""


class Reprinting:
    """Asks which label; whatever is no answer ends it. Call everything with the lock held."""

    def __init__(self, place: Workplace, worker: Worker, jobs: PrintJobs) -> None:
        self._place, self._worker, self._jobs = place, worker, jobs
        self._since: float | None = None
        """When it was asked which label."""
        self._of: wire.PersonCard | None = None

    def forget(self) -> None:
        """Drop what was asked: it is not on the screen any more."""
        self._since = None

    def scan(self, scan: Scan) -> Flash | None:
        """REPRINT and the answer after it; None for what is none of this desk's business."""
        asked = self._taken()
        if scan.command is Command.REPRINT:
            return self._ask(scan)
        if not asked or scan.command or scan.badge or scan.lane or scan.box_type or scan.quantity:
            return None
        if scan.matches or scan.bad_read:
            return self._ask(scan)
        code = scan.payload if scan.order_ref is None else scan.order_ref
        person_id = self._of.person_id if self._of else 0
        self._worker.do(lambda: self._fetch(code, person_id))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=code, detail=Note.REPRINTING)

    def _taken(self) -> bool:
        """Whether it was asked, once; not where it is too old, or who was asked has left."""
        since, self._since = self._since, None
        if since is None or self._of is not self._place.person:
            return False
        return 0.0 <= self._place.clock() - since <= PATIENCE_SECONDS

    def _ask(self, scan: Scan) -> Flash:
        if not self._jobs.available:
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.NO_PRINTER)
        self._since, self._of = self._place.clock(), self._place.person
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, detail=Note.REPRINT_WHICH)

    def _fetch(self, code: str, person_id: int) -> None:
        """On the worker, once: a copy too many does no harm, and one that is not asked for again is not missed."""
        try:
            answer = self._place.client.reprint(code, person_id)
        except Unavailable:
            self._say(Reason.NOT_NOW, Tone.LOOK, code, Note.NOT_REPRINTED)
        except DomainError as error:
            with self._place.changing():
                words, facts = error.detail, error.facts
                at = self._place.say(Reason.NOT_NOW, Tone.LOOK, item=code, detail=error.code, words=words, facts=facts)
                self._place.sound(at)
        else:
            with self._place.changing():
                self._jobs.release(answer.parcel_id)
                printed = self._jobs.print_again(answer.parcel_id, answer.label)
            if printed:
                self._say(Reason.OK, Tone.GOOD, answer.label.order_number, Note.REPRINT_OVER)
            else:
                self._say(Reason.NOT_NOW, Tone.LOOK, answer.label.order_number, Note.CANNOT_DRAW)

    def _say(self, reason: Reason, tone: Tone, item: str, note: Note) -> None:
        with self._place.changing():
            self._place.sound(self._place.say(reason, tone, item=item, detail=note))
