"""After the last unit: buy the one label, print it, have it scanned back. Nothing here buys twice.

CHECKED -> BUYING -> PRINTING -> SCAN_LABEL, with a clock on each. Five seconds after the last unit without a label in
hand, the box is parked and the packer goes on. The server's purchase is idempotent by session, the spool by parcel:
whatever is pressed, killed or retried, asking again is harmless.

With no server in sight the label that was allotted beforehand is used instead. It is the same parcel's: a server that
was asked too, and whose answer was lost, bought no other.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.errors import DomainError
from server.domain.packing.boxes import box_number
from server.domain.packing.outside import waits_for_label
from server.domain.packing.session import Fact, FactKind, Phase
from station.desks.beforehand import label_for
from station.desks.boxes import Box, Boxes
from station.desks.label_step import LabelStep, bought
from station.desks.purchases import Outcomes, Purchases
from station.jobs import Worker
from station.journal import JournalFailed
from station.print_jobs import PrintJobs, caught
from station.views import Bought, Flash, LabelStage, Note
from station.wording import noted, sentence
from station.workplace import Workplace, clean, known

PARK_SECONDS = 5.0
_log = logging.getLogger("packproof.station")
_WAITING = (LabelStage.CHECKED, LabelStage.BUYING, LabelStage.PRINTING)


class Labels:
    """The label of the active box. ``flush`` sends a session's events and raises Unavailable or DomainError.

    ``alone`` says whether the server is known to be away.
    """

    def __init__(
        self,
        place: Workplace,
        boxes: Boxes,
        jobs: PrintJobs,
        worker: Worker,
        flush: Callable[[str], None],
        *,
        alone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._place, self._boxes, self.jobs, self._alone = place, boxes, jobs, alone
        self.step = LabelStep()
        self.on_stop: Callable[[wire.SessionStop], None] = lambda _stop: None
        self._started = 0.0
        outcomes = Outcomes(
            wanted=self._still_wanted,
            unanswered=self._unanswered,
            answered=self._answered,
            refused=self._refused,
            stopped=self._stopped,
            copied=self._copied,
            not_copied=self._not_copied,
        )
        self._purchases = Purchases(place.client, worker, flush, outcomes)
        self._labels: dict[str, wire.LabelAnswer] = {}
        """By parcel, in memory only: they hold addresses."""

    def begin(self, *, restored: bool = False) -> None:
        """Every unit of the active box is verified. ``restored``: what was asked before the restart is not known."""
        box = self._boxes.active
        if box is None or box.session.phase not in (Phase.CHECKED, Phase.LABEL):
            return
        self._started = self._place.clock()
        if restored:
            self._purchases.asked.add(box.session_id)
        if box.session.phase is Phase.LABEL:
            self.step.bought = Bought.ALLOTTED if label_for(self._place, box.session) else Bought.BOUGHT
            self._print(box)
        elif waits_for_label(box.session):
            self._step(LabelStage.OUTSIDE)
        else:
            self.step.bought = Bought.CHECKING if box.session_id in self._purchases.asked else Bought.NOT_BOUGHT
            self._step(LabelStage.CHECKED)
            self._ask(box)

    def leave(self) -> None:
        """The active box is gone or stands aside."""
        self._step(LabelStage.NONE)
        self.step.bought = Bought.NOT_BOUGHT

    def closed(self, box: Box) -> None:
        """The label was scanned on its box."""
        self.jobs.applied(box.session.parcel_id)
        self._labels.pop(box.session.parcel_id or "", None)
        self._purchases.asked.discard(box.session_id)
        self.leave()

    def next_box(self, labelled: Box) -> None:
        """The label was scanned on one of several boxes, as ``labelled`` was before; the next one gets its own."""
        self.jobs.applied(labelled.session.parcel_id)
        self._labels.pop(labelled.session.parcel_id or "", None)
        self._purchases.asked.discard(labelled.session_id)
        self.begin()

    def stand_aside(self, box: Box, reason: Reason) -> Box:
        """Park the box: journaled first; its label stays back until the box is resumed."""
        parked = self._boxes.happened(box, Fact(FactKind.PARK, reason))
        self.jobs.parked(box.number, "" if reason is Reason.OK else sentence(reason), self._place.clock_text)
        self.aside(box)
        return parked

    def aside(self, box: Box) -> None:
        """The box stands aside already, or was opened again: its label stays back."""
        self.jobs.hold(box.session.parcel_id)
        self.leave()

    def ended(self, box: Box, reason: Reason | None = None) -> None:
        """This box ended, or the server stopped it for a reason: its label must not come out any more."""
        self.jobs.erase(box.number)
        if reason is not None and box.session.tracking:
            said = (sentence(reason), noted(Note.PULL_LABEL, box.number))
            self.jobs.pulled(box.number, box.session.tracking, said, self._place.clock_text)
        self._labels.pop(box.session.parcel_id or "", None)

    def again(self, scan: Scan) -> Flash:
        """REPRINT: one more copy, counted by the server; never a purchase. What the bench has needs nobody's answer.

        That it was printed once more is journaled first, and counted when the server hears of it. Raise JournalFailed.
        """
        box = self._boxes.active
        if box is None or box.session.phase is not Phase.LABEL or not self.jobs.available:
            return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw)
        parcel_id = box.session.parcel_id or ""
        answer = self._labels.get(parcel_id) or label_for(self._place, box.session)
        if answer is None and not self.jobs.keeps(parcel_id):
            self._purchases.copy(box.session_id, parcel_id)
        else:
            self._boxes.happened(box, Fact(FactKind.REPRINT, parcel_id=parcel_id))
            self.jobs.print_again(parcel_id, answer.label if answer else None)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=box.number, detail=Note.REPRINT)

    @property
    def due(self) -> bool:
        """Whether ``tick`` has something to do. Call with the lock held, like ``tick``."""
        box = self._boxes.active
        if box is None or box.session.stop is not None or self.step.stage is LabelStage.NONE:
            return False
        return self._followed(box) != (self.step.stage, self.step.detail) or (
            self.step.stage in _WAITING and self._late
        )

    def tick(self) -> None:
        """Follow the print job and the clock."""
        box = self._boxes.active
        if box is None or box.session.stop is not None or self.step.stage is LabelStage.NONE:
            return
        self._step(*self._followed(box))
        if self.step.stage in _WAITING and self._late:
            self._park_late(box)

    @property
    def _late(self) -> bool:
        return self._place.clock() - self._started >= PARK_SECONDS

    def _park_late(self, box: Box) -> None:
        if box.session.phase is Phase.CHECKED and self._used_beforehand(box):
            return
        reason = Reason.NO_PRINTER if self.step.stage is LabelStage.PRINTING else Reason.NOT_READY
        # What the printer says is for the packer too; what this bench says of itself is in the note already.
        words = "" if isinstance(self.step.detail, Note) else self.step.detail
        self.stand_aside(box, reason)
        self._say(reason, box.number, Note.PARKED_LATE, words)

    def _followed(self, box: Box) -> tuple[LabelStage, str]:
        """The stage and its detail, as the print job stands now."""
        job = self.jobs.job(box.session.parcel_id) if box.session.phase is Phase.LABEL else None
        self.step.fetch_at = self.jobs.fetched_at(job)
        return self.step.followed(job, late=self._late)

    def _step(self, stage: LabelStage, detail: str = "", facts: Mapping[str, object] | None = None) -> None:
        self.step.to(stage, self._place.clock(), detail, known(facts or {}))

    def _print(self, box: Box) -> None:
        """Have the label on paper: a job the spool knows is let go on, else it is asked for once."""
        parcel_id = box.session.parcel_id or ""
        self._step(LabelStage.PRINTING)
        answer = self._labels.get(parcel_id) or label_for(self._place, box.session)
        job = self.jobs.job(parcel_id)
        self.step.was_caught = job is not None and caught(job)
        if job is not None:
            self.jobs.release(parcel_id)
        elif answer is None:
            self._ask(box)
        else:
            self._draw(answer)
        self.tick()

    def _used_beforehand(self, box: Box) -> bool:
        """Use the label that was allotted for this box: journaled before anything of it prints. False without one."""
        answer = label_for(self._place, box.session) if self.jobs.available else None
        if answer is None:
            return False
        fact = Fact(FactKind.LABEL, parcel_id=answer.parcel_id, tracking=answer.tracking)
        box = self._boxes.happened(box, fact)
        self._started = self._place.clock()
        self._labels[answer.parcel_id] = answer
        self.step.bought = Bought.ALLOTTED
        self._print(box)
        return True

    def _draw(self, answer: wire.LabelAnswer) -> None:
        try:
            self.jobs.print(answer.label)
        except ValueError as error:
            _log.error("the label of %s cannot be drawn: %s", answer.parcel_id, error)
            self._step(LabelStage.FAILED, Note.CANNOT_DRAW)
        else:
            self.jobs.papers(answer.parcel_id, answer.label.order_number, answer.papers.by_kind())

    def _ask(self, box: Box) -> None:
        if self.jobs.available:
            self._purchases.ask(box.session_id)
        else:
            self._step(LabelStage.FAILED, Note.NO_PRINTER)

    def _wanted(self, session_id: str) -> Box | None:
        box = self._boxes.active
        asks = box and box.session_id == session_id and box.session.phase in (Phase.CHECKED, Phase.LABEL)
        return box if asks else None

    def _still_wanted(self, session_id: str) -> bool:
        with self._place.changing():
            box = self._wanted(session_id)
            if box is None or box.session.parcel_id in self._labels:
                return False
            if box.session.phase is Phase.CHECKED:
                if self._alone() and self._used_beforehand(box):
                    return False
                self._step(LabelStage.BUYING, self.step.detail)
            return True

    def _unanswered(self, session_id: str, detail: str, facts: Mapping[str, object]) -> None:
        with self._place.changing():
            box = self._wanted(session_id)
            if box is not None and box.session.phase is Phase.CHECKED:
                if detail == Note.AWAY_LABEL and self._used_beforehand(box):
                    return
                self.step.bought = Bought.CHECKING if session_id in self._purchases.asked else Bought.NOT_BOUGHT
                self._step(LabelStage.BUYING, detail, facts)

    def _stopped(self, stop: wire.SessionStop) -> None:
        self.on_stop(stop)

    def _refused(self, session_id: str, error: DomainError) -> None:
        with self._place.changing():
            box = self._wanted(session_id)
            if box is None:
                return
            self._forget_allotted(box)
            self.step.bought = Bought.BOUGHT if box.session.tracking else bought(error)
            self._step(LabelStage.FAILED, clean(error.detail), error.facts)
            self._say(Reason.NOT_READY, box.number, error.code, error.detail, error.facts)

    def _answered(self, session_id: str, answer: wire.LabelAnswer) -> None:
        with self._place.changing():
            box = self._boxes.find(session_id)
            if box is None or box.session.phase not in (Phase.CHECKED, Phase.PARKED, Phase.LABEL):
                return
            number = answer.label.box
            if number != box_number(box.session):
                # Of a box whose label is on it already; that of the next box is on its way.
                return
            if box.session.tracking is None:
                fact = Fact(FactKind.LABEL, parcel_id=answer.parcel_id, tracking=answer.tracking, box=number)
                box = self._boxes.happened(box, fact)
            self._purchases.asked.discard(session_id)
            self._forget_allotted(box)
            self._labels[answer.parcel_id] = answer
            if box.session.phase is Phase.LABEL:
                self.step.bought = Bought.BOUGHT
                self._print(box)

    def _forget_allotted(self, box: Box) -> None:
        """What the server says of the label counts from now on."""
        with suppress(JournalFailed):
            self._place.journal.forget_label(box.session.order.order_id)

    def _copied(self, session_id: str, answer: wire.LabelAnswer) -> None:
        with self._place.changing():
            if self._wanted(session_id):
                self.jobs.print_again(answer.parcel_id, answer.label)

    def _not_copied(self, parcel_id: str, error: DomainError | None) -> None:
        with self._place.changing():
            if error is None:
                self._say(Reason.NOT_NOW, parcel_id, Note.NOT_REPRINTED)
            else:
                self._say(Reason.NOT_NOW, parcel_id, error.code, error.detail, error.facts)

    def _say(
        self, reason: Reason, item: str, detail: str, words: str = "", facts: Mapping[str, object] | None = None
    ) -> None:
        said = self._place.say(reason, Tone.LOOK, item=item, detail=detail, words=words, facts=facts)
        self._place.sound(said)
