"""A carrier is told once what leaves, and nothing is accepted before it says so (FLR-10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update

from printing.documents import CarrierLabel
from server import carriers, wire
from server.calls.troubles import Away, Refused, Trouble
from server.carriers import Account, Capabilities
from server.db import tables
from server.trade.shipping import HandedOver, Shipment
from server.usecases.loading import carrier_close
from server.usecases.shipping.accounts import Counter
from tests.floor import Bench, Dock, Floor, one_engine
from tests.ready_parcels import ready

PAPER = CarrierLabel("pdf", b"%PDF-1.7 the form")


@dataclass
class EndOfDay:
    """A carrier that answers a close with what was laid out for it, one after the other, and keeps what it heard."""

    answers: list[HandedOver | Trouble] = field(default_factory=list)
    heard: list[tuple[tuple[str, ...], str, str]] = field(default_factory=list)

    def manifest(self, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:
        """The next answer."""
        self.heard.append((tuple(s.tracking for s in shipments), key, reference))
        said = self.answers.pop(0)
        if isinstance(said, Trouble):
            raise said
        return said


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[EndOfDay]:
    """Every account wants to be told what leaves."""
    made, can = EndOfDay(), Capabilities(manifest=True)
    counter = Counter(Account("own-van", "Own van", "own_van"), can, made)  # type: ignore[arg-type]
    monkeypatch.setattr(carriers, "capabilities", lambda _account: can)
    monkeypatch.setattr(carrier_close, "counter_of", lambda _db, _code: counter)
    yield made
    assert made.answers == [], "answers that nobody asked for"


def left(floor: Floor, count: int = 2) -> tuple[Bench, str, list[str]]:
    """A load that was closed with so many parcels: its bench, its id and the tracking numbers."""
    bench = floor.bench("Dock 1")
    parcels = [ready(floor) for _ in range(count)]
    dock = Dock.at(bench)
    for parcel in parcels:
        dock.scan(parcel.tracking)
    closed = bench.close_load(dock.load.load_id, count)
    assert closed.carrier_close.state == "asking", "the carrier has not been asked yet"
    return bench, dock.load.load_id, [p.tracking for p in parcels]


def close_of(bench: Bench, load_id: str) -> wire.CarrierClose:
    """What the dock is shown."""
    return bench.ask("GET", f"/api/loads/{load_id}", wire.LoadAnswer).carrier_close


def due_now(floor: Floor) -> None:
    """As if the pause before the next question were over."""
    with floor.db.engine.begin() as connection:
        t = tables.load_close
        connection.execute(update(t).where(t.c.next_at.is_not(None)).values(next_at=floor.db.now() - 1.0))


@one_engine
def test_a_close_is_pending_until_the_carrier_takes_it_and_its_paper_is_kept(floor: Floor, office: EndOfDay) -> None:
    office.answers = [
        Away("no answer in 8 s"),
        HandedOver(state="pending", reference="SF1", text="being made"),
        HandedOver(state="closed", reference="SF1", paper=PAPER, left_out=("TRK0",)),
    ]
    bench, load_id, numbers = left(floor)
    seen = []
    for _ in range(3):
        due_now(floor)
        carrier_close.tick(floor.db)
        found = close_of(bench, load_id)
        seen.append((found.state, found.next_at is None))
        assert bench.call("GET", f"/api/loads/{load_id}/form").status_code == (200 if found.state == "closed" else 409)
    assert seen == [("asking", False), ("pending", False), ("closed", True)]
    assert [(key, reference) for _, key, reference in office.heard] == [(load_id, ""), (load_id, ""), (load_id, "SF1")]
    assert {told for told, _, _ in office.heard} == {tuple(numbers)}
    assert close_of(bench, load_id).left_out == ("TRK0",)
    [cause] = floor.incidents("carrier_close")
    assert "TRK0" in cause, "what it left out is on the vehicle, and somebody must ask"
    answer = bench.call("GET", f"/api/loads/{load_id}/form")
    assert (answer.content, answer.headers["content-type"]) == (PAPER.data, "application/pdf")
    due_now(floor)
    carrier_close.tick(floor.db)
    assert len(office.heard) == 3, "what is closed is not asked again"


@one_engine
def test_between_two_questions_there_is_a_pause_and_two_workers_ask_once(floor: Floor, office: EndOfDay) -> None:
    office.answers = [Away("no answer")]
    _, load_id, _ = left(floor, 1)
    for _ in range(3):
        carrier_close.tick(floor.db)
    assert [key for _, key, _ in office.heard] == [load_id]


@one_engine
def test_a_refused_close_is_shown_and_is_somebodys_task(floor: Floor, office: EndOfDay) -> None:
    office.answers = [Refused("TRK000000001 was scanned already")]
    bench, load_id, _ = left(floor, 1)
    carrier_close.tick(floor.db)
    assert (close_of(bench, load_id).state, floor.count("load_close")) == ("refused", 1)
    [cause] = floor.incidents("carrier_close")
    assert "scanned already" in cause


@one_engine
def test_a_label_that_is_void_by_then_is_left_out(floor: Floor, office: EndOfDay) -> None:
    office.answers = [HandedOver(state="closed", reference="SF1")]
    _, _, (kept, void) = left(floor)
    with floor.db.engine.begin() as connection:
        p = tables.parcel
        connection.execute(update(p).where(p.c.tracking == void).values(void_wanted_at=floor.db.now()))
    carrier_close.tick(floor.db)
    assert office.heard[0][0] == (kept,)


@one_engine
def test_a_carrier_that_wants_no_word_gets_none(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    dock = Dock.at(bench)
    dock.scan(ready(floor).tracking)
    assert bench.close_load(dock.load.load_id, 1).carrier_close.state == "none"
