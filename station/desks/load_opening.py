"""A lane, a load's own code or a pickup: asked of the server in the background, and begun here where it is away."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import OtherLoad
from server.domain.errors import DomainError, Unavailable
from station.desks.load_book import LoadBook
from station.desks.loads import Loads
from station.desks.loads_begun import LoadsBegun
from station.jobs import Backoff, Worker
from station.link import Link
from station.uplink import Uplink
from station.views import Note
from station.workplace import Workplace

PATIENCE_SECONDS = 6.0
_log = logging.getLogger("packproof.station")
Request = wire.LoadRequest | wire.PickupRequest


class LoadOpening:
    """Fields are read and written with the workplace's lock held."""

    def __init__(
        self, place: Workplace, loads: Loads, begun: LoadsBegun, worker: Worker, *, uplink: Uplink, link: Link
    ) -> None:
        self._place, self._loads, self._begun = place, loads, begun
        self._worker, self._uplink, self._link = worker, uplink, link
        self.asked_for = ""
        """What the server is asked for right now, or empty."""
        self.wanted: wire.LoadRequest | None = None
        """A lane that has no load yet, or several: somebody must say which, or YES."""
        self.choose = False
        """It has several."""
        self.alone = False
        """The server did not answer: YES begins it here."""
        self.before: Callable[[], None] = lambda: None
        """Called on the worker before a load is asked for: one that left must not be joined. May raise Unavailable."""

    def forget(self) -> None:
        """Drop what was asked."""
        self.wanted, self.choose, self.alone = None, False, False

    def open(self, carrier: str, *, load_id: str = "", yes: bool = False, another: bool = False) -> None:
        """Open or rejoin a load, in the background: the lane's of a carrier, or the one with this id."""
        person = self._place.person
        person_id = person.person_id if person else 0
        self.ask(
            wire.LoadRequest(carrier=carrier, person_id=person_id, load_id=load_id, yes=yes, another=another),
            load_id or carrier,
        )

    def ask(self, request: Request, what: str) -> None:
        """In the background: a load, or that a driver took all of a lane."""
        self.forget()
        self.asked_for = what
        backoff, give_up = Backoff(), time.monotonic() + PATIENCE_SECONDS
        self._worker.do(lambda: self._open(request, backoff, give_up))

    def begin_alone(self, request: wire.LoadRequest) -> None:
        """Begin or join it by what is known here. Raises JournalFailed."""
        session, yard, here = str(uuid.uuid4()), self._loads.yard, self._loads.book
        if here is not None:
            yard.leave(here.load, here.as_of)
        known = self._known(request, several=self.choose) or self._new(request.carrier)
        name = self._begun.begin(known.carrier, session, known.load_id)
        book = LoadBook(yard.begun(replace(known, load_id=name)), session, as_of=yard.known.as_of if yard.known else 0)
        self._loads.adopt(book)

    def _known(self, request: wire.LoadRequest, *, several: bool) -> OtherLoad | None:
        """The load that its code names, or the only one of its lane."""
        yard = self._loads.yard
        if request.load_id:
            return yard.find(request.load_id)
        there = yard.loads(request.carrier)
        return there[0] if len(there) == 1 and not (several or request.another) else None

    def _new(self, carrier: str) -> OtherLoad:
        lanes = self._place.snapshot.lanes if self._place.snapshot else ()
        name = next((lane.name for lane in lanes if lane.carrier == carrier), carrier)
        return OtherLoad("", carrier, name, dock=self._place.bench)

    def _open(self, request: Request, backoff: Backoff, give_up: float) -> float | None:
        try:
            self._hand_in()
            self.before()
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
            self._away(request)
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

    def _refused(self, request: Request, error: DomainError) -> None:
        """No load of this lane yet, or several: a question. Anything else is said as it is."""
        asks = {Reason.NEED_CONFIRM.value: Note.NEW_LOAD, Reason.WHICH_LOAD.value: Note.WHICH_LOAD}
        if not isinstance(request, wire.LoadRequest) or error.code not in asks:
            reason = Reason(error.code) if error.code in set(Reason) else Reason.NOT_NOW
            self._loads.say(reason, error.code, error=error)
            return
        with self._place.changing():
            self.wanted, self.choose = request, error.code == Reason.WHICH_LOAD
        self._loads.say(Reason(error.code), asks[error.code], item=request.carrier)

    def _away(self, request: Request) -> None:
        """A load can begin with no network where its parcels are known: a question. Anything else waits."""
        yard = self._loads.yard
        with self._place.changing():
            load = request if isinstance(request, wire.LoadRequest) and yard.known is not None else None
            if load is not None and (not load.load_id or yard.find(load.load_id)):
                self.wanted, self.alone = load, True
                self.choose = not load.load_id and len(yard.loads(load.carrier)) > 1
        if self.alone:
            self._loads.say(Reason.NEED_CONFIRM, Note.BEGIN_ALONE)
        else:
            self._loads.say(Reason.NOT_NOW, Note.AWAY_LANE)

    def _opened(self, answer: wire.LoadAnswer | None) -> None:
        with self._place.changing():
            self.asked_for = ""
            if answer is not None:
                self.forget()
                self._loads.adopt(LoadBook(answer.load, str(uuid.uuid4()), as_of=answer.as_of))
