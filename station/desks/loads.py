"""The dock's dealings with the server: which load is open here, fresh twice a second."""

import logging
import math
import time
from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError
from station.desks.load_book import LoadBook, forget, keep, keep_renamed, recalled
from station.desks.load_news import LoadNews
from station.desks.load_papers import LoadPapers
from station.desks.loads_begun import Renamed, renamed
from station.desks.pallets_built import PalletsBuilt
from station.desks.yard import Yard
from station.link import Link
from station.uplink import Uplink
from station.views import Note
from station.workplace import Workplace

REFRESH_SECONDS = 0.5
"""So often an open load is asked for: two people on one load agree within two seconds, also where the server is slow.
Where nothing changed the answer is short."""
_EVERYTHING = 100_000
_UNDER_WAY = frozenset({"asking", "pending"})
_log = logging.getLogger("packproof.station")


class Loads:
    """The open load and the dock around it. Fields are read and written with the workplace's lock held."""

    def __init__(self, place: Workplace, uplink: Uplink, link: Link, papers: LoadPapers) -> None:
        self._place, self._uplink, self._link, self.papers = place, uplink, link, papers
        self.yard, self.pallets = Yard(place), PalletsBuilt(place)
        self.book: LoadBook | None = None
        self.dock: wire.DockAnswer | None = None
        """What waits at this dock, as the server said last."""
        self.closing = False
        self.told: tuple[wire.Told, ...] = ()
        self.stock_told = False
        self.carrier_close = wire.CarrierClose()
        self._sought = ""
        self._fresh_at = 0.0
        self._news = LoadNews()

    def restore(self) -> None:
        """Take up the load where it was, with no server in sight."""
        self.yard.restore()
        self.pallets.restore()
        self.book = recalled(self._place.journal)

    def leave(self) -> None:
        """Back to the lobby; the load itself stays as it is at the server."""
        forget(self._place.journal)
        self._work_on(None)

    def adopt(self, book: LoadBook) -> None:
        """Work on this load from now on. Raises JournalFailed."""
        keep(self._place.journal, book.load, book)
        self._place.journal.purge_docks(keep=book.dock_session)
        self._work_on(book)

    def real(self, change: Renamed) -> None:
        """The server gave a load that began here its own id, or put what was scanned on one that follows it."""
        book = self.book
        if book is None or book.dock_session != change.dock_session:
            return
        book.load = renamed(book.load, change, book.unmerged)
        # What is kept is the picture without our scans: they are replayed on top of it.
        keep_renamed(self._place.journal, lambda load: renamed(load, change))

    def seek(self, payload: str) -> None:
        """This code is not known here: perhaps the server knows it by now."""
        self._sought = payload
        self.yard.soon()
        self.soon()

    def soon(self) -> None:
        """The picture is old: ask again at once."""
        self._fresh_at = 0.0
        self._uplink.back()

    def due(self) -> float:
        """Seconds until the open load is to be asked for again; without one nothing is in a hurry."""
        with self._place.lock:
            if self.book is None or self._settled():
                return math.inf
        return max(REFRESH_SECONDS / 5, self._fresh_at + REFRESH_SECONDS - time.monotonic())

    def refresh(self) -> None:
        """On the uplink's thread, after every drain: the dock as it is now. Raises Unavailable."""
        with self._place.lock:
            book, settled, here = self.book, self._settled(), self._place.desk == "dock"
        if settled or time.monotonic() - self._fresh_at < REFRESH_SECONDS * 0.9 or (book is None and not here):
            return
        self._fresh_at = time.monotonic()
        try:
            if book is None:
                self._look_around()
                self.yard.look()
                return
            with self._uplink.sending:
                load_id = self._uplink.load_of(book.dock_session, book.load.load_id)
                with self._link.asking():
                    answer = self._place.client.load_since(load_id, self._seen_of(book))
                if isinstance(answer, float):
                    self._nothing_new(book, answer)
                    return
                with self._place.lock:
                    whole = self._news.completed(answer)
                if whole is None:
                    self._fresh_at = 0.0
                    return
                self.merge(book, whole)
        except DomainError as error:
            # The load is unknown to the server or its manifest is not ready: asked again in a moment.
            self.say(Reason.NOT_NOW, error.code, error=error) if book and error.code == "not_found" else None

    def _seen_of(self, book: LoadBook) -> str:
        """The version that need not come again; the whole picture does where it is of another load."""
        with self._place.lock:
            return self._news.question() if book is self.book else ""

    def _nothing_new(self, book: LoadBook, as_of: float) -> None:
        """The server's picture is the one that was merged last; every scan it took since would have changed it."""
        with self._place.lock:
            book.as_of = max(book.as_of, as_of)

    def _look_around(self) -> None:
        """Loads and what must leave, for the lobby."""
        with self._link.asking():
            answer = self._place.client.dock()
        if answer != self.dock:
            with self._place.changing():
                self.dock = answer

    def _settled(self) -> bool:
        closed = self.book is not None and self.book.load.closed
        told = self.stock_told and all(t.told >= t.total for t in self.told)
        return closed and told and self.carrier_close.state not in _UNDER_WAY

    def _work_on(self, book: LoadBook | None) -> None:
        if self.book is not None:
            self.yard.leave(self.book.load, self.book.as_of)
        self.book, self.closing = book, False
        self.told, self.stock_told, self._sought, self._fresh_at = (), False, "", 0.0
        self.carrier_close, self._news = wire.CarrierClose(), LoadNews()

    def merge(self, book: LoadBook, answer: wire.LoadAnswer) -> None:
        """Adopt a fresh picture; call it with ``uplink.sending`` held since before the question."""
        with self._place.lock:
            if book is not self.book:
                return
            before = (book.load, self.told, self.stock_told, self.carrier_close)
            unsent = self._place.journal.unsent_dock_events(book.dock_session, _EVERYTHING)
            parcel, reason = book.merge(answer.load, frozenset(e.seq for e in unsent))
            self.told, self.stock_told, self.carrier_close = answer.told, answer.stock_told, answer.carrier_close
            self._news.took(answer)
            book.as_of = max(book.as_of, answer.as_of)
            self.closing = self.closing and not answer.load.closed
            if (book.load, self.told, self.stock_told, self.carrier_close) == before:
                return
        with self._place.changing():
            keep(self._place.journal, answer.load, book, durable=False)
            if answer.load.closed:
                self.papers.closed(answer.load)
            if parcel is not None:
                if reason is Reason.CANCELLED:
                    on = next((x for x in book.load.cancelled_on if x.parcel_id == parcel.parcel_id), None)
                    self.papers.pull(parcel, f"{on.position} / {on.of}" if on else "")
                self._place.sound(self._place.say(reason, Tone.STOP, item=parcel.tracking, detail=Note.DISPUTED))
            elif self._sought and any(self._sought in (p.tracking, p.parcel_id) for p in book.load.parcels):
                self._heard_of(self._sought)

    def _heard_of(self, payload: str) -> None:
        self._sought = ""
        self._place.sound(self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, item=payload, detail=Note.KNOWN_NOW))

    def closed_here(self, book: LoadBook) -> None:
        """This dock closed the load by itself: nothing more goes on it, whatever the server says meanwhile."""
        book.load = replace(book.load, closed=True)
        self.closing = False

    def say(self, reason: Reason, detail: str, item: str = "", error: DomainError | None = None) -> None:
        """From a worker: a verdict that no scan caused, with why the server refused."""
        words, facts = (error.detail, error.facts) if error else ("", {})
        with self._place.changing():
            said = self._place.say(reason, Tone.LOOK, item=item, detail=detail, words=words, facts=facts)
            self._place.sound(said)
