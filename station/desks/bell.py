"""CALL, HELP and the bench's own code: they work at every desk, stop or no stop, and change nothing in a box."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.corrections import CONFIRM_SECONDS
from server.reading import BENCH_PREFIX
from station.people import may_supervise
from station.views import Flash, Note
from station.workplace import Workplace

_KEPT = "call"
_NO_CAUSE = frozenset({Reason.OK, Reason.REPEAT, Reason.ALREADY_DONE})
"""Verdicts after which nobody is wanted: beside a call they would read as if it was over."""


class Bell:
    """Whether somebody was called, and whether the help stands on the screen; with the workplace's lock held."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.helping = False
        self.since: float | None = None
        self.why: Reason | None = None
        """What stood on the screen when somebody was called, where it was no good news."""

    def restore(self) -> None:
        """A call outlives a restart."""
        kept = (self._place.journal.get(_KEPT) or b"").decode()
        at, _, why = kept.partition(" ")
        self.since = float(at) if at else None
        self.why = Reason(why) if why in set(Reason) else None

    def scan(self, scan: Scan, *, stopped: bool) -> Flash | None:
        """What these codes do; None for every other code, which closes the help."""
        helping, self.helping = self.helping, False
        if scan.bounce or scan.problem:
            return None
        if scan.payload.startswith(BENCH_PREFIX):
            return self._own_code(scan, stopped)
        if scan.command is Command.CALL:
            return self._call(scan, stopped)
        if scan.command is Command.HELP and stopped:
            # A stop says itself what to do; and it must not leave the screen.
            return self._place.say(Reason.STOPPED, Tone.STOP, scan, item=scan.raw)
        if scan.command is Command.HELP:
            self.helping = not helping
            return self._place.say(Reason.OK, Tone.GOOD, scan, detail=Note.HELP)
        if helping and scan.command is Command.OK and not stopped:
            return self._place.say(Reason.OK, Tone.GOOD, scan)
        return None

    def _own_code(self, scan: Scan, stopped: bool) -> Flash:
        """A scanner says which bench it belongs to."""
        place, own = self._place, scan.payload == self._place.own_code
        detail = Note.SCANNER_HERE if own else Note.SCANNER_ELSEWHERE
        reason = Reason.STOPPED if stopped else Reason.OK if own else Reason.NOT_NOW
        return place.say(reason, Tone.GOOD if own else Tone.LOOK, scan, detail=detail)

    def seen(self) -> None:
        """Somebody signed in: a supervisor who does so has come."""
        person = self._place.person
        if person is not None and may_supervise(person):
            self._end()

    def answered(self) -> None:
        """Somebody closed the call on the supervisor's page, and comes."""
        with self._place.changing():
            if self.since is not None:
                self._end()
                self._place.sound(self._place.say(Reason.OK, Tone.LOOK, detail=Note.COMING))

    def _call(self, scan: Scan, stopped: bool) -> Flash:
        place, now = self._place, self._place.clock()
        # To the server a bench is stopped as long as its last verdict says so.
        reason = Reason.STOPPED if stopped else Reason.OK
        if self.since is None:
            last = place.flash.reason if place.flash else Reason.OK
            self.since, self.why = now, None if last in _NO_CAUSE else last
            place.journal.put(_KEPT, f"{now} {self.why or ''}".encode())
            return place.say(reason, Tone.LOOK, scan, detail=Note.CALLED)
        if 0.0 <= now - self.since < CONFIRM_SECONDS:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        self._end()
        return place.say(reason, Tone.LOOK, scan, detail=Note.CALL_ENDED)

    def _end(self) -> None:
        if self.since is not None:
            self._place.journal.put(_KEPT, None)
        self.since, self.why = None, None
