"""The queue: a slip, a tote, a parcel or an item opens an order at the server; a parked box's slip resumes it here."""

from collections.abc import Callable

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.barcodes import stands_for
from server.domain.errors import DomainError
from server.reading import TOTE_PREFIX
from station.desks.boxes import Box, Boxes
from station.desks.labels import Labels
from station.desks.leased import Leased
from station.desks.opening import Opening, Wish
from station.desks.packing import PackingDesk
from station.desks.refusals import Refusals
from station.desks.relabelling import Relabelling
from station.desks.reprinting import Reprinting
from station.desks.tote import ToteDesk
from station.jobs import Job, Worker
from station.views import Flash, Note, QueueView
from station.workplace import Workplace


class QueueDesk:
    """Signed in, no order open. Opening happens on the worker; until it is done only parked boxes go on.

    A box resumed meanwhile keeps the bench: the order whose answer comes later is journaled and parked, so that the
    claim at the server is always a box somebody can see.
    """

    def __init__(
        self, place: Workplace, boxes: Boxes, packing: PackingDesk, labels: Labels, worker: Worker, *, leased: Leased
    ) -> None:
        self._place, self._boxes, self._packing, self._leased = place, boxes, packing, leased
        self._opening = Opening(place, boxes, packing, labels, worker, leased=leased)
        self._opening.on_refused = self._refused
        self._refusals = Refusals(place, boxes, self._opening)
        self.tote = ToteDesk(place, worker)
        self._relabelling = Relabelling(place, worker, self._opening.begin)
        self._reprinting = Reprinting(place, worker, labels.jobs)

    def later(self, do: Callable[[Job, float], None]) -> None:
        """Who does a job after a while; see ``Opening.later``."""
        self._opening.later = do

    def arrive(self) -> None:
        """Somebody comes from the dock: a question asked earlier is too old."""
        self._forget()

    @property
    def opening(self) -> str:
        """What is being opened right now, or empty."""
        return self._opening.text

    def scan(self, scan: Scan) -> Flash:
        """A code with no order open; badges and changes of desk are the bench's business."""
        place = self._place
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        resumed = None if scan.problem else self._resumed(scan)
        if resumed is not None:
            self._forget()
            return resumed
        if self.opening:
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.WAIT_OPENING)
        if scan.problem or not scan.payload or (scan.bad_read and not scan.typed and not scan.matches):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.command is Command.TAKE_OVER:
            return self._refusals.take_over(scan)
        # Both hear every code: what answers one question drops the other.
        answers = (self._relabelling.scan(scan), self._reprinting.scan(scan))
        answered = answers[0] or answers[1]
        if answered is not None:
            return answered
        answered = self._refusals.yes(scan) if scan.command is Command.YES else None
        answered = answered or self.tote.answer(scan)
        if answered is not None:
            return answered
        self._refusals.forget()
        if scan.command is Command.OK:
            return place.say(Reason.OK, Tone.GOOD, scan)
        if scan.command or scan.lane is not None or scan.box_type is not None or scan.payload.startswith("PPC-"):
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw)
        return self._item(scan) if scan.matches else self._reference(scan)

    def badge(self, scan: Scan) -> Flash | None:
        """A supervisor's badge that answers a refusal; None for one that signs in."""
        return None if self.opening else self._relabelling.badge(scan) or self._refusals.badge(scan)

    def view(self) -> QueueView:
        """What there is to draw."""
        queue = self._place.queue
        alone = self._leased.alone and (queue is not None or bool(self._leased.orders))
        if alone:
            # What can be opened now, not what could be when the server was last heard of.
            queue = wire.Queue(waiting=len(self._leased.orders), items=self._leased.items())
        return QueueView(
            waiting=queue.waiting if queue else None,
            items=queue.items if queue else (),
            parked=self._boxes.parked_list(),
            opening=self.opening,
            tote=self.tote.open.removeprefix(TOTE_PREFIX),
            tote_ended=self.tote.ended,
            flash=self._place.flash,
            just_closed=self._boxes.just_closed,
            alone=alone,
        )

    def _forget(self) -> None:
        self._relabelling.forget()
        self._reprinting.forget()

    def _resumed(self, scan: Scan) -> Flash | None:
        """The slip or the late label of a parked box takes it up again; needs no server. None for other codes."""
        if scan.matches or (scan.bad_read and not scan.typed):
            return None
        number = (scan.order_ref if scan.order_ref is not None else scan.payload).lstrip("#0")
        aside = self._boxes.parked.items()
        parked = next((box for known, box in aside if number and known.lstrip("#0") == number), None)
        late = next((b for b in self._boxes.parked.values() if _has_label(b, scan)), None)
        if late is not None:
            # Its label came out after all, and here it is on its box.
            self._packing.resume(late)
            return self._packing.scan(self._boxes.active or late, scan)
        if parked is not None:
            self._packing.resume(parked)
            return self._place.say(Reason.OK, Tone.GOOD, scan, item=parked.number, detail=Note.RESUMED)
        return None

    def _item(self, scan: Scan) -> Flash:
        """An item out of the tote on the table, or any item: it opens its order and counts as its first unit."""
        item = scan.matches[0].label
        known = self._opening.begin(Wish(self.tote.open, scan.raw, scan=scan))
        return known or self._place.say(Reason.OK, Tone.GOOD, scan, item=item, detail=Note.OPENING_BY_ITEM)

    def _reference(self, scan: Scan) -> Flash:
        self.tote.leave()
        as_typed = scan.raw.strip()
        # Ids of channels can differ by case alone; the raw text keeps it unless a symbology prefix came with it.
        ref = scan.order_ref or (as_typed if as_typed.upper() == scan.payload else scan.payload)
        self._boxes.pulling.seen(ref)
        known = self._opening.begin(Wish(ref))
        return known or self._place.say(Reason.OK, Tone.GOOD, scan, item=ref, detail=Note.OPENING)

    def _refused(self, wish: Wish, error: DomainError) -> Flash:
        """A tote that several orders share asks for an item; one that has none left any more is done with."""
        if error.code == "need_item":
            self.tote.begin(wish.ref)
            say, item = self._place.say, wish.ref.removeprefix(TOTE_PREFIX)
            return say(Reason.NEED_CONFIRM, Tone.LOOK, item=item, detail=Note.ITEM_OF_TOTE)
        if wish.item and error.code == Reason.UNKNOWN_CODE:
            self.tote.leave()
        return self._refusals.refused(wish, error)


def _has_label(box: Box, scan: Scan) -> bool:
    numbers = (box.session.tracking, box.session.parcel_id)
    return any(stands_for(scan.payload, number) for number in numbers if number)
