"""The packing desk: one open order, one scan, one verdict. The rules are those of ``server.domain.benchwork``."""

from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing import rules
from server.domain.packing.carrying import verified
from server.domain.packing.session import AskedKind, Fact, FactKind, Phase
from server.domain.packing.weighing import waits_for_release
from server.domain.people import Role
from station.desks import taking_out
from station.desks.boxes import Box, Boxes
from station.desks.labels import Labels
from station.desks.pack_notes import item_and_detail
from station.desks.sign_in import SignInDesk
from station.desks.taking_out import TakingOut
from station.desks.wanted import WantedElsewhere
from station.people import by_id
from station.views import Flash, LabelStage, Note, PackView, StopView
from station.workplace import Workplace, clean


class PackingDesk:
    """The active box; call everything with the workplace's lock held."""

    def __init__(
        self, place: Workplace, boxes: Boxes, labels: Labels, sign_in: SignInDesk, wanted: WantedElsewhere
    ) -> None:
        self._place, self._boxes, self._labels, self._sign_in = place, boxes, labels, sign_in
        self._wanted = wanted
        self._why = ("", "")
        """The session the server stopped last, and why in its own words."""
        self._taking_out = TakingOut(place)
        self._pulled: set[str] = set()
        """Sessions of labelled boxes which somebody was told to pull."""

    def scan(self, box: Box, scan: Scan) -> Flash:
        """Judge, journal, and only then say so. Raises JournalFailed with nothing counted."""
        if box.session.phase is Phase.ENDED:
            out = self._taking_out.scan(box.session_id, scan)
            if out is not None:
                return out
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

    def changed(self, stop: wire.SessionStop) -> None:
        """The server says what a changed order does not want any more, and what is new; it stops by ``stop``."""
        with self._place.changing():
            self._taking_out.told(stop)

    def stop(self, session_id: str, reason: Reason, detail: str = "") -> None:
        """The server says stop; journaled once, however often it says so."""
        with self._place.changing():
            box = self._boxes.find(session_id)
            if box is not None and detail:
                # Told again every second, so that a restart learns it too.
                self._why = (session_id, clean(detail))
            if box is None:
                self._pull_closed(session_id, reason, detail)
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
            self._place.sound(self._place.say(reason, tone, item=box.number, detail=note, words=detail))

    def _pull_closed(self, session_id: str, reason: Reason, detail: str) -> None:
        """A box that was labelled with no server in sight, for an order that went elsewhere meanwhile."""
        box = None if session_id in self._pulled else self._boxes.closed(session_id)
        if box is not None:
            self._pulled.add(session_id)
            self._labels.ended(box, reason)
            pull = Note.PULL_LABEL
            self._place.sound(self._place.say(reason, Tone.STOP, item=box.number, detail=pull, words=detail))

    def view(self, box: Box) -> PackView | StopView:
        """What there is to draw."""
        session, flash = box.session, self._place.flash
        if session.phase is Phase.ENDED and session.stop is not None:
            # A label bought already must not stay on anything: the order may get another one later.
            stop = replace(session.stop, detail=session.tracking or "")
            why = self._why[1] if self._why[0] == box.session_id else ""
            # What was just scanned out is told before the reason, which was read by now.
            words = "" if flash is not None and flash.detail in taking_out.NOTES else why
            out, add = map(taking_out.shown, self._taking_out.of(box.session_id))
            return StopView(stop, box.number, ends=True, flash=flash, words=words, take_out=out, add=add)
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
