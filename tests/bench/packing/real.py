"""The real bench with its real journal, without threads: killed and restarted, its network cut, its answers lost."""

import random
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from scanners.reader import Scan as ReaderScan
from server import wire
from server.domain.errors import Unavailable
from server.domain.packing.order import PackOrder
from server.domain.packing.rules import opened
from server.domain.packing.session import Phase, Session
from server.domain.people import Role
from server.usecases.benchwork.judging import Batch, Known
from station.bench import Bench
from station.config import StationConfig
from station.desks.boxes import replayed
from station.journal import Journal, StoredSession
from station.scale import Load, Reading
from tests import builders
from tests.bench.packing.benches import BenchOfSim, Clock, Fault, Said
from tests.bench.packing.goods import BOXES, CATALOG, CODES, PRODUCTS
from tests.fakes import FakeServer

KILLED, CUT, MENDED, LOST, SENT = 0.02, 0.04, 0.2, 0.05, 0.4
"""How likely, at each scan: kill -9, the network goes, comes back, an answer is lost, what is unsent is sent."""
SUPERVISOR = 2
SESSION = "s"


class ScaleOfSim:
    """A scale that says what somebody put on it."""

    name = "scale"

    def __init__(self) -> None:
        self.reading: Reading | None = None

    def latest(self) -> Reading | None:
        """That."""
        return self.reading


class RealBench(BenchOfSim):
    """``station.bench.Bench`` in a folder. Dies as a process does: what it wrote is there, what it held is gone."""

    def __init__(self, order: PackOrder, chance: random.Random, folder: Path, *, scale: bool) -> None:
        self.clock = Clock()
        self._order, self._chance, self._folder = order, chance, folder
        self._scale = ScaleOfSim() if scale else None
        self._server, self._lives = _server(order), 0
        self._acked: list[int] = []
        self.kills = 0
        self._start()
        self._bench._place.keep(self._server.snapshot)
        self._bench.scan(self._code(builders.BADGE_ANA))
        answer = self._client.open_order(wire.OpenRequest(ref=order.number, session_id=SESSION, person_id=1))
        with self._bench._place.changing():
            self._bench._boxes.opened(answer)

    @property
    def session(self) -> Session:
        """As the bench holds it, or as its journal says of one that is over."""
        box = self._bench._boxes.find(SESSION)
        return box.session if box else replayed(self._stored).session

    def scan(self, text: str, *, bounce: bool = False, problem: str | None = None, typed: bool = False) -> Said | None:
        """The real thing, with the weather of a bad day around it."""
        self._weather()
        moment = self._chance.choice(("before", "after")) if self._chance.random() < KILLED else ""
        if moment == "before":
            self._kill()
            return None
        flash = self._bench.scan(replace(self._code(text), bounce=bounce, problem=problem, typed=typed))
        if moment == "after":
            self._kill()
            return None
        self._acknowledged()
        return Said(flash.reason, flash.tone)

    def weigh(self, grams: int) -> None:
        """The scale was empty, then the box stands on it."""
        assert self._scale is not None
        for lies in (0, grams, grams):
            self._scale.reading = Reading(lies, Load.OK, self.clock.now)
            self._bench._tick_once()
            self.clock.passes(0.5)
        self._scale.reading = None
        self._acknowledged()

    def supervise(self) -> None:
        """By badge."""
        self._site(builders.BADGE_BEN)

    def park(self) -> None:
        """By command."""
        self._site("PPC-PARK")

    def resume(self) -> None:
        """By slip."""
        self._site(f"PPO-{self._order.number}")

    def label(self) -> str:
        """From the server, if it can be reached."""
        with suppress(Unavailable):
            self._bench._uplink.flush(SESSION)
            if self.session.phase is Phase.CHECKED:
                self._bench._labels._answered(SESSION, self._client.buy_label(SESSION))
        self._acknowledged()
        self._weather()
        return self.session.tracking or ""

    def close(self) -> int:
        """The network is back. Bench, journal and server must tell the same story, every scan in it once."""
        self._server.away = False
        self._server.lose_answers.clear()
        self._bench._uplink.flush(SESSION)
        stored, there = self._stored, self._server.sessions[SESSION].events
        self._end()
        written = [entry.event for entry in stored.entries]
        if there != written:
            raise Fault(f"the server holds {len(there)} events, the journal {len(written)}, or they differ")
        self._judged(there, replayed(stored).session)
        shutil.rmtree(self._folder)
        held = {event.seq for event in there}
        return sum(seq not in held for seq in self._acked)

    def _judged(self, events: list[wire.PackEvent], ours: Session) -> None:
        """The server's own verdicts on all of it."""
        batch = Batch(opened(SESSION, self._order))
        bought = frozenset((e.parcel_id, e.tracking, e.box) for e in events if e.kind == "label")
        for event in events:
            batch.take(event, CATALOG, Known(bought, stopped=False, supervisors=frozenset({SUPERVISOR})))
        differs = [judged.differs for judged in batch.judged if judged.differs]
        if differs or batch.session != ours:
            raise Fault(f"bench and server disagree: {'; '.join(differs) or 'another session'}")

    def _weather(self) -> None:
        server, chance = self._server, self._chance
        if chance.random() < (MENDED if server.away else CUT):
            server.away = not server.away
        if chance.random() < LOST:
            server.lose_answers["events"] = 1
        if chance.random() < SENT:
            with suppress(Unavailable):
                self._bench._uplink.flush(SESSION)

    def _kill(self) -> None:
        """What a process leaves behind is what the kernel has of its files: they are copied as they are."""
        self.kills += 1
        before = self._folder / str(self._lives)
        self._lives += 1
        after = self._folder / str(self._lives)
        after.mkdir(parents=True)
        for name in ("journal.db", "journal.db-wal"):
            if (before / name).exists():
                shutil.copyfile(before / name, after / name)
        self._end()
        self._start()
        known = {entry.event.seq for entry in self._stored.entries}
        if not known >= set(self._acked):
            raise Fault("an acknowledged scan is not in the journal after a kill")

    def _start(self) -> None:
        folder = self._folder / str(self._lives)
        self._journal = Journal(folder / "journal.db")
        self._client = self._server.client()
        config = StationConfig(state_dir=folder, idle_minutes=0)
        self._bench = Bench(
            config=config,
            journal=self._journal,
            client=self._client,
            spool=None,
            scale=self._scale,
            clock=self.clock,
            synchronised=lambda: True,
        )
        self._bench.restore()

    def _end(self) -> None:
        self._journal.close()
        self._client.close()

    def _site(self, text: str) -> None:
        self._bench.scan(self._code(text))
        self._acknowledged()

    def _acknowledged(self) -> None:
        box = self._bench._boxes.find(SESSION)
        seq = box.seq if box else self._stored.entries[-1].event.seq
        self._acked += range(self._acked[-1] + 1 if self._acked else 1, seq + 1)

    def _code(self, text: str) -> ReaderScan:
        return ReaderScan(text, "sim", self.clock.now, self.clock.now)

    @property
    def _stored(self) -> StoredSession:
        return next(s for s in self._journal.sessions() if s.session_id == SESSION)


def _server(order: PackOrder) -> FakeServer:
    server = FakeServer([order])
    people = tuple(
        replace(p, roles=(*p.roles, Role.FORCE_VERIFY)) if p.name == "Ana" else p for p in server.snapshot.people
    )
    server.snapshot = replace(server.snapshot, products=PRODUCTS, codes=CODES, boxes=BOXES, people=people)
    server.catalog = CATALOG
    return server
