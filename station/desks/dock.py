"""The dock desk: a lane opens a load, parcels are scanned on, CLOSE asks and CLOSE again freezes the manifest."""

from server import wire
from server.domain.benchwork import handoff
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.session import Stop
from station.desks.load_book import LoadBook
from station.desks.loads import Loads
from station.views import DockLobbyView, DockView, Flash, LoadSummaryView, Note, StopView
from station.workplace import Workplace

CONFIRM_SECONDS = 1.0
"""A confirming repeat counts only this long after the question is on screen (issue: a stop latches)."""


class DockDesk:
    """Scans at the dock; call everything with the workplace's lock held. ``Loads`` talks to the server."""

    def __init__(self, place: Workplace, loads: Loads) -> None:
        self._place, self._loads = place, loads

    @property
    def stopped(self) -> bool:
        """Whether a stop is latched here."""
        return self._loads.book is not None and self._loads.book.load.stop is not None

    def scan(self, scan: Scan) -> Flash:
        """A code at the dock; badges and changes of desk are the bench's business."""
        place, book = self._place, self._loads.book
        if self._loads.opening or self._loads.closing:
            if scan.bounce:
                return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
            detail = Note.WAIT_OPENING if self._loads.opening else Note.WAIT_CLOSING
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=detail)
        if not self.stopped and not scan.bounce and not scan.problem:
            if scan.lane is not None:
                return self._lane(scan)
            if scan.command is Command.CLOSE and book is not None:
                return self._close(book, scan)
            if scan.command is Command.OK and self._leave_summary(book):
                return place.say(Reason.OK, Tone.GOOD, scan)
        return self._parcel(book, scan) if book is not None else self._lobby(scan)

    def arrive(self) -> None:
        """Somebody comes to the dock: a load that is closed is over, and a question asked earlier is too old."""
        if not self._loads.closing:
            self._leave_summary(self._loads.book)

    def view(self) -> DockLobbyView | DockView | LoadSummaryView | StopView:
        """What there is to draw."""
        loads, flash = self._loads, self._place.flash
        if loads.book is None:
            snapshot = self._place.snapshot
            return DockLobbyView(lanes=snapshot.lanes if snapshot else (), opening=loads.opening, flash=flash)
        load = loads.book.load
        if load.stop is not None:
            stop = Stop(load.stop, load.stop_item, not_counted=load.not_counted)
            orders = (p.order_number for p in load.parcels if load.stop_item in (p.tracking, p.parcel_id))
            return StopView(stop, next(orders, ""), dock=True, flash=flash)
        if loads.asked_at is None and not load.closed:
            return DockView(load, flash=flash)
        return LoadSummaryView(
            load=load,
            asked_at=loads.asked_at or 0.0,
            closed=load.closed,
            closing=loads.closing,
            manifest_path=loads.manifest_path,
            told=loads.told,
            stock_told=loads.stock_told,
            flash=flash,
        )

    def _lobby(self, scan: Scan) -> Flash:
        place = self._place
        if scan.bounce:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if scan.problem or (scan.bad_read and not scan.matches):
            return place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if scan.command is Command.OK:
            return place.say(Reason.OK, Tone.GOOD, scan)
        return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=Note.LANE_FIRST)

    def _lane(self, scan: Scan) -> Flash:
        place, snapshot = self._place, self._place.snapshot
        lanes = snapshot.lanes if snapshot else ()
        lane = next((x for x in lanes if x.carrier.upper() == (scan.lane or "").upper()), None)
        if lane is None:
            note, known = Note.NO_SUCH_LANE if lanes else Note.NO_LANES, ", ".join(x.carrier for x in lanes)
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, item=scan.raw, detail=note, words=known)
        book = self._loads.book
        if book is not None and book.load.carrier == lane.carrier and not book.load.closed:
            self._loads.asked_at = None
        else:
            self._loads.open(lane.carrier)
        return place.say(Reason.OK, Tone.GOOD, scan, item=lane.name, detail=Note.LANE)

    def _close(self, book: LoadBook, scan: Scan) -> Flash:
        place, now = self._place, self._place.clock()
        if book.load.closed:
            return place.say(Reason.LOAD_CLOSED, Tone.LOOK, scan, item=book.load.carrier_name)
        if self._loads.asked_at is None:
            self._loads.asked_at = now
            return place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=book.load.carrier_name)
        if now - self._loads.asked_at < CONFIRM_SECONDS:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        self._loads.close(book)
        return place.say(Reason.OK, Tone.GOOD, scan, item=book.load.carrier_name, detail=Note.CLOSING)

    def _leave_summary(self, book: LoadBook | None) -> bool:
        if book is None or (self._loads.asked_at is None and not book.load.closed):
            return False
        self._loads.asked_at = None
        if book.load.closed:
            self._loads.leave()
        return True

    def _parcel(self, book: LoadBook, scan: Scan) -> Flash:
        """Judge, journal, and only then say so."""
        verdict = handoff.judge(book.load, scan)
        person = self._place.person
        event = wire.DockEvent(
            seq=book.seq + 1,
            at=scan.at,
            person_id=person.person_id if person else 0,
            raw=scan.raw,
            source=scan.source,
            typed=scan.typed,
            bounce=scan.bounce,
            problem=scan.problem,
            reason=verdict.reason,
        )
        self._place.journal.append_dock(book.dock_session, book.load.load_id, event, scan)
        book.seq, book.load = event.seq, verdict.load
        if verdict.reason is Reason.OK and verdict.parcel is not None:
            book.taken[event.seq] = verdict.parcel.parcel_id
        if verdict.reason is not Reason.REPEAT:
            self._loads.asked_at = None
        if verdict.reason is Reason.UNKNOWN_CODE:
            self._loads.seek(scan.payload)
        detail = verdict.parcel.order_number if verdict.parcel else ""
        return self._place.say(verdict.reason, verdict.tone, scan, item=verdict.item, detail=detail)
