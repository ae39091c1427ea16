"""The queue: a slip or any reference opens an order at the server; the slip of a parked box resumes it here."""

import time
import uuid
from collections.abc import Callable

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.errors import DomainError, Unavailable
from server.domain.packing.session import Phase
from station.desks.boxes import Boxes
from station.desks.labels import Labels
from station.desks.packing import PackingDesk
from station.jobs import Backoff, Worker
from station.store import JournalFailed
from station.views import Flash, Note, QueueView
from station.workplace import Workplace

PATIENCE_SECONDS = 6.0
_LOUD = frozenset({Reason.CANCELLED, Reason.ON_HOLD})
"""Refusals of orders that must not be packed at all sound louder than those of orders that are only not ready."""


class QueueDesk:
    """Signed in, no order open. Opening happens on the worker; until it is done only parked boxes go on.

    A box resumed meanwhile keeps the bench: the order whose answer comes later is journaled and parked, so that the
    claim at the server is always a box somebody can see.
    """

    def __init__(self, place: Workplace, boxes: Boxes, packing: PackingDesk, labels: Labels, worker: Worker) -> None:
        self._place, self._boxes, self._packing, self._labels, self._worker = place, boxes, packing, labels, worker
        self.opening = ""
        self._ids: dict[str, str] = {}
        """Session ids of unanswered requests by reference: asked again they claim nothing twice."""

    def scan(self, scan: Scan) -> Flash:
        """A code with no order open; badges and changes of desk are the bench's business."""
        place = self._place
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        resumed = None if scan.problem else self._resumed(scan)
        if resumed is not None:
            return resumed
        if self.opening:
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.WAIT_OPENING)
        if scan.problem or not scan.payload or (scan.bad_read and not scan.typed and not scan.matches):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.command is Command.OK:
            return place.say(Reason.OK, Tone.GOOD, scan)
        if scan.command or scan.lane is not None or scan.box_type is not None or scan.payload.startswith("PPC-"):
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw)
        if scan.matches:
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.matches[0].label, detail=Note.ITEM_FIRST)
        return self._reference(scan)

    def view(self) -> QueueView:
        """What there is to draw."""
        queue = self._place.queue
        return QueueView(
            waiting=queue.waiting if queue else None,
            items=queue.items if queue else (),
            parked=self._boxes.parked_list(),
            opening=self.opening,
            flash=self._place.flash,
            just_closed=self._boxes.just_closed,
        )

    def _resumed(self, scan: Scan) -> Flash | None:
        """The slip or the late label of a parked box takes it up again; needs no server. None for other codes."""
        if scan.matches or (scan.bad_read and not scan.typed):
            return None
        number = scan.order_ref if scan.order_ref is not None else scan.payload
        parked = self._boxes.parked.get(number)
        late = next((b for b in self._boxes.parked.values() if b.session.tracking == scan.payload), None)
        if late is not None:
            # Its label came out after all, and here it is on its box.
            self._packing.resume(late)
            return self._packing.scan(self._boxes.active or late, scan)
        if parked is not None:
            self._packing.resume(parked)
            return self._place.say(Reason.OK, Tone.GOOD, scan, item=parked.number, detail=Note.RESUMED)
        return None

    def _reference(self, scan: Scan) -> Flash:
        as_typed = scan.raw.strip()
        # Ids of channels can differ by case alone; the raw text keeps it unless a symbology prefix came with it.
        ref = scan.order_ref or (as_typed if as_typed.upper() == scan.payload else scan.payload)
        self._open(ref)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=ref, detail=Note.OPENING)

    def _open(self, ref: str) -> None:
        person = self._place.person
        session_id = self._ids.setdefault(ref, str(uuid.uuid4()))
        request = wire.OpenRequest(ref=ref, session_id=session_id, person_id=person.person_id if person else 0)
        self.opening = ref
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._ask(request, backoff, give_up))

    def _ask(self, request: wire.OpenRequest, backoff: Backoff, give_up: float) -> float | None:
        """On the worker: claim the order, with the same session id until there is an answer."""
        try:
            answer = self._place.client.open_order(request)
            self._finish(request.ref, lambda: self._opened(answer))
        except JournalFailed:
            # Said already; the order is claimed and comes back when its slip is scanned again.
            return None
        except DomainError as error:
            refusal = error
            self._finish(request.ref, lambda: self._refused(request.ref, refusal))
        except Unavailable:
            if time.monotonic() < give_up:
                return backoff.pause()
            self._finish(request.ref, lambda: self._no_answer(request.ref), answered=False)
        except Exception:
            self._finish(request.ref, lambda: self._no_answer(request.ref), answered=False)
            raise
        return None

    def _finish(self, ref: str, then: Callable[[], None], *, answered: bool = True) -> None:
        with self._place.changing():
            self.opening = ""
            then()
            if answered:
                self._ids.pop(ref, None)

    def _opened(self, answer: wire.OpenAnswer) -> None:
        busy = self._boxes.active
        box = self._boxes.opened(answer)
        if busy is not None and box.session_id == busy.session_id:
            # Its slip was scanned meanwhile.
            return
        if box.over or box.session.phase is Phase.ENDED:
            self._heard(Reason.ALREADY_DONE, Tone.LOOK, box.number, "", "")
        elif busy is not None:
            self._heard(Reason.OK, Tone.LOOK, box.number, Note.OPENED_ASIDE, "")
        elif box.session.phase is Phase.PARKED:
            self._packing.resume(box)
        else:
            # Does nothing unless the server gave back an earlier session of ours with every unit verified.
            self._labels.begin(restored=True)

    def _refused(self, ref: str, error: DomainError) -> None:
        reason = Reason(error.code) if error.code in set(Reason) else Reason.NOT_NOW
        facts = (error.facts.get(key) for key in ("person", "holder", "bench"))
        detail = " · ".join(dict.fromkeys(str(fact) for fact in facts if fact)) or error.code
        # With another box open by now, the sound of a stop would be taken for that box's.
        loud = reason in _LOUD and self._boxes.active is None
        self._heard(reason, Tone.STOP if loud else Tone.LOOK, ref, detail, error.detail)

    def _no_answer(self, ref: str) -> None:
        self._heard(Reason.NOT_NOW, Tone.LOOK, ref, Note.AWAY, "")

    def _heard(self, reason: Reason, tone: Tone, item: str, detail: str, words: str) -> None:
        self._place.sound(self._place.say(reason, tone, item=item, detail=detail, words=words))
