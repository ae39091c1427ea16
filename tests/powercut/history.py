"""One real shift at one bench, written down: what went to the disk, what was acknowledged, what the server had."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from server import wire
from server.domain.packing.order import PackOrder
from station import store
from station.desks import labels
from station.journal import Entry, Journal
from station.views import LabelStage, PackView, QueueView, StopView
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakeServer, until
from tests.powercut.vfs import OK, Disk, on

MISTAKES = (builders.MUG, "NONSENSE", "PPX-M", builders.CANDLE_CASE)
Key = tuple[str, int]
"""A session and the seq of an event in it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a file: write, truncate, sync, failed (a sync that did), delete; or to an event of the
    session ``name``, whose seq is ``offset``: begin, ack, server (which has all up to there)."""

    what: str
    name: str = ""
    offset: int = 0
    data: bytes = b""


class History(Disk):
    """The steps in the order in which they happened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.steps: list[Step] = []
        self.refuse: Callable[[str, str], int] = lambda _what, _name: OK
        """As ``fails``; a sync that fails loses what it should have kept."""

    def fails(self, what: str, name: str) -> int:
        """Refuse, and remember a sync that did not happen."""
        code = self.refuse(what, name)
        if code != OK and what == "sync":
            self.steps.append(Step("failed", name))
        return code

    def wrote(self, name: str, offset: int, data: bytes) -> None:
        """Keep a write."""
        self.steps.append(Step("write", name, offset, data))

    def truncated(self, name: str, size: int) -> None:
        """Keep a truncation."""
        self.steps.append(Step("truncate", name, size))

    def synced(self, name: str) -> None:
        """Keep a sync."""
        self.steps.append(Step("sync", name))

    def deleted(self, name: str) -> None:
        """Keep a removal."""
        self.steps.append(Step("delete", name))


def recorded(folder: Path, seed: int, boxes: int = 10) -> list[Step]:
    """A shift of so many orders: good scans and mistakes, parked boxes, boxes of the lease, a server that comes and
    goes, labels, a purge and a checkpoint now and then."""
    folder.mkdir()
    history, chance = History(folder), random.Random(seed)
    numbers = [str(3000 + n) for n in range(boxes)]
    server = FakeServer(orders(*numbers))
    server.leased = numbers[1::2]
    # Small, so that the log is checkpointed and begun anew several times.
    often, soon = mock.patch.object(store, "CHECKPOINT_EVERY", 8), mock.patch.object(labels, "PARK_SECONDS", 0.05)
    with on(history), watched(history, server), often, soon:
        with OneBench(folder, server).sign_in() as floor:
            until(lambda: len(floor.journal.leased()) == len(server.leased), "the lease")
            for number in numbers:
                _packed(floor, server, chance, number)
            server.away = False
            until(lambda: floor.journal.unsent == 0, "all to be sent")
        assert {step.name for step in history.steps if step.what == "sync"} >= {"journal.db", "journal.db-wal"}
    return history.steps


def _packed(floor: OneBench, server: FakeServer, chance: random.Random, number: str) -> None:
    """One order, up to its label or parked without one."""
    server.away = number in server.leased and chance.random() < 0.6
    if server.away:
        until(lambda: floor.bench._link.away, "the bench to notice")
    floor.scan(f"PPO-{number}")
    until(lambda: isinstance(floor.bench.view, PackView), "the order")
    for code in ALL_UNITS:
        if chance.random() < 0.5:
            floor.scan(chance.choice(MISTAKES))
            while isinstance(floor.bench.view, StopView):
                floor.scan("PPC-OK")
        if chance.random() < 0.2:
            floor.scan("PPC-PARK", f"PPO-{number}")
        floor.scan(code)
    if server.away:
        until(lambda: isinstance(floor.bench.view, QueueView), "the box to be staged")
    else:
        _labelled(floor, number)


def _labelled(floor: OneBench, number: str) -> None:
    """Its label is scanned, unless it came too late and the box was parked."""

    def settled() -> bool:
        view = floor.bench.view
        return isinstance(view, QueueView) or (isinstance(view, PackView) and view.stage is LabelStage.SCAN_LABEL)

    until(settled, "the label")
    if isinstance(floor.bench.view, PackView):
        floor.scan(f"TRK{number:0>8}")


@contextmanager
def watched(history: History, server: FakeServer) -> Iterator[None]:
    """Write down when an event is given to the journal, when it was acknowledged, and when the server had it."""
    append, claim, take = Journal.append, Journal.claim, server._events

    def key(session_id: str, event: wire.PackEvent) -> Step:
        return Step("begin", session_id, event.seq, wire.encode(event))

    def appended(self: Journal, session_id: str, event: wire.PackEvent, *rest: Any) -> None:
        history.steps.append(key(session_id, event))
        append(self, session_id, event, *rest)
        history.steps.append(Step("ack", session_id, event.seq))

    def claimed(self: Journal, session_id: str, order: PackOrder, at: float, entry: Entry) -> None:
        history.steps.append(key(session_id, entry.event))
        claim(self, session_id, order, at, entry)
        history.steps.append(Step("ack", session_id, entry.event.seq))

    def taken(held: Any, request: wire.EventsRequest) -> Any:
        answer = take(held, request)
        session_id = next(i for i, s in server.sessions.items() if s is held)
        history.steps.append(Step("server", session_id, len(held.events)))
        return answer

    patched = mock.patch.multiple(Journal, append=appended, claim=claimed)
    with patched, mock.patch.object(server, "_events", taken):
        yield
