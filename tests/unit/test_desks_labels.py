"""After the last unit: one purchased label, on paper, scanned back, whatever is pressed or broken."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from printing.printers import PrinterStatus
from printing.printers.troubles import Trouble
from printing.spool import Pace
from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from station.desks import labels
from station.views import Bought, LabelStage, Light, Note, PackView, StopView
from station.wording import say
from tests import bench_floor, builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakePrinter, FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

LABEL = "TRK00001043"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The five seconds are half a second."""
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.5)


def off() -> FakePrinter:
    printer = FakePrinter()
    printer.off = True
    return printer


class RunsDry(FakePrinter):
    """Its paper ends under the next label; that waits inside until ``refill``."""

    def __init__(self) -> None:
        super().__init__()
        self._inside: list[bytes] = []

    def send(self, data: bytes) -> None:
        self._inside.append(data)

    def status(self) -> PrinterStatus:
        inside = len(self._inside)
        return PrinterStatus("attention", "out of labels", inside) if inside else PrinterStatus("ready", "", 0)

    def refill(self) -> None:
        self.jobs += self._inside
        self._inside = []


@pytest.fixture
def caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OneBench]:
    """A box parked while its label is inside a printer without paper."""
    monkeypatch.setattr(bench_floor, "Pace", partial(Pace, ask_every=0.02))
    monkeypatch.setattr(labels, "PARK_SECONDS", 1000.0)
    with OneBench(tmp_path, printer=RunsDry()).pack() as floor:
        until(lambda: job_of(floor) == ("sent", "out of labels"), "the end of the paper")
        floor.scan("PPC-PARK")
        floor.reach_queue()
        yield floor


def job_of(floor: OneBench) -> tuple[str, str]:
    """The state of the label's print job, and what it says."""
    assert floor._spool is not None
    job = floor._spool.job("P-1043")
    return (job.state, job.detail) if job else ("", "")


def test_a_box_whose_label_is_caught_in_the_printer_asks_the_packer_to_look(caught: OneBench) -> None:
    caught.scan("PPO-1043")
    caught.reach(LabelStage.SCAN_LABEL)
    assert caught.pack_view.stage_detail is Note.UNCERTAIN
    caught.scan(LABEL)
    assert caught.reach_queue().just_closed == "1043"


def test_a_label_that_comes_out_after_the_refill_is_only_to_be_scanned(caught: OneBench) -> None:
    assert isinstance(caught.printer, RunsDry)
    caught.scan("PPO-1043")
    caught.reach(LabelStage.SCAN_LABEL)
    caught.printer.refill()
    until(lambda: caught.pack_view.stage_detail == "", "the printed label")
    assert caught.pack_view.stage is LabelStage.SCAN_LABEL
    assert len(caught.printer.jobs) == 1


def test_a_label_that_came_out_while_its_box_was_parked_is_only_to_be_scanned(caught: OneBench) -> None:
    assert isinstance(caught.printer, RunsDry)
    until(lambda: caught.bench.status.printer.words == "out of labels", "the light")
    caught.printer.refill()
    until(lambda: caught.bench.status.printer.light is Light.OK, "the light")
    until(lambda: job_of(caught) == ("printed", ""), "the label")
    caught.scan("PPO-1043")
    caught.reach(LabelStage.SCAN_LABEL)
    assert caught.pack_view.stage_detail == ""


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_of_a_printer_says_what_to_do_about_it(trouble: str) -> None:
    says = say.stage(LabelStage.PRINTING, trouble)
    assert says not in (say.stage(LabelStage.PRINTING), say.PRINTER_NEEDS[""])
    assert says.do.endswith(".") and len(says.do) <= 90 and len(says.title) <= 30


@pytest.mark.parametrize(
    ("detail", "word"),
    [
        ("", "PRINTING"),
        ("out of labels", "LOAD LABELS"),
        ("tcp:10.0.0.9:9100 cannot be reached: Connection refused", "PRINTER OFF"),
        ("print head open, out of ribbon", "CLOSE THE HEAD"),
        ("no longer answers: check labels, ribbon and print head", "CHECK PRINTER"),
    ],
)
def test_while_nothing_prints_nobody_is_told_to_take_the_label(detail: str, word: str) -> None:
    says = say.stage(LabelStage.PRINTING, detail)
    assert says.word == word
    assert ("label" in says.do and "stick" in says.do) == (not detail)


def test_the_scans_reach_the_server_before_the_label_is_asked_for(tmp_path: Path) -> None:
    with OneBench(tmp_path).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        asked = floor.server.paths.index(f"sessions/{floor.pack_view.session.session_id}/label")
        assert any(path.endswith("/events") for path in floor.server.paths[:asked])
        assert floor.pack_view.bought is Bought.BOUGHT


def test_a_lost_answer_to_the_purchase_is_checked_and_buys_once(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        floor.server.lose_answers["/label"] = 1
        seen: list[Bought] = []
        floor.open()
        floor.bench.on_change = lambda: (
            seen.append(floor.bench.view.bought) if isinstance(floor.bench.view, PackView) else None
        )
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.SCAN_LABEL)
        assert Bought.CHECKING in seen
        assert floor.server.purchases == [floor.pack_view.session.session_id]
        assert len(floor.printer.jobs) == 1


def test_a_refused_label_says_that_nothing_was_bought_and_can_be_tried_again(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.server.refuse["/label"] = wire.Problem(code="bad_address", detail="No such postcode", status=422)
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.FAILED)
        assert (floor.pack_view.bought, floor.pack_view.stage_detail) == (Bought.NOT_BOUGHT, "No such postcode")
        floor.server.refuse.clear()
        floor.scan("PPC-YES")
        floor.reach(LabelStage.SCAN_LABEL)


def test_an_order_cancelled_at_the_purchase_stops_the_bench(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.server.refuse["/label"] = wire.Problem(code="cancelled", detail="by the buyer", status=409)
        floor.scan(*ALL_UNITS)
        until(lambda: isinstance(floor.bench.view, StopView))
        assert floor.tones == [Tone.STOP]


@pytest.mark.usefixtures("quick")
def test_a_label_not_printed_in_time_parks_the_box_and_comes_out_only_when_it_is_resumed(tmp_path: Path) -> None:
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server, printer=off()).pack() as floor:
        queue = floor.reach_queue()
        assert [(box.number, box.reason) for box in queue.parked] == [("1043", Reason.NO_PRINTER)]
        assert queue.flash is not None
        assert (queue.flash.detail, queue.flash.words) == (Note.PARKED_LATE, "it is switched off")
        floor.printer.off = False
        floor.open("2000")
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.printer.jobs) == 1
        assert b"2000" in floor.printer.jobs[0]
        floor.scan("TRK00002000", "PPO-1043")
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.printer.jobs) == 2
        floor.scan(LABEL)
        assert floor.reach_queue().just_closed == "1043"
        assert len(server.purchases) == 2


@pytest.mark.usefixtures("quick")
def test_a_purchase_that_takes_too_long_parks_the_box_and_is_taken_up_later(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "2000"))) as floor:
        floor.server.hold.clear()
        floor.pack()
        assert [box.reason for box in floor.reach_queue().parked] == [Reason.NOT_READY]
        floor.open("2000")
        floor.server.hold.set()
        floor.scan("PPC-PARK", "PPO-1043")
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.server.purchases) == 1
        assert len(floor.printer.jobs) == 1


@pytest.mark.usefixtures("quick")
def test_a_late_label_scanned_at_the_queue_closes_its_parked_box(tmp_path: Path) -> None:
    with OneBench(tmp_path, printer=off()).pack() as floor:
        floor.reach_queue()
        assert floor.scan(LABEL).tone is Tone.BOX_DONE
        assert floor.reach_queue().just_closed == "1043"


def test_reprint_prints_the_bought_label_again_and_is_counted(tmp_path: Path) -> None:
    with OneBench(tmp_path).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        floor.scan("PPC-REPRINT")
        until(lambda: len(floor.printer.jobs) == 2)
        assert floor.printer.jobs[0] == floor.printer.jobs[1]
        until(lambda: floor.server.reprints == ["P-1043"], "the count")
        assert len(floor.server.purchases) == 1


def test_without_the_server_a_label_is_reprinted_from_what_the_bench_keeps_and_counted_later(tmp_path: Path) -> None:
    server, again = FakeServer([builders.order()]), FakePrinter()
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        [first] = floor.printer.jobs
        server.away = True
    with OneBench(tmp_path, server, printer=again) as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.scan("PPC-REPRINT").detail == Note.REPRINT
        until(lambda: again.jobs == [first], "the copy")
        assert (server.reprints, len(server.purchases)) == ([], 1)
        server.away = False
        until(lambda: server.reprints == ["P-1043"], "the count")
        floor.scan(LABEL)
        assert floor.reach_queue().just_closed == "1043"
    assert [event.kind for event in server.log("1043")].count("reprint") == len(server.purchases) == 1


def test_a_label_the_bench_keeps_no_more_is_reprinted_by_the_server_or_said_not_to_be(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor._spool is not None
        floor._spool._store._db.execute("UPDATE jobs SET data = NULL")
    with OneBench(tmp_path, server) as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        server.away = True
        floor.scan("PPC-REPRINT")
        until(lambda: floor.pack_view.flash and floor.pack_view.flash.detail == Note.NOT_REPRINTED, "the refusal")
        server.away = False
        floor.scan("PPC-REPRINT")
        until(lambda: floor.printer.jobs, "the copy")
        assert server.reprints == ["P-1043"]
    assert "reprint" not in {event.kind for event in server.log("1043")}, "what the server gave it counts itself"


def test_reprint_before_there_is_a_label_does_nothing(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        assert floor.scan("PPC-REPRINT").reason is Reason.NOT_NOW
        assert floor.server.purchases == []


def test_another_boxes_label_stops_this_box(tmp_path: Path) -> None:
    with OneBench(tmp_path).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.scan("TRK00009999").reason is Reason.WRONG_LABEL
        assert isinstance(floor.bench.view, StopView)


def test_after_a_restart_in_the_middle_of_the_purchase_it_is_not_bought_again(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server) as floor:
        server.lose_answers["/label"] = 1000
        floor.pack()
        until(lambda: server.purchases)
    server.lose_answers.clear()
    server.hold.clear()
    with OneBench(tmp_path, server) as floor:
        assert floor.pack_view.bought is Bought.CHECKING
        server.hold.set()
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(server.purchases) == 1
        assert len(floor.printer.jobs) == 1


def test_a_label_cut_off_by_a_crash_is_asked_about_and_not_printed_twice(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor._spool is not None
        floor._spool._store._db.execute("UPDATE jobs SET state = 'sending'")
    with OneBench(tmp_path, server) as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.pack_view.stage_detail == "uncertain"
        assert floor.printer.jobs == []
        floor.scan("PPC-REPRINT")
        until(lambda: len(floor.printer.jobs) == 1)
        floor.scan(LABEL)
        assert floor.reach_queue().just_closed == "1043"


def test_a_box_cancelled_after_its_label_names_the_label_that_must_go(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        session_id = floor.pack_view.session.session_id
        server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED, detail="by the buyer")]
        until(lambda: isinstance(floor.bench.view, StopView))
        floor.scan(LABEL)
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.detail, view.words, view.ends) == (LABEL, "by the buyer", True)
    with OneBench(tmp_path, server) as floor:
        until(lambda: isinstance(floor.bench.view, StopView) and floor.bench.view.words, "the reason after a restart")
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.detail, view.words) == (LABEL, "by the buyer")


@pytest.mark.usefixtures("quick")
def test_a_parked_box_cancelled_after_its_label_is_pulled_with_its_label(tmp_path: Path) -> None:
    with OneBench(tmp_path, printer=off()).pack() as floor:
        floor.reach(LabelStage.PRINTING)
        session_id = floor.pack_view.session.session_id
        floor.reach_queue()
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED)]
        until(lambda: [box.reason for box in floor.reach_queue().parked] == [Reason.CANCELLED])
        flash = floor.reach_queue().flash
        assert flash is not None
        assert flash.detail == Note.PULL_LABEL


def test_a_stopped_orders_label_never_comes_out(tmp_path: Path) -> None:
    with OneBench(tmp_path, printer=off()).pack() as floor:
        floor.reach(LabelStage.PRINTING)
        session_id = floor.pack_view.session.session_id
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.ON_HOLD)]
        until(lambda: isinstance(floor.bench.view, StopView))
        assert floor._spool is not None
        assert floor._spool.waiting() == ()


def test_a_bench_forgets_the_paper_of_orders_whose_buyers_were_erased(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
    server.erased = wire.ErasedAnswer(numbers=("1043",))
    with OneBench(tmp_path, server) as floor:
        spool = floor._spool
        assert spool is not None
        until(lambda: not spool.keeps("P-1043"), "the label to be forgotten")
