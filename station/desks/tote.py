"""The tote on the table that several orders share: an item out of it opens its order; at its end it should be empty."""

import time
from collections.abc import Mapping

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.errors import DomainError, Unavailable
from server.wire import ToteRequest
from station.jobs import Backoff, Worker
from station.views import Flash, Note
from station.workplace import Workplace

PATIENCE_SECONDS = 30.0


class ToteDesk:
    """Call everything with the workplace's lock held; it tells the server on the worker."""

    def __init__(self, place: Workplace, worker: Worker) -> None:
        self._place, self._worker = place, worker
        self.open = ""
        """The tote items are taken out of, as it was scanned; empty for none."""
        self.ended = ""
        """The tote whose last order was packed: is it empty?"""

    def begin(self, ref: str) -> None:
        """Several orders lie in it: its next item says which."""
        self.open, self.ended = ref, ""

    def leave(self) -> None:
        """Something else is packed now."""
        self.open = self.ended = ""

    def done(self, tote: str) -> None:
        """From the uplink, with the lock free: its last order is packed."""
        with self._place.changing():
            self.open, self.ended = "", tote

    def answer(self, scan: Scan) -> Flash | None:
        """While it is asked whether the tote is empty: YES, or an item that lies in it still; None for other codes."""
        if not self.ended:
            return None
        if scan.command is Command.YES:
            tote, self.ended = self.ended, ""
            self._tell(tote, "")
            return self._place.say(Reason.OK, Tone.GOOD, scan, item=tote, detail=Note.TOTE_IS_EMPTY)
        if scan.matches:
            self._tell(self.ended, scan.raw)
            return self._place.say(Reason.OK, Tone.LOOK, scan, item=scan.matches[0].label, detail=Note.LEFT_OVER)
        return None

    def _tell(self, tote: str, item: str) -> None:
        person = self._place.person
        request = ToteRequest(person_id=person.person_id if person else 0, item=item)
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS

        def once() -> float | None:
            try:
                self._place.client.tell_tote(tote, request)
            except Unavailable:
                if time.monotonic() < give_up:
                    return backoff.pause()
                self._untold(tote, Note.AWAY)
            except DomainError as error:
                self._untold(tote, error.code, error.detail, error.facts)
            return None

        self._worker.do(once)

    def _untold(self, tote: str, detail: str, words: str = "", facts: Mapping[str, object] | None = None) -> None:
        with self._place.changing():
            said = self._place.say(Reason.NOT_NOW, Tone.LOOK, item=tote, detail=detail, words=words, facts=facts)
            self._place.sound(said)
