"""One person at a dock station: scans by the station's own rules on what it holds, and does what the screen says."""

import random
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

from server import wire
from server.domain.benchwork.handoff import DockVerdict, Load, judge
from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import assumable
from server.domain.dock.judging import pallet_ids
from server.domain.dock.values import DockMode, LeftReason, OtherLoad
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Catalog
from server.reading import read
from server.usecases.loading.answers import Same, news_of_load, read_load
from server.usecases.loading.closing import close_load
from server.usecases.loading.dock import take_events
from server.usecases.loading.opening import open_load
from server.usecases.loading.yard import read_yard
from station.desks.closing import Answers, questions, to_pull
from station.desks.load_book import LoadBook
from station.desks.load_news import LoadNews
from station.desks.loads_begun import Renamed, renamed
from station.desks.yard import Known
from station.desks.yard import Yard as Knowledge
from station.journal import DockEntry
from station.workplace import Workplace
from tests.bench.dock.reach import Away, Reach
from tests.bench.dock.yard import DOCK, NEW, Box, Yard
from tests.floor import BOSS

ATTEMPTS = 60
BATCH = 200


@dataclass(slots=True)
class Shift:
    """One load at one station: the journal of its scans, and how far the server has them.

    ``begun`` asks for a load that began with no network, until the server has named it.
    """

    load_id: str
    first: Load
    dock_session: str = field(default_factory=lambda: str(uuid.uuid4()))
    log: list[DockEntry] = field(default_factory=list)
    sent: int = 0
    begun: wire.LoadRequest | None = None


@dataclass(slots=True)
class Loader:
    """``seen`` counts what happened; ``stale`` describes answers after which a dock had not what is true."""

    yard: Yard
    reach: Reach
    chance: random.Random
    bench_id: int
    person: int
    supervisor: int
    seen: Counter[str]
    online: bool = True
    book: LoadBook | None = None
    shifts: list[Shift] = field(default_factory=list)
    closes: list[tuple[Shift, wire.CloseRequest]] = field(default_factory=list)
    """Of loads that left on this person's word, until the server has heard of it."""
    follow: list[str] = field(default_factory=list)
    """Loads for what this person put into vehicles that others had closed: to be closed by somebody."""
    stale: list[str] = field(default_factory=list)
    news: LoadNews = field(default_factory=LoadNews)
    merged: Load | None = None
    left: str = ""
    """The load that this person saw closed last: its driver was waved off."""

    # --- the network --------------------------------------------------------------------------------------------

    def open(self, **said: Any) -> str:
        """Open or join a load, with patience; its id."""
        self.online = True
        request = wire.LoadRequest(person_id=self.person, **said)
        answer: wire.LoadAnswer = self._patiently(lambda db: open_load(db, BOSS, self.bench_id, request))
        self.shifts.append(Shift(answer.load.load_id, answer.load))
        self.book = LoadBook(answer.load, self.shifts[-1].dock_session, as_of=answer.as_of)
        self.news, self.merged = LoadNews(), None
        return answer.load.load_id

    def begin_alone(self, carrier: str, joined: str = "") -> str:
        """The network goes: a vehicle is loaded by what this dock knew last, under a name of its own; that name.

        Or another dock's load is ``joined`` so, where this one had heard of it; "" where it had not.
        """
        answer: wire.YardAnswer = self._patiently(lambda db: read_yard(db, self.bench_id, ""))
        knowledge = Knowledge(cast("Workplace", None))
        knowledge.known = Known(load=answer.load, as_of=answer.as_of)
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        which = knowledge.find(joined) if joined else OtherLoad(f"{NEW}{key[:8].upper()}", carrier, carrier)
        if which is None:
            return ""
        self.online, load = False, knowledge.begun(which)
        begun = wire.LoadRequest(
            carrier=which.carrier, person_id=self.person, load_id=joined, client_id=key, begun_at=self.yard.at
        )
        self.shifts.append(Shift(load.load_id, load, begun=begun))
        self.book = LoadBook(load, self.shifts[-1].dock_session, as_of=answer.as_of)
        self.news, self.merged = LoadNews(), None
        self.seen["joined_alone" if joined else "begun_alone"] += 1
        return load.load_id

    def _real(self, shift: Shift, begun: wire.LoadRequest) -> None:
        """The server names a load that began here."""
        answer = self.reach.ask(lambda db: open_load(db, BOSS, self.bench_id, begun))
        name, real = shift.load_id, answer.load.load_id
        shift.begun = None
        self._renamed(shift, Renamed(shift.dock_session, name, real))
        self.left = real if self.left == name else self.left
        if name != real:
            self.yard.is_called(name, real)

    def _renamed(self, shift: Shift, change: Renamed) -> None:
        shift.load_id, shift.first = change.new, renamed(shift.first, change)
        if self.book is not None and self.book.dock_session == shift.dock_session:
            self.book.load = renamed(self.book.load, change, self.book.unmerged)

    def _followed(self, shift: Shift, real: str) -> None:
        """The load had left without this dock: what was scanned since is on one that follows."""
        self.yard.follows[real] = shift.load_id
        if all(each is not shift for each, _ in self.closes):
            self.follow.append(real)
        self._renamed(shift, Renamed(shift.dock_session, shift.load_id, real, left=True))
        self.seen["followed"] += 1

    def close_following(self) -> None:
        """Somebody closes what follows loads that have left."""
        for load_id in tuple(dict.fromkeys(self.follow)):
            with suppress(DomainError):
                self.open(load_id=load_id)
                self.close()
                self.yard.leaves(load_id)
            self.follow = [each for each in self.follow if each != load_id]

    def drain(self) -> bool:
        """Send every scan, then every close made alone; whether all of it arrived."""
        if not self.online:
            return False
        try:
            for shift in self.shifts:
                self._send(shift)
            while self.closes:
                shift, request = self.closes[0]
                self.reach.ask(lambda db, i=shift.load_id, r=request: close_load(db, BOSS, self.bench_id, i, r))  # type: ignore[misc]
                del self.closes[0]
        except Away:
            return False
        self.shifts = self.shifts[-1:]
        return True

    def look(self) -> None:
        """What the station does every second; what must come off is pulled by most people."""
        book = self.book
        if not self.drain() or book is None:
            return
        try:
            seen = self.news.question()
            found = self.reach.ask(lambda db: news_of_load(db, self.bench_id, book.load.load_id, seen, changes=True))
        except Away:
            return
        if isinstance(found, Same):
            self.seen["same"] += 1
            self._really(book, "had changed and the version had not")
            book.as_of = max(book.as_of, found.as_of)
            return
        whole = self.news.completed(found)
        assert whole is not None, "an answer builds on what was asked about"
        self.news.took(whole)
        self.merged = whole.load
        self.seen["changes"] += bool(found.base)
        self._really(book, "was told by its changes, and is another")
        parcel, reason = book.merge(whole.load, frozenset())
        book.as_of = max(book.as_of, found.as_of)
        if found.load.closed:
            self.book, self.left = None, found.load.load_id
        elif parcel is not None and self.chance.random() < 0.7:
            self._come_off(parcel.parcel_id, parcel.tracking, reason)

    def _really(self, book: LoadBook, wrong: str) -> None:
        """What this dock believes is what somebody gets who asks for all of it; looked at half of the time."""
        if self.chance.random() < 0.5:
            return
        now = read_load(self.reach.db, self.bench_id, book.load.load_id).load
        if now != self.merged:
            self.stale.append(f"load {now.load_id} {wrong}")

    def _send(self, shift: Shift) -> None:
        if shift.begun is not None:
            self._real(shift, shift.begun)
        while shift.sent < len(shift.log):
            some = tuple(entry.event for entry in shift.log[shift.sent : shift.sent + BATCH])
            request = wire.DockEventsRequest(dock_session=shift.dock_session, events=some, picture=False)
            answer = self.reach.ask(lambda db, r=request: take_events(db, BOSS, self.bench_id, shift.load_id, r))  # type: ignore[misc]
            if answer.load.load_id != shift.load_id:
                self._followed(shift, answer.load.load_id)
            shift.sent = answer.accepted_through

    def _patiently(self, work: Any) -> Any:
        for _ in range(ATTEMPTS):
            try:
                return self.reach.ask(work)
            except Away:
                continue
        raise AssertionError("the server never answered")

    def restart(self) -> None:
        """The station dies and takes up its journal."""
        if self.book is not None:
            shift = self.shifts[-1]
            base = self.merged or shift.first
            book = LoadBook(replace(base, mode=DockMode.LOAD), shift.dock_session, as_of=self.book.as_of)
            book.replay(shift.log)
            self.book, self.news = book, LoadNews()
            self.seen["station_restarts"] += 1

    # --- scans --------------------------------------------------------------------------------------------------

    def scan(self, raw: str) -> DockVerdict:
        """Judge, journal, show. A latched stop is acknowledged first."""
        book = self.book
        assert book is not None
        if book.load.stop is not None and raw != "PPC-OK":
            self.scan("PPC-OK")
        scan = read(raw, Catalog(), at=self.yard.at)
        before, verdict = book.load, judge(book.load, scan)
        event = wire.DockEvent(
            seq=book.seq + 1,
            at=self.yard.at,
            person_id=self.person,
            raw=raw,
            reason=verdict.reason,
            mode=before.mode,
            parcels=pallet_ids(before, scan),
        )
        self.shifts[-1].log.append(DockEntry(event, scan))
        book.take(event, verdict, scan)
        self.seen["scans"] += 1
        self.yard.at += 1.0
        return verdict

    def put(self, box: Box) -> None:
        """Scan a box at the dock, and put it where the screen says."""
        verdict = self.scan(box.tracking)
        if verdict.reason in (Reason.OK, Reason.ALREADY_LOADED):
            box.place = verdict.load.load_id
        else:
            box.refused = verdict.load.load_id
            self.seen[f"refused_{verdict.reason.value}"] += 1

    def take_off(self, box: Box) -> None:
        """It is in somebody's hand now, whatever the screen says of it."""
        self.scan("PPC-UNLOAD")
        box.place = DOCK
        self.scan(box.tracking)

    def _come_off(self, parcel_id: str, code: str, reason: Reason) -> None:
        box = self.yard.find(parcel_id)
        if box is not None and self.book is not None and box.place == self.book.load.load_id:
            box.place = DOCK
            self.scan(code)
            self.seen[f"pulled_{reason.value}"] += 1

    # --- closing ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Until the vehicle leaves."""
        hurry = self.chance.random() < 0.15
        for _ in range(ATTEMPTS):
            self.yard.at += 2.0
            self.look()
            book = self.book
            if book is None:
                return
            if hurry:
                self._remaining(book)
            request = self._answered(hurry)
            if self._left(request):
                self.left, self.book = book.load.load_id, None
                return
        raise AssertionError("the load never closed")

    def _remaining(self, book: LoadBook) -> None:
        """Everything that stays is scanned; the rest is carried on board unseen, and settled by a supervisor."""
        missing = [box for p in book.load.missing if (box := self.yard.find(p.parcel_id)) and box.place == DOCK]
        if missing and not book.load.remaining:
            self.scan("PPC-REMAINING")
            for box in self.chance.sample(missing, max(1, len(missing) // 2)):
                self.scan(box.tracking)
            self.scan("PPC-OK")

    def _answered(self, hurry: bool) -> wire.CloseRequest:
        book, answers = self.book, Answers(0.0, hurry=hurry)
        assert book is not None
        while open_ones := questions(book.load, answers):
            if open_ones[0] is Reason.PULL_FIRST:
                answers = self._pull(book, answers)
            elif open_ones[0] is Reason.SET_ASIDE:
                answers = self._aside(book, answers)
            else:
                answers = replace(answers, left_reason=self.chance.choice(tuple(LeftReason)))
        unseen = self._carry_on(book) if hurry else 0
        if unseen:
            answers = replace(answers, assume=True, supervisor=self.supervisor)
        return wire.CloseRequest(
            person_id=self.person,
            loaded=len(book.load.loaded),
            left_reason=answers.left_reason,
            unreachable=answers.unreachable,
            assume=answers.assume,
            assumed=unseen,
            assumed_ids=tuple(p.parcel_id for p in assumable(book.load)) if unseen else (),
            waive_aside=answers.waive,
            supervisor=answers.supervisor,
            cancels_known_at=book.as_of,
        )

    def _carry_on(self, book: LoadBook) -> int:
        """What the supervisor says is on board, is: the number of boxes that were not scanned."""
        rest = [self.yard.find(p.parcel_id) for p in assumable(book.load)]
        if any(box is None or box.place not in (DOCK, book.load.load_id) for box in rest):
            return 0
        for box in rest:
            assert box is not None
            box.place = book.load.load_id
        return len(rest)

    def _pull(self, book: LoadBook, answers: Answers) -> Answers:
        on = to_pull(book.load, answers)
        assert on is not None
        box = self.yard.find(on.parcel_id)
        if box is not None and not box.gone and (box.place == DOCK or self.chance.random() < 0.5):
            box.place = DOCK
            self.scan(box.tracking)
            self.scan("PPC-OK")
            if to_pull(book.load, answers) != on:
                return answers
        return replace(answers, unreachable=(*answers.unreachable, on.parcel_id))

    def _aside(self, book: LoadBook, answers: Answers) -> Answers:
        numbers = {p.parcel_id: p.tracking for p in book.load.parcels}
        waive = self.chance.random() < 0.25
        for code in book.load.set_aside:
            box = self.yard.find(code)
            if box is not None and box.place == book.load.load_id:
                box.place = DOCK
            if not waive and code in numbers:
                self.scan("PPC-ASIDE-DONE")
                self.scan(numbers[code])
                self.scan("PPC-OK")
        return replace(answers, waive=True, supervisor=self.supervisor) if book.load.set_aside else answers

    def _left(self, request: wire.CloseRequest) -> bool:
        """Whether the vehicle is gone: closed by the server, or by this person alone where nothing answers."""
        book = self.book
        assert book is not None
        load_id = book.load.load_id
        if not self.online:
            alone = replace(request, closed_at=self.yard.at)
            self.closes.append((self.shifts[-1], alone))
            self.seen["closed_alone"] += 1
            return True
        if not self.drain():
            return False
        try:
            self.reach.ask(lambda db: close_load(db, BOSS, self.bench_id, load_id, request))
        except Away:
            return False
        except DomainError as error:
            self.seen[f"not_closed_{error.code}"] += 1
            return False
        return True
