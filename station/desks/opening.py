"""Opening at the server, on a worker: asked again with the same session id until there is an answer (PCK-08)."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.errors import DomainError, Unavailable
from server.domain.packing.carrying import verified
from server.domain.packing.order import PackOrder
from server.domain.packing.session import Phase
from server.domain.picks.totes import Refusal
from station.desks.boxes import Box, Boxes
from station.desks.labels import Labels
from station.desks.leased import SOON_SECONDS, Leased
from station.desks.packing import PackingDesk
from station.jobs import Backoff, Job, Worker
from station.store import JournalFailed
from station.views import Flash, Note
from station.workplace import Workplace

PATIENCE_SECONDS = 6.0
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be opened: a reference, or the ``item`` in the hand, which may come out of a tote (``ref``).

    ``scan`` is the scan of that item: it counts as the first unit of the order it opens.
    """

    ref: str = ""
    item: str = ""
    take_over: bool = False
    supervisor: int = 0
    scan: Scan | None = None

    @property
    def shown(self) -> str:
        """What the packer scanned, in words."""
        return self.scan.matches[0].label if self.scan and self.scan.matches else self.ref

    @property
    def key(self) -> "Wish":
        """Equal for two scans that ask for the same."""
        return replace(self, scan=None)


class Opening:
    """One wish at a time. A box resumed meanwhile keeps the bench: what opens later is journaled and parked."""

    def __init__(
        self, place: Workplace, boxes: Boxes, packing: PackingDesk, labels: Labels, worker: Worker, *, leased: Leased
    ) -> None:
        self._place, self._boxes, self._packing, self._labels, self._worker = place, boxes, packing, labels, worker
        self._leased = leased
        self.later: Callable[[Job, float], None] = lambda _job, _after: None
        """Does a job after so many seconds, on a thread that never waits for the server."""
        self.text = ""
        self._asked: Wish | None = None
        """What is waited for; an answer to anything else comes too late."""
        self.on_refused: Callable[[Wish, DomainError], Flash] = lambda _wish, _error: place.say(
            Reason.NOT_NOW, Tone.LOOK
        )
        """Called with the lock held: what to show."""
        self._ids: dict[Wish, str] = {}
        """Session ids of unanswered wishes: asked again they claim nothing twice."""

    def begin(self, wish: Wish) -> Flash | None:
        """Ask for this order; the answer comes by itself. What to show where the lease answered at once."""
        person = self._place.person
        request = wire.OpenRequest(
            ref=wish.ref,
            item=wish.item,
            take_over=wish.take_over,
            supervisor=wish.supervisor,
            scale=self._place.has_scale,
            session_id=self._ids.setdefault(wish.key, str(uuid.uuid4())),
            person_id=person.person_id if person else 0,
        )
        if self._leased.alone and (known := self._by_lease(wish)) is not None:
            return self._answered_here(wish, *known)
        here = self._leased.find(wish.ref) if not (wish.item or wish.take_over) else None
        self._patiently(wish, lambda: self._place.client.open_order(request), self._opened)
        if here is not None:
            self.later(lambda: self._not_waiting(wish, here, request.session_id), SOON_SECONDS)
        return None

    def _by_lease(self, wish: Wish) -> tuple[PackOrder | Refusal, str] | None:
        """With nobody to ask: the order and its session's id, or why not; None when the lease knows nothing of it.

        Of a tote or an item the server may have taken another order by the session it was asked with.
        """
        matches = wish.scan.matches if wish.scan else ()
        if wish.take_over:
            return None
        by_slip = None if wish.item else self._leased.find(wish.ref)
        if by_slip is not None:
            return by_slip, self._ids[wish.key]
        found = self._leased.in_tote(wish.ref, matches) if wish.ref else self._leased.by_item(matches)
        return (found, str(uuid.uuid4())) if found is not None else None

    def _answered_here(self, wish: Wish, found: PackOrder | Refusal, session_id: str) -> Flash | None:
        if isinstance(found, Refusal):
            self._asked, self.text = None, ""
            return self.on_refused(wish, found.error)
        box = self._open_here(wish, found, session_id)
        return self._packing.scan(box, wish.scan) if wish.scan is not None else None

    def _open_here(self, wish: Wish, order: PackOrder, session_id: str) -> Box:
        """By the lease; asked for at the server or not, it is the same session there."""
        self._asked, self.text = None, ""
        box = self._boxes.claimed(session_id, order)
        self._ids.pop(wish.key, None)
        return box

    def _not_waiting(self, wish: Wish, order: PackOrder, session_id: str) -> None:
        """The server has not answered in time: go on without it."""
        with self._place.changing():
            if self._asked is wish:
                busy = self._boxes.active is not None
                self._open_here(wish, order, session_id)
                if busy:
                    self._say(Reason.OK, Tone.LOOK, order.number, Note.OPENED_ASIDE)

    def release(self, wish: Wish, supervisor: int) -> None:
        """Have an order on hold looked at again under this supervisor's name; then open it."""
        request = wire.ReleaseRequest(ref=wish.ref, person_id=supervisor)
        self._patiently(
            wish,
            lambda: self._place.client.release_order(request),
            lambda wish, _answer: self._again(wish),
            claims=False,
        )

    def _again(self, wish: Wish) -> None:
        if (flash := self.begin(wish)) is not None:
            self._place.sound(flash)

    def _patiently(
        self, wish: Wish, ask: Callable[[], _Answer], then: Callable[[Wish, _Answer], None], *, claims: bool = True
    ) -> None:
        self.text, self._asked = wish.shown, wish
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS

        def once() -> float | None:
            """On the worker; the seconds until the next try, None when it is settled."""
            if self._asked is not wish:
                return None
            try:
                answer = ask()
                self._finish(wish, lambda: then(wish, answer), settled=claims)
            except JournalFailed:
                # Said already; the order is claimed and comes back when its slip is scanned again.
                return None
            except DomainError as error:
                refusal = error
                self._finish(wish, lambda: self._place.sound(self.on_refused(wish, refusal)))
            except Unavailable:
                if time.monotonic() < give_up:
                    return backoff.pause()
                self._finish(wish, lambda: self._no_answer(wish), settled=False)
            except Exception:
                self._finish(wish, lambda: self._no_answer(wish), settled=False)
                raise
            return None

        self._worker.do(once)

    def _finish(self, wish: Wish, then: Callable[[], None], *, settled: bool = True) -> None:
        with self._place.changing():
            if self._asked is not wish:
                return
            self._asked, self.text = None, ""
            if settled:
                self._ids.pop(wish.key, None)
            then()

    def _opened(self, wish: Wish, answer: wire.OpenAnswer) -> None:
        busy = self._boxes.active
        box = self._boxes.opened(answer)
        if busy is not None and box.session_id == busy.session_id:
            # Its slip was scanned meanwhile.
            return
        if box.over or box.session.phase is Phase.ENDED:
            self._say(Reason.ALREADY_DONE, Tone.LOOK, box.number, "")
        elif busy is not None:
            self._say(Reason.OK, Tone.LOOK, box.number, Note.OPENED_ASIDE)
        elif box.session.phase is Phase.PARKED:
            self._packing.resume(box)
        else:
            self._begun(wish, answer)

    def _begun(self, wish: Wish, answer: wire.OpenAnswer) -> None:
        """It is on the table: say what is in it already, and count what is in the hand."""
        box = self._boxes.active
        if box is None:
            return
        if answer.events and answer.events[0].carried is not None:
            units = verified(box.session)
            self._place.sound(
                self._place.say(Reason.OK, Tone.LOOK, item=box.number, detail=Note.COUNT_BOX, units=units)
            )
        if wish.scan is not None and box.session.phase is Phase.PACKING:
            self._place.sound(self._packing.scan(box, wish.scan))
            return
        # Does nothing unless the server gave back an earlier session of ours with every unit verified.
        self._labels.begin(restored=True)

    def _no_answer(self, wish: Wish) -> None:
        self._say(Reason.NOT_NOW, Tone.LOOK, wish.shown, Note.AWAY)

    def _say(self, reason: Reason, tone: Tone, item: str, detail: str) -> None:
        self._place.sound(self._place.say(reason, tone, item=item, detail=detail))
