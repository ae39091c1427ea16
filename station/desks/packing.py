"""The packing desk: one open order, one scan, one verdict. The rules are those of ``server.domain.benchwork``."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing import rules
from server.domain.packing.session import Fact, FactKind, Phase
from station.desks.boxes import Box, Boxes
from station.desks.labels import Labels
from station.desks.sign_in import SignInDesk
from station.views import Flash, LabelStage, Note, PackView, StopView
from station.workplace import Workplace, clean


class PackingDesk:
    """The active box; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, boxes: Boxes, labels: Labels, sign_in: SignInDesk) -> None:
        self._place, self._boxes, self._labels, self._sign_in = place, boxes, labels, sign_in
        self._why = ("", "")
        """The session the server stopped last, and why in its own words."""

    def scan(self, box: Box, scan: Scan) -> Flash:
        """Judge, journal, and only then say so. Raises JournalFailed with nothing counted."""
        if box.session.stop is None and not scan.bounce and not scan.problem:
            if scan.badge:
                return self._sign_in.badge(scan, mid_box=True)
            if scan.command is Command.PARK:
                return self._park(box, scan)
            if scan.command is Command.REPRINT:
                return self._labels.again(scan)
            if scan.command is Command.YES and self._labels.step.stage is LabelStage.FAILED:
                self._labels.begin()
                return self._place.say(Reason.OK, Tone.GOOD, scan, item=box.number, detail=Note.AGAIN)
        verdict = rules.judge(box.session, scan)
        after = self._boxes.scanned(box, scan, verdict)
        self._follow(box, after)
        return self._place.say(verdict.reason, verdict.tone, scan, item=verdict.item, detail=verdict.detail)

    def resume(self, box: Box) -> None:
        """Take a parked box up again; needs no server."""
        after = self._boxes.happened(box, Fact(FactKind.RESUME))
        if after.session.phase in (Phase.CHECKED, Phase.LABEL):
            # Whether its label was asked for before, perhaps before a restart, only the server knows.
            self._labels.begin(restored=True)

    def stop(self, session_id: str, reason: Reason, detail: str = "") -> None:
        """The server says stop; journaled once, however often it says so."""
        with self._place.changing():
            box = self._boxes.find(session_id)
            if box is not None and detail:
                # Told again every second, so that a restart learns it too.
                self._why = (session_id, clean(detail))
            if box is None or box.session.phase in (Phase.CLOSED, Phase.ENDED):
                return
            was_parked = box.session.phase is Phase.PARKED
            self._boxes.happened(box, Fact(FactKind.STOP, reason))
            self._labels.ended(box)
            if not was_parked:
                self._labels.leave()
            pull = Note.PULL_LABEL if box.session.tracking else Note.PULL_BOX
            note = pull if was_parked else ""
            self._place.sound(self._place.say(reason, Tone.STOP, item=box.number, detail=note, words=detail))

    def view(self, box: Box) -> PackView | StopView:
        """What there is to draw."""
        session, flash = box.session, self._place.flash
        if session.phase is Phase.ENDED and session.stop is not None:
            # A label bought already must not stay on anything: the order may get another one later.
            stop = replace(session.stop, detail=session.tracking or "")
            why = self._why[1] if self._why[0] == box.session_id else ""
            return StopView(stop, box.number, ends=True, flash=flash, words=why)
        if session.stop is not None:
            lines = ((line, session.open_of(i)) for i, line in enumerate(session.order.lines))
            needs = tuple((line.name, line.variant, left) for line, left in lines if left)
            ends = rules.ends(session.stop)
            return StopView(session.stop, box.number, needs=() if ends else needs, ends=ends, flash=flash)
        step = self._labels.step
        return PackView(
            session=session,
            stage=step.stage,
            stage_since=step.since,
            bought=step.bought,
            stage_detail=step.detail,
            parked=self._boxes.parked_list(),
            flash=flash,
        )

    def _park(self, box: Box, scan: Scan) -> Flash:
        self._labels.stand_aside(box, Reason.OK)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=box.number, detail=Note.PARKED)

    def _follow(self, before: Box, after: Box) -> None:
        if after.session.phase is Phase.CLOSED:
            self._labels.closed(after)
        elif after.session.phase is Phase.CHECKED and before.session.phase is Phase.PACKING:
            self._labels.begin()
