"""The dock desk: a lane opens a load, parcels are scanned on and off, CLOSE asks and CLOSE again freezes it."""

from server import wire
from server.domain.benchwork import handoff
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.figures import figures
from server.domain.dock.judging import pallet_ids
from server.domain.dock.said import OUT
from server.domain.dock.values import OnTruck
from server.domain.packing.session import Stop
from station.desks.closing import Answers, ClosingDesk, questions, to_pull
from station.desks.dock_facts import facts_of
from station.desks.driver_paper import provisional
from station.desks.goods import GoodsDesk
from station.desks.load_book import LoadBook
from station.desks.load_closes import LoadCloses
from station.desks.load_opening import LoadOpening
from station.desks.loads import Loads
from station.desks.lobby import LobbyDesk
from station.desks.pallet import PalletDesk
from station.site_time import hour
from station.views import DockLobbyView, DockView, Flash, GoodsView, LoadSummaryView, Note, PalletView, StopView
from station.workplace import Workplace, known


class DockDesk:
    """Scans at the dock; call everything with the workplace's lock held. ``Loads`` talks to the server."""

    def __init__(
        self, place: Workplace, loads: Loads, opening: LoadOpening, closes: LoadCloses, *aside: GoodsDesk | PalletDesk
    ) -> None:
        """``aside`` is what can be done at a dock beside loading, one of them at a time."""
        self._place, self._loads, self._opening, self._closes, self._aside = place, loads, opening, closes, aside
        self._lobby, self._closing = LobbyDesk(place, loads, opening), ClosingDesk(place, loads, closes)

    def restore(self) -> None:
        """Take up the summary of the load that was on the screen."""
        self._closing.restore()

    @property
    def stopped(self) -> bool:
        """Whether a stop is latched here."""
        return self._loads.book is not None and self._loads.book.load.stop is not None

    def scan(self, scan: Scan) -> Flash:
        """A code at the dock; badges and changes of desk are the bench's business."""
        if self.stopped and self._loads.book is not None:
            self._opening.forget()
            return self._parcel(self._loads.book, scan)
        busy = self._busy(scan) if self._opening.asked_for or self._loads.closing else self._beside(scan)
        if busy is not None:
            return busy
        if not scan.bounce and not scan.problem:
            done = self._command(self._loads.book, scan)
            if done is not None:
                return done
        book = self._loads.book
        return self._parcel(book, scan) if book is not None else self._lobby.scan(scan)

    def _beside(self, scan: Scan) -> Flash | None:
        """Goods or a pallet, whichever is under way; the one that is begun where none is."""
        busy = [desk for desk in self._aside if desk.view() is not None]
        return next((flash for desk in busy or self._aside if (flash := desk.scan(scan)) is not None), None)

    def badge(self, scan: Scan) -> Flash | None:
        """A supervisor's badge that answers a question here; None for one that signs in."""
        return None if self._loads.closing or self.stopped else self._closing.badge(scan)

    def arrive(self) -> None:
        """Somebody comes to the dock: a load that is closed is over, and a question asked earlier is too old."""
        self._lobby.forget()
        if not self._loads.closing:
            self._leave_summary(self._loads.book)

    def view(self) -> DockLobbyView | DockView | LoadSummaryView | StopView | GoodsView | PalletView:
        """What there is to draw."""
        loads, flash = self._loads, self._place.flash
        beside = (view for desk in self._aside if (view := desk.view()) is not None)
        if not self.stopped and (shown := next(beside, None)) is not None:
            return shown
        if loads.book is None:
            return self._lobby.view()
        load = loads.book.load
        if load.stop is not None:
            stop = Stop(load.stop, load.stop_item, not_counted=load.not_counted)
            orders = (p.order_number for p in load.parcels if load.stop_item in (p.tracking, p.parcel_id))
            where = next((self._where(x) for x in load.cancelled_on if x.tracking == load.stop_item), ())
            return StopView(stop, next(orders, ""), dock=True, flash=flash, facts=where)
        if self._closing.answers is None and not load.closed:
            return DockView(load, figures(load, self._place.clock()), self._zone, flash=flash)
        return self._summary(loads.book)

    def _summary(self, book: LoadBook) -> LoadSummaryView:
        loads, answers = self._loads, self._closing.answers or Answers(0.0)
        alone = self._closes.of(book)
        papers, load_id = loads.papers, book.load.load_id
        path = papers.filed.get(load_id) or papers.provisional.get(load_id, "")
        return LoadSummaryView(
            load=book.load,
            asked_at=answers.asked_at,
            closed=book.load.closed,
            closing=loads.closing,
            manifest_path=path,
            printed=path in papers.on_paper,
            told=loads.told,
            stock_told=loads.stock_told,
            figures=figures(book.load, self._place.clock()),
            questions=() if book.load.closed else questions(book.load, answers),
            time_zone=self._zone,
            pull=to_pull(book.load, answers),
            left_reason=answers.left_reason,
            hurry=answers.hurry,
            assume=answers.assume,
            alone=self._closes.alone is not None,
            known_at=alone.cancels_known_at if alone else None,
            carrier_close=loads.carrier_close,
            flash=self._place.flash,
        )

    def _where(self, on: OnTruck) -> tuple[tuple[str, str], ...]:
        """Where in the vehicle to look: as which of how many it was loaded, and when."""
        at = hour(on.loaded_at, self._zone)
        return known({"says": "dock_where", "position": on.position, "of": on.of, "time": at})

    @property
    def _zone(self) -> str:
        return self._place.snapshot.time_zone if self._place.snapshot else "UTC"

    def _busy(self, scan: Scan) -> Flash:
        if scan.bounce:
            return self._place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        detail = Note.WAIT_OPENING if self._opening.asked_for else Note.WAIT_CLOSING
        return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=detail)

    def _command(self, book: LoadBook | None, scan: Scan) -> Flash | None:
        """Lanes, loads, closing, and leaving a summary."""
        if scan.lane is not None or scan.load_ref is not None:
            return self._begin(book, scan)
        if book is None:
            return None
        if self._opening.wanted is not None:
            if scan.command is Command.YES:
                return self._lobby.scan(scan)
            self._opening.forget()
        asked = self._closing.scan(book, scan)
        if asked is not None:
            return asked
        if scan.command is Command.REPRINT and book.load.closed:
            return self._reprint(book, scan)
        if scan.command is Command.OK and self._leave_summary(book):
            return self._place.say(Reason.OK, Tone.GOOD, scan)
        return None

    def _reprint(self, book: LoadBook, scan: Scan) -> Flash:
        """The paper of the load on the screen once more; what the dock made by itself while it has no other."""
        site, alone = self._place.snapshot, self._closes.of(book)
        own = provisional(book.load, site, alone) if site is not None and alone is not None else None
        self._loads.papers.once_more(book.load.load_id, own)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=book.load.load_id, detail=Note.PAPER_AGAIN)

    def _begin(self, book: LoadBook | None, scan: Scan) -> Flash:
        self._closing.leave()
        if book is not None and not book.load.closed and self._same(book, scan):
            return self._place.say(Reason.OK, Tone.GOOD, scan, item=book.load.carrier_name, detail=Note.LANE)
        return self._lobby.begin(scan)

    @staticmethod
    def _same(book: LoadBook, scan: Scan) -> bool:
        return scan.load_ref == book.load.load_id or (scan.lane or "").upper() == book.load.carrier.upper()

    def _leave_summary(self, book: LoadBook | None) -> bool:
        if book is None or (self._closing.answers is None and not book.load.closed):
            return False
        self._closing.leave()
        if book.load.closed:
            self._loads.leave()
        return True

    def _parcel(self, book: LoadBook, scan: Scan) -> Flash:
        """Judge, journal, and only then say so."""
        before, person = self._loads.pallets.on_top(book.load), self._place.person
        verdict = handoff.judge(before, scan)
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
            mode=before.mode,
            parcels=pallet_ids(before, scan),
        )
        self._place.journal.append_dock(book.dock_session, before.load_id, event, scan)
        book.take(event, verdict, scan)
        if verdict.reason is not Reason.REPEAT and self._closing.answers is not None:
            self._closing.leave()
        if verdict.reason in OUT and verdict.parcel is not None:
            self._loads.pallets.by_itself(verdict.parcel.parcel_id)
        if verdict.reason is Reason.UNKNOWN_CODE:
            self._loads.seek(scan.payload)
        if verdict.reason is Reason.CANCELLED and verdict.parcel is not None:
            self._loads.papers.pull(verdict.parcel)
        order = verdict.parcel.order_number if verdict.parcel else ""
        facts = facts_of(verdict, self._zone)
        return self._place.say(verdict.reason, verdict.tone, scan, item=verdict.item, detail=order, facts=facts)
