"""The dock's dealings with the server: which load is open here, fresh every second, and its manifest once it closed."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError, Unavailable
from station.desks.load_book import LoadBook, forget, keep, recalled
from station.files import write_whole
from station.jobs import Backoff, Worker
from station.link import Link
from station.uplink import Uplink
from station.views import Note
from station.workplace import Workplace

REFRESH_SECONDS = 1.0
WHOLE_SECONDS = 30.0
"""A name that was changed anywhere is here after this time; a scan or a cancel is at once."""
PATIENCE_SECONDS = 6.0
_EVERYTHING = 100_000
_UNDER_WAY = frozenset({"asking", "pending"})
_log = logging.getLogger("packproof.station")


class Loads:
    """The open load and the dock around it. Fields are read and written with the workplace's lock held."""

    def __init__(self, place: Workplace, worker: Worker, uplink: Uplink, link: Link, manifests: Path) -> None:
        self._place, self._worker, self._uplink, self._link, self._manifests = place, worker, uplink, link, manifests
        self.book: LoadBook | None = None
        self.dock: wire.DockAnswer | None = None
        """What waits at this dock, as the server said last."""
        self.opening = ""
        self.wanted: wire.LoadRequest | None = None
        """A lane that has no load yet, or several: somebody must say which, or YES."""
        self.choose = False
        """It has several."""
        self.closing = False
        self.manifest_path = ""
        self.told: tuple[wire.Told, ...] = ()
        self.stock_told = False
        self.carrier_close = wire.CarrierClose()
        self.before_open: Callable[[], None] = lambda: None
        """Called on the worker before a load is asked for: one that left must not be joined. May raise Unavailable."""
        self._sought = ""
        self._fresh_at = 0.0
        self._seen, self._whole_at = "", 0.0
        """The version of the picture that was merged last, and when."""

    def restore(self) -> None:
        """Take up the load where it was, with no server in sight."""
        self.book = recalled(self._place.journal)

    def open(self, carrier: str, *, load_id: str = "", yes: bool = False, another: bool = False) -> None:
        """Open or rejoin a load, in the background: the lane's of a carrier, or the one with this id."""
        person = self._place.person
        person_id = person.person_id if person else 0
        self.ask(
            wire.LoadRequest(carrier=carrier, person_id=person_id, load_id=load_id, yes=yes, another=another),
            load_id or carrier,
        )

    def ask(self, request: wire.LoadRequest | wire.PickupRequest, what: str) -> None:
        """In the background: a load, or that a driver took all of a lane."""
        self.opening, self.wanted, self.choose = what, None, False
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._open(request, backoff, give_up))

    def leave(self) -> None:
        """Back to the lobby; the load itself stays as it is at the server."""
        forget(self._place.journal)
        self._adopt(None)

    def seek(self, payload: str) -> None:
        """This code is not known here: perhaps the server knows it by now."""
        self._sought = payload
        self.soon()

    def soon(self) -> None:
        """The picture is old: ask again at once."""
        self._fresh_at = 0.0
        self._uplink.back()

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
                return
            with self._uplink.sending:
                with self._link.asking():
                    answer = self._place.client.load_since(book.load.load_id, self._seen_of(book))
                if isinstance(answer, float):
                    self._nothing_new(book, answer)
                    return
                self.merge(book, answer)
            if answer.load.closed and not self.manifest_path:
                self._keep_manifest(book)
        except DomainError as error:
            # The load is unknown to the server or its manifest is not ready: asked again in a second.
            self.say(Reason.NOT_NOW, error.code, error.detail) if book and error.code == "not_found" else None

    def _seen_of(self, book: LoadBook) -> str:
        """The version that need not come again. The whole picture does where something is missing, and now and then."""
        with self._place.lock:
            missing = book is not self.book or (book.load.closed and not self.manifest_path)
            old = time.monotonic() - self._whole_at > WHOLE_SECONDS
            return "" if missing or old else self._seen

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
        closed = self.book is not None and self.book.load.closed and bool(self.manifest_path)
        told = self.stock_told and all(t.told >= t.total for t in self.told)
        return closed and told and self.carrier_close.state not in _UNDER_WAY

    def _open(self, request: wire.LoadRequest | wire.PickupRequest, backoff: Backoff, give_up: float) -> float | None:
        try:
            self._hand_in()
            self.before_open()
            with self._link.asking():
                client = self._place.client
                picks = isinstance(request, wire.PickupRequest)
                answer = client.pickup(request) if picks else client.open_load(request)  # type: ignore[arg-type]
        except DomainError as error:
            self._opened(None)
            self._refused(request, error)
        except Unavailable:
            if time.monotonic() < give_up:
                return backoff.pause()
            self._opened(None)
            self.say(Reason.NOT_NOW, Note.AWAY_LANE)
        except BaseException:
            self._opened(None)
            raise
        else:
            self._opened(answer)
        return None

    def _hand_in(self) -> None:
        """Every scan goes first; what the server refuses is shown as refused, and opens no load the later for it."""
        for dock_session, load_id in self._place.journal.unsent_docks():
            try:
                self._uplink.flush_dock(dock_session, load_id)
            except DomainError as error:
                _log.error("the server refuses scans of %s: %s", load_id, error)

    def _refused(self, request: wire.LoadRequest | wire.PickupRequest, error: DomainError) -> None:
        """No load of this lane yet, or several: a question. Anything else is said as it is."""
        asks = {Reason.NEED_CONFIRM.value: Note.NEW_LOAD, Reason.WHICH_LOAD.value: Note.WHICH_LOAD}
        if not isinstance(request, wire.LoadRequest) or error.code not in asks:
            self.say(_reason(error), error.code, error.detail)
            return
        with self._place.changing():
            self.wanted, self.choose = request, error.code == Reason.WHICH_LOAD
        self.say(Reason(error.code), asks[error.code], item=request.carrier)

    def _opened(self, answer: wire.LoadAnswer | None) -> None:
        with self._place.changing():
            self.opening = ""
            if answer is None:
                return
            book = LoadBook(answer.load, str(uuid.uuid4()), as_of=answer.as_of)
            keep(self._place.journal, answer.load, book)
            self._place.journal.purge_docks(keep=book.dock_session)
            self._adopt(book)

    def _adopt(self, book: LoadBook | None) -> None:
        self.book, self.closing, self.wanted, self.choose = book, False, None, False
        self.manifest_path, self.told, self.stock_told, self._sought, self._fresh_at = "", (), False, "", 0.0
        self.carrier_close, self._seen = wire.CarrierClose(), ""

    def merge(self, book: LoadBook, answer: wire.LoadAnswer) -> None:
        """Adopt a fresh picture; call it with ``uplink.sending`` held since before the question."""
        with self._place.lock:
            if book is not self.book:
                return
            before = (book.load, self.told, self.stock_told, self.carrier_close)
            unsent = self._place.journal.unsent_dock_events(book.dock_session, _EVERYTHING)
            parcel, reason = book.merge(answer.load, frozenset(e.seq for e in unsent))
            self.told, self.stock_told, self.carrier_close = answer.told, answer.stock_told, answer.carrier_close
            self._seen, self._whole_at = answer.version, time.monotonic()
            book.as_of = max(book.as_of, answer.as_of)
            self.closing = self.closing and not answer.load.closed
            if (book.load, self.told, self.stock_told, self.carrier_close) == before:
                return
        with self._place.changing():
            keep(self._place.journal, answer.load, book, durable=False)
            if parcel is not None:
                self._place.sound(self._place.say(reason, Tone.STOP, item=parcel.tracking, detail=Note.DISPUTED))
            elif self._sought and any(self._sought in (p.tracking, p.parcel_id) for p in book.load.parcels):
                self._heard_of(self._sought)

    def _heard_of(self, payload: str) -> None:
        self._sought = ""
        self._place.sound(self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, item=payload, detail=Note.KNOWN_NOW))

    def _keep_manifest(self, book: LoadBook) -> None:
        pdf = self._place.client.manifest(book.load.load_id)
        name = "".join(c for c in book.load.load_id if c.isalnum() or c in "-_")
        path = self._manifests / f"{name}.pdf"
        try:
            write_whole(path, pdf)
        except OSError as error:
            self.say(Reason.NOT_NOW, Note.MANIFEST, error.strerror or "", item=str(path))
            return
        with self._place.changing():
            self.manifest_path = str(path)

    def closed_here(self, book: LoadBook) -> None:
        """This dock closed the load by itself: nothing more goes on it, whatever the server says meanwhile."""
        book.load = replace(book.load, closed=True)
        self.closing = False

    def say(self, reason: Reason, detail: str, words: str = "", item: str = "") -> None:
        """From a worker: a verdict that no scan caused."""
        with self._place.changing():
            self._place.sound(self._place.say(reason, Tone.LOOK, item=item, detail=detail, words=words))


def _reason(error: DomainError) -> Reason:
    return Reason(error.code) if error.code in set(Reason) else Reason.NOT_NOW
