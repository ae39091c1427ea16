"""The packing desk: one open order, one scan, one verdict. The rules are those of ``server.domain.benchwork``."""

from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing import rules
from server.domain.packing.carrying import verified
from server.domain.packing.leaving import Leaving
from server.domain.packing.session import AskedKind, Fact, FactKind, Phase
from server.domain.packing.taking_out import waits_for_goods
from server.domain.packing.weighing import waits_for_release
from server.domain.people import Role
from station.desks import taking_out
from station.desks.boxes import Box, Boxes
from station.desks.labels import Labels
from station.desks.pack_notes import item_and_detail
from station.desks.sign_in import SignInDesk
from station.desks.wanted import WantedElsewhere
from station.people import by_id
from station.views import Flash, LabelStage, Note, PackView, StopView
from station.workplace import Workplace, clean, known


class PackingDesk:
    """The active box; call everything with the workplace's lock held."""

    def __init__(
        self, place: Workplace, boxes: Boxes, labels: Labels, sign_in: SignInDesk, wanted: WantedElsewhere
    ) -> None:
        self._place, self._boxes, self._labels, self._sign_in = place, boxes, labels, sign_in
        self._wanted = wanted
        self._why: wire.SessionStop | None = None
        """What the server stopped last, and why in its own words."""
        self._pulled: set[str] = set()
        """Sessions of labelled boxes which somebody was told to pull."""

    def scan(self, box: Box, scan: Scan) -> Flash:
        """Judge, journal, and only then say so. Raises JournalFailed with nothing counted."""
        if scan.badge and waits_for_goods(box.session) and (flash := self._left_to_lead(box, scan)):
            return flash
        if box.session.stop is None and not scan.bounce and not scan.problem:
            supervised = self._supervised(box, scan) if scan.badge else None
            if supervised is not None:
                return supervised
            if scan.badge:
                return self._sign_in.badge(scan, mid_box=True, units=verified(box.session))
            if scan.command is Command.PARK:
                return self._park(box, scan)
            if scan.command is Command.REPRINT:
                return self._labels.again(scan)
            if scan.command is Command.YES and self._labels.step.stage is LabelStage.FAILED:
                self._labels.begin()
                return self._place.say(Reason.OK, Tone.GOOD, scan, item=box.number, detail=Note.AGAIN)
            if scan.command is Command.FORCE and not self._may_force():
                return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.MAY_NOT_FORCE)
        verdict = rules.judge(box.session, scan)
        after = self._boxes.scanned(box, scan, verdict)
        self.follow(box, after)
        self._wanted.stopped(box, after)
        item, detail = item_and_detail(box.number, scan, verdict)
        return self._place.say(verdict.reason, verdict.tone, scan, item=item, detail=detail)

    def resume(self, box: Box) -> None:
        """Take a parked box up again; needs no server."""
        after = self._boxes.happened(box, Fact(FactKind.RESUME))
        if after.session.phase in (Phase.CHECKED, Phase.LABEL):
            # Whether its label was asked for before, perhaps before a restart, only the server knows.
            self._labels.begin(restored=True)

    def _changed(self, box: Box, stop: wire.SessionStop) -> Box:
        """The server says what a changed order does not want any more, and what is new; that is on disk first."""
        before, told = box.session.leaving or Leaving(), (stop.take_out, stop.add)
        if told in (((), ()), (before.take_out, before.add)):
            return box
        return self._boxes.happened(box, Fact(FactKind.TAKE_OUT, take_out=stop.take_out, add=stop.add))

    def stop(self, stop: wire.SessionStop) -> None:
        """The server says stop; journaled once, however often it says so."""
        with self._place.changing():
            box, reason = self._boxes.find(stop.session_id), stop.reason
            box = self._changed(box, stop) if box is not None else None
            if box is not None and stop.detail:
                # Told again every second, so that a restart learns it too.
                self._why = stop
            if box is None:
                self._pull_closed(stop)
            if box is None or box.session.phase in (Phase.CLOSED, Phase.ENDED):
                return
            was_parked = box.session.phase is Phase.PARKED
            self._boxes.happened(box, Fact(FactKind.STOP, reason))
            self._labels.ended(box, reason)
            if not was_parked:
                self._labels.leave()
            pull = Note.PULL_LABEL if box.session.tracking else Note.PULL_BOX
            tone = Tone.STOP
            if was_parked and reason is Reason.TAKEN_OVER:
                pull, tone = Note.GOES_ON, Tone.LOOK
            note = pull if was_parked else ""
            self._say_stopped(stop, tone, box, note)

    def _pull_closed(self, stop: wire.SessionStop) -> None:
        """A box that was labelled with no server in sight, for an order that went elsewhere meanwhile."""
        box = None if stop.session_id in self._pulled else self._boxes.closed(stop.session_id)
        if box is not None:
            self._pulled.add(stop.session_id)
            self._labels.ended(box, stop.reason)
            self._say_stopped(stop, Tone.STOP, box, Note.PULL_LABEL)

    def _say_stopped(self, stop: wire.SessionStop, tone: Tone, box: Box, note: str) -> None:
        place = self._place
        if note in (Note.PULL_BOX, Note.PULL_LABEL):
            self._boxes.pulling.pull(box.number, stop.reason)
        said = place.say(stop.reason, tone, item=box.number, detail=note, words=stop.detail, facts=_facts(stop))
        place.sound(said)

    def view(self, box: Box) -> PackView | StopView:
        """What there is to draw."""
        session, flash = box.session, self._place.flash
        if session.phase is Phase.ENDED and session.stop is not None:
            # A label bought already must not stay on anything: the order may get another one later.
            stop = replace(session.stop, detail=session.tracking or "")
            why = self._why if self._why and self._why.session_id == box.session_id else None
            if why is not None and flash is not None and flash.detail in taking_out.NOTES:
                # What was just scanned out is told before the reason, which was read by now.
                why = None
            words, facts = (clean(why.detail), known(_facts(why))) if why else ("", ())
            leaving = session.leaving or Leaving()
            out, add = taking_out.shown(leaving.left), taking_out.shown(leaving.add)
            return StopView(stop, box.number, ends=True, flash=flash, words=words, facts=facts, take_out=out, add=add)
        if session.stop is not None:
            ends = rules.ends(session.stop)
            left = (
                () if ends else [(n, line) for i, line in enumerate(session.order.lines) if (n := session.open_of(i))]
            )
            needs, skus = tuple((line.name, line.variant, n) for n, line in left), tuple(line.sku for _, line in left)
            wanted = tuple((clean(n.number), clean(n.bench), clean(n.tote)) for n in self._wanted.of(box))
            return StopView(session.stop, box.number, needs, ends, flash=flash, need_skus=skus, wanted=wanted)
        step = self._labels.step
        return PackView(
            session=session,
            stage=step.stage,
            stage_since=step.since,
            bought=step.bought,
            stage_detail=step.detail,
            stage_facts=step.facts,
            fetch_at=clean(step.fetch_at),
            parked=self._boxes.parked_list(),
            flash=flash,
        )

    def _supervised(self, box: Box, scan: Scan) -> Flash | None:
        """A supervisor's badge for what waits for one; None when nothing does, or for anybody else's badge."""
        person, session = self._place.find_supervisor(scan), box.session
        again = session.asked is not None and session.asked.kind is AskedKind.REOPEN
        if person is None or not (again or waits_for_release(session)):
            return None
        after = self._boxes.happened(box, Fact(FactKind.SUPERVISOR), person.person_id)
        self.follow(box, after)
        note = Note.BOX_OPENED if again else Note.RELEASE_WHY
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=person.name, detail=note)

    def _left_to_lead(self, box: Box, scan: Scan) -> Flash | None:
        """A supervisor's badge where goods of a changed order cannot be scanned out; None for anybody else's."""
        person, leaving = self._place.find_supervisor(scan), box.session.leaving
        if person is None or leaving is None:
            return None
        self._boxes.happened(box, Fact(FactKind.SUPERVISOR), person.person_id)
        first = leaving.left[0].label
        return self._place.say(Reason.OK, Tone.LOOK, scan, item=first, detail=Note.LEFT_TO_LEAD)

    def _park(self, box: Box, scan: Scan) -> Flash:
        self._labels.stand_aside(box, Reason.OK)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=box.number, detail=Note.PARKED)

    def _may_force(self) -> bool:
        """By the newest snapshot: a right that was taken back is gone at once."""
        place = self._place
        card = by_id(place.snapshot.people, place.person.person_id) if place.snapshot and place.person else None
        return card is not None and Role.FORCE_VERIFY in card.roles

    def follow(self, before: Box, after: Box) -> None:
        """What a change of the active box means for its label."""
        if after.session.phase is Phase.CLOSED:
            self._labels.closed(after)
        elif after.session.phase is Phase.PARKED:
            self._labels.aside(after)
        elif after.session.phase is Phase.ENDED and after.session.stop is None:
            self._labels.ended(after)
            self._labels.leave()
        elif after.session.phase is Phase.PACKING and before.session.phase is Phase.CHECKED:
            self._labels.aside(after)
        elif after.session.phase is Phase.CHECKED and before.session.phase is Phase.LABEL:
            self._labels.next_box(before)
        elif after.session.phase is Phase.CHECKED and before.session.phase is not Phase.CHECKED:
            self._labels.begin()
        elif before.session.phase is Phase.CHECKED and after.session.phase in (Phase.PACKING, Phase.STEPS):
            # Opened again: whatever was asked for it comes back to the same label later.
            self._labels.leave()


def _facts(stop: wire.SessionStop) -> dict[str, str]:
    """What the server says of a stop, and that it was the server."""
    return {**stop.says, "refused": stop.reason.value}
