"""Closing a load at the server; without one, on this dock's own word, which is kept until the server has it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError, Unavailable
from station.desks.driver_paper import provisional
from station.desks.load_book import LoadBook
from station.desks.loads import Loads
from station.desks.loads_begun import LoadsBegun, Renamed
from station.jobs import Backoff, Worker
from station.journal import JournalFailed
from station.link import Link
from station.uplink import Uplink
from station.views import Note
from station.workplace import Workplace

_NOTE = "dock_closes"
PATIENCE_SECONDS = 6.0
REFUSED_SECONDS = 60.0
_log = logging.getLogger("packproof.station")


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A load that left on this dock's word, until the server has heard of it."""

    dock_session: str
    load_id: str
    request: wire.CloseRequest


class LoadCloses:
    """Call what has no underscore with the workplace's lock held, but for ``settle``."""

    def __init__(
        self, place: Workplace, loads: Loads, begun: LoadsBegun, worker: Worker, *, uplink: Uplink, link: Link
    ) -> None:
        self._place, self._loads, self._worker, self._uplink, self._link = place, loads, worker, uplink, link
        self.unsettled: tuple[Close, ...] = ()
        self.alone: wire.CloseRequest | None = None
        """The server did not answer: YES closes without it."""
        self.on_refused: Callable[[str], None] = lambda _code: None
        """Called with the lock held when the server did not close the load, with its code."""
        self._again: dict[str, float] = {}
        """When a close that the server refused is told again, by dock session."""
        self._begun = begun

    def restore(self) -> None:
        """Take up what the server has not heard of, and the load on the screen if it is one of them."""
        kept = self._place.journal.get(_NOTE)
        self.unsettled = wire.decode(kept, tuple[Close, ...]) if kept else ()
        book = self._loads.book
        alone = self.of(book) if book is not None else None
        if book is not None and alone is not None:
            self._loads.closed_here(book)
            self._print(book, alone)

    def of(self, book: LoadBook) -> wire.CloseRequest | None:
        """How this load left on the dock's own word, until the server has heard of it."""
        return next((each.request for each in self.unsettled if each.dock_session == book.dock_session), None)

    def close(self, book: LoadBook, request: wire.CloseRequest) -> None:
        """Freeze the manifest, in the background; every scan goes first."""
        self._loads.closing, self.alone = True, None
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._close(book, request, backoff, give_up))

    def close_alone(self, book: LoadBook, request: wire.CloseRequest) -> None:
        """The vehicle leaves with no server in sight; stamped with the time up to which cancels are known."""
        stamped = replace(request, closed_at=self._place.clock(), cancels_known_at=book.as_of)
        pending = (*self.unsettled, Close(dock_session=book.dock_session, load_id=book.load.load_id, request=stamped))
        self._keep(pending)
        self.alone = None
        self._loads.closed_here(book)
        self._print(book, stamped)

    def _print(self, book: LoadBook, request: wire.CloseRequest) -> None:
        """What the driver signs; asked for again after a restart it prints no second time."""
        if (site := self._place.snapshot) is not None:
            self._loads.papers.left_alone(provisional(book.load, site, request))

    def real(self, change: Renamed) -> None:
        """The server gave a load that began here its own id, or put what was scanned on one that follows it.

        Where that did not leave on this dock's word somebody here must say what became of it.
        """
        mine = change.dock_session
        if any(each.dock_session == mine for each in self.unsettled):
            self._keep(tuple(replace(x, load_id=change.new) if x.dock_session == mine else x for x in self.unsettled))
        elif change.left:
            facts = {"says": "dock_follows", "load": change.new}
            with self._place.changing():
                said = self._place.say(Reason.LOAD_CLOSED, Tone.STOP, item=change.old, facts=facts)
                self._place.sound(said)

    def tell(self, book: LoadBook, person_id: int, *, back: bool) -> None:
        """Others see that this load is being closed; nothing depends on it."""
        request = wire.ClosingRequest(person_id=person_id, back=back)

        def told() -> None:
            try:
                self._place.client.closing_load(book.load.load_id, request)
            except (DomainError, Unavailable) as error:
                _log.debug("others do not see that a load is being closed: %s", error)

        self._worker.do(told)

    def settle(self) -> None:
        """After every drain, and before a load is opened: what left alone is told, oldest first. Raises Unavailable.

        One that the server refuses waits a minute and holds up nothing: neither the others nor the dock.
        """
        for each in self.unsettled:
            if time.monotonic() < self._again.get(each.dock_session, 0.0):
                continue
            try:
                self._uplink.flush_dock(each.dock_session, each.load_id)
                load_id = self._begun.real(each.dock_session, each.load_id)
                with self._link.asking():
                    self._place.client.close_load(load_id, each.request)
            except DomainError as error:
                _log.error("the server refuses the close of %s: %s", each.load_id, error)
                self._again[each.dock_session] = time.monotonic() + REFUSED_SECONDS
                self._loads.say(Reason.NOT_NOW, Note.CLOSE_REFUSED, each.load_id, error)
                continue
            self._settled(each, load_id)

    def _settled(self, done: Close, load_id: str) -> None:
        with self._place.changing():
            # In this order a power cut between the two costs no paper: the close is told again.
            self._loads.papers.expect(load_id)
            self._keep(tuple(one for one in self.unsettled if one.dock_session != done.dock_session))
        self._again.pop(done.dock_session, None)
        self._loads.soon()

    def _keep(self, unsettled: tuple[Close, ...]) -> None:
        self._place.journal.put(_NOTE, wire.encode(unsettled) if unsettled else None)
        self.unsettled = unsettled

    def _close(self, book: LoadBook, request: wire.CloseRequest, backoff: Backoff, give_up: float) -> float | None:
        try:
            self._uplink.flush_dock(book.dock_session, book.load.load_id)
            with self._uplink.sending:
                load_id = self._begun.real(book.dock_session, book.load.load_id)
                with self._link.asking():
                    answer = self._place.client.close_load(load_id, request)
                self._loads.merge(book, answer)
        except DomainError as error:
            code = error.code
            self._not_closed(Reason(code) if code in set(Reason) else Reason.NOT_NOW, code, error)
        except Unavailable:
            if time.monotonic() < give_up:
                return backoff.pause()
            self._not_closed(Reason.NOT_NOW, Note.AWAY_CLOSE, alone=request)
        except JournalFailed:
            self._loads.closing = False
        else:
            self._loads.soon()
        return None

    def _not_closed(
        self,
        reason: Reason,
        detail: str,
        error: DomainError | None = None,
        alone: wire.CloseRequest | None = None,
    ) -> None:
        with self._place.changing():
            self._loads.closing, self.alone = False, alone
            if alone is None:
                self.on_refused(detail)
        self._loads.say(reason, detail, error=error)
