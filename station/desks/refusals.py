"""An order that was not opened: why, what to scan instead, and the codes that help right after (PPC-TAKE-OVER ...)."""

from dataclasses import dataclass, replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.errors import DomainError
from server.wire import PersonCard
from station.desks.boxes import Boxes
from station.desks.opening import Opening, Wish
from station.people import may_supervise
from station.views import Flash, Note
from station.workplace import Workplace

_LOUD = frozenset({Reason.CANCELLED, Reason.ON_HOLD})
"""Refusals of orders that must not be packed at all sound louder than those of orders that are only not ready."""

_INSTEAD = {
    Reason.NOT_READY: Note.ANOTHER,
    Reason.ALREADY_DONE: Note.ANOTHER,
    Reason.CANCELLED: Note.PUT_BACK,
    Reason.ON_HOLD: Note.HOLD_BADGE,
    Reason.UNKNOWN_CODE: Note.SLIP_TOTE_ITEM,
}
_TAKING = {
    "free": Note.TAKE_FREE,
    "supervisor": Note.TAKE_BADGE,
    "walk": Note.TAKE_WALK,
}
"""By ``taking_over.Way`` of the server."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The order refused last. ``way`` is how it can be had from another bench; ``asked``: TAKE OVER was scanned.

    ``supervisor`` is who may release it, once that badge was scanned.
    """

    wish: Wish
    reason: Reason
    way: str = ""
    asked: bool = False
    supervisor: PersonCard | None = None


class Refusals:
    """Remembers one refusal until anything else is scanned; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, boxes: Boxes, opening: Opening) -> None:
        self._place, self._boxes, self._opening = place, boxes, opening
        self._last: Refused | None = None

    def forget(self) -> None:
        """Something else was scanned."""
        self._last = None

    def refused(self, wish: Wish, error: DomainError) -> Flash:
        """Say why and what to scan instead, in the server's own words behind ours."""
        reason = Reason(error.code) if error.code in set(Reason) else Reason.NOT_NOW
        way = str(error.facts.get("way") or "")
        self._last = Refused(wish, reason, way)
        item = str(error.facts.get("bench") or "") if way == "walk" else wish.shown
        # With another box open by now, the sound of a stop would be taken for that box's.
        loud = reason in _LOUD and self._boxes.active is None
        tone = Tone.STOP if loud else Tone.LOOK
        detail = self._instead(reason, way, wish) or error.code
        return self._place.say(reason, tone, item=item, detail=detail, words=error.detail, facts=error.facts)

    def take_over(self, scan: Scan) -> Flash:
        """PPC-TAKE-OVER: at once where the order is free, else it asks for a supervisor's badge."""
        last, person = self._last, self._place.person
        if last is None or last.reason is not Reason.IN_USE or not last.way:
            self._last = None
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.NOTHING_TO_TAKE_OVER)
        if last.way == "free":
            return self._take(last, 0, scan)
        if last.way == "supervisor" and person is not None and may_supervise(person):
            return self._take(last, person.person_id, scan)
        self._last = replace(last, asked=True)
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=last.wish.shown, detail=Note.SUPERVISOR_NOW)

    def badge(self, scan: Scan) -> Flash | None:
        """A supervisor's badge right after a refusal; None for badges that mean what they mean everywhere."""
        last = self._last
        person = self._place.find_supervisor(scan) if last is not None else None
        if last is None or person is None:
            self._last = None
            return None
        if last.reason is Reason.IN_USE and last.asked:
            return self._take(last, person.person_id, scan)
        if last.reason is Reason.ON_HOLD:
            self._last = replace(last, supervisor=person)
            item = last.wish.shown
            return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=item, detail=Note.RELEASE_ASK)
        self._last = None
        return None

    def yes(self, scan: Scan) -> Flash | None:
        """PPC-YES after the badge releases; None when nothing was asked."""
        last, self._last = self._last, None
        if last is None or last.supervisor is None:
            return None
        self._opening.release(last.wish, last.supervisor.person_id)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=last.wish.shown, detail=Note.RELEASING)

    def _take(self, last: Refused, supervisor: int, scan: Scan) -> Flash:
        self._last = None
        self._opening.begin(replace(last.wish, take_over=True, supervisor=supervisor))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=last.wish.shown, detail=Note.TAKING_OVER)

    @staticmethod
    def _instead(reason: Reason, way: str, wish: Wish) -> Note | None:
        if reason is Reason.IN_USE:
            return _TAKING.get(way, Note.ANOTHER)
        if reason is Reason.WRONG_ITEM:
            return Note.NOT_IN_TOTE if wish.ref else Note.NO_SINGLE
        return _INSTEAD.get(reason)
