"""The dock's dealings with the server: open a load, keep it fresh every second, close it, keep its manifest."""

import time
import uuid
from pathlib import Path

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError, Unavailable
from station.desks.load_book import LoadBook, forget, keep, recalled
from station.files import write_whole
from station.jobs import Backoff, Worker
from station.journal import JournalFailed
from station.link import Link
from station.uplink import Uplink
from station.views import Note
from station.workplace import Workplace

REFRESH_SECONDS = 1.0
PATIENCE_SECONDS = 6.0
_EVERYTHING = 100_000


class Loads:
    """The open load. Fields are read and written with the workplace's lock held."""

    def __init__(self, place: Workplace, worker: Worker, uplink: Uplink, link: Link, manifests: Path) -> None:
        self._place, self._worker, self._uplink, self._link, self._manifests = place, worker, uplink, link, manifests
        self.book: LoadBook | None = None
        self.opening = ""
        self.asked_at: float | None = None
        self.closing = False
        self.manifest_path = ""
        self.told: tuple[wire.Told, ...] = ()
        self.stock_told = False
        self._sought = ""
        self._fresh_at = 0.0

    def restore(self) -> None:
        """Take up the load where it was, with no server in sight."""
        self.book = recalled(self._place.journal)

    def open(self, carrier: str) -> None:
        """Open or rejoin this carrier's load, in the background."""
        person = self._place.person
        request = wire.LoadRequest(carrier=carrier, person_id=person.person_id if person else 0)
        self.opening = carrier
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._open(request, backoff, give_up))

    def close(self, book: LoadBook) -> None:
        """Freeze the manifest, in the background; every scan goes first."""
        person = self._place.person
        request = wire.CloseRequest(person_id=person.person_id if person else 0, loaded=len(book.load.loaded))
        self.closing = True
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._close(book, request, backoff, give_up))

    def leave(self) -> None:
        """Back to the lobby; the load itself stays as it is at the server."""
        forget(self._place.journal)
        self._adopt(None)

    def seek(self, payload: str) -> None:
        """This code is not known here: perhaps the server knows it by now."""
        self._sought, self._fresh_at = payload, 0.0
        self._uplink.back()

    def refresh(self) -> None:
        """On the uplink's thread, after every drain: the load as it is now. Raises Unavailable."""
        with self._place.lock:
            book, settled = self.book, self._settled()
        if book is None or settled or time.monotonic() - self._fresh_at < REFRESH_SECONDS * 0.9:
            return
        self._fresh_at = time.monotonic()
        try:
            with self._uplink.sending:
                with self._link.asking():
                    answer = self._place.client.load(book.load.load_id)
                self._merge(book, answer)
            if answer.load.closed and not self.manifest_path:
                self._keep_manifest(book)
        except DomainError as error:
            # The load is unknown to the server or its manifest is not ready: asked again in a second.
            self._say(Reason.NOT_NOW, error.code, error.detail) if error.code == "not_found" else None

    def _settled(self) -> bool:
        closed = self.book is not None and self.book.load.closed and bool(self.manifest_path)
        return closed and self.stock_told and all(t.told >= t.total for t in self.told)

    def _open(self, request: wire.LoadRequest, backoff: Backoff, give_up: float) -> float | None:
        try:
            for dock_session, load_id in self._place.journal.unsent_docks():
                self._uplink.flush_dock(dock_session, load_id)
            with self._link.asking():
                answer = self._place.client.open_load(request)
        except DomainError as error:
            self._opened(None)
            self._say(_reason(error), error.code, error.detail)
        except Unavailable:
            if time.monotonic() < give_up:
                return backoff.pause()
            self._opened(None)
            self._say(Reason.NOT_NOW, Note.AWAY_LANE)
        except BaseException:
            self._opened(None)
            raise
        else:
            self._opened(answer)
        return None

    def _opened(self, answer: wire.LoadAnswer | None) -> None:
        with self._place.changing():
            self.opening = ""
            if answer is None:
                return
            dock_session = str(uuid.uuid4())
            keep(self._place.journal, answer.load, dock_session)
            self._place.journal.purge_docks(keep=dock_session)
            self._adopt(LoadBook(answer.load, dock_session))

    def _adopt(self, book: LoadBook | None) -> None:
        self.book, self.asked_at, self.closing = book, None, False
        self.manifest_path, self.told, self.stock_told, self._sought, self._fresh_at = "", (), False, "", 0.0

    def _merge(self, book: LoadBook, answer: wire.LoadAnswer) -> None:
        """Adopt a fresh picture; call it with ``uplink.sending`` held since before the question."""
        with self._place.lock:
            if book is not self.book:
                return
            before = (book.load, self.told, self.stock_told)
            unsent = self._place.journal.unsent_dock_events(book.dock_session, _EVERYTHING)
            parcel, reason = book.merge(answer.load, frozenset(e.seq for e in unsent))
            self.told, self.stock_told = answer.told, answer.stock_told
            self.closing = self.closing and not answer.load.closed
            if (book.load, self.told, self.stock_told) == before:
                return
        with self._place.changing():
            keep(self._place.journal, answer.load, book.dock_session, durable=False)
            if parcel is not None:
                self._place.sound(self._place.say(reason, Tone.STOP, item=parcel.tracking, detail=Note.DISPUTED))
            elif self._sought and any(self._sought in (p.tracking, p.parcel_id) for p in book.load.parcels):
                self._heard_of(self._sought)

    def _heard_of(self, payload: str) -> None:
        self._sought = ""
        self._place.sound(self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, item=payload, detail=Note.KNOWN_NOW))

    def _close(self, book: LoadBook, request: wire.CloseRequest, backoff: Backoff, give_up: float) -> float | None:
        load_id = book.load.load_id
        try:
            self._uplink.flush_dock(book.dock_session, load_id)
            with self._uplink.sending:
                with self._link.asking():
                    answer = self._place.client.close_load(load_id, request)
                self._merge(book, answer)
        except DomainError as error:
            self._not_closed(_reason(error), error.code, error.detail)
        except Unavailable:
            if time.monotonic() < give_up:
                return backoff.pause()
            self._not_closed(Reason.NOT_NOW, Note.AWAY_CLOSE)
        except JournalFailed:
            self.closing = False
        else:
            self._fresh_at = 0.0
            self._uplink.back()
        return None

    def _not_closed(self, reason: Reason, detail: str, words: str = "") -> None:
        with self._place.changing():
            self.closing = False
            self.asked_at = None
        self._say(reason, detail, words)

    def _keep_manifest(self, book: LoadBook) -> None:
        pdf = self._place.client.manifest(book.load.load_id)
        name = "".join(c for c in book.load.load_id if c.isalnum() or c in "-_")
        path = self._manifests / f"{name}.pdf"
        try:
            write_whole(path, pdf)
        except OSError as error:
            self._say(Reason.NOT_NOW, Note.MANIFEST, error.strerror or "", item=str(path))
            return
        with self._place.changing():
            self.manifest_path = str(path)

    def _say(self, reason: Reason, detail: str, words: str = "", item: str = "") -> None:
        with self._place.changing():
            self._place.sound(self._place.say(reason, Tone.LOOK, item=item, detail=detail, words=words))


def _reason(error: DomainError) -> Reason:
    return Reason(error.code) if error.code in set(Reason) else Reason.NOT_NOW
