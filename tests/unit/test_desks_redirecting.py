"""The printer broke: a scan sends the paper to the next one, whose it is stands on it, and the screen says where."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from printing.printers import open_printer
from printing.printers.virtual import VirtualPrinter
from printing.routes import BenchPrinter
from printing.spool import Job, Pace, Spool
from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from station.bench import Bench
from station.config import StationConfig, parse
from station.screens.picture import picture
from station.views import LabelStage, Lamp, Light, Note, PackView, State
from station.widgets.sheet import Sheet
from station.widgets.status import status
from station.wording import speak
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until
from tests.scenes import NOW, SIZES, STATUS, VIEWS

pytestmark = pytest.mark.usefixtures("quick_bench")

TOML = """
[[printer]]
name = "labels"
target = "{own}"
kinds = ["label"]
redirect = ["bench 3"]
[[printer]]
name = "bench 3"
target = "{other}"
bench = "Bench 3"
"""


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@dataclass
class Two:
    """A bench whose printers are told in a station.toml: its own, and the one of Bench 3."""

    floor: OneBench
    own: VirtualPrinter
    other: VirtualPrinter
    clock: Clock

    def press(self) -> None:
        """PRINTER, later than a second after the last one."""
        self.clock.now += 2
        self.flash = self.floor.scan("PPC-PRINTER")


def bench_of(folder: Path, printers: tuple[BenchPrinter, ...], clock: Clock, opened: ExitStack) -> OneBench:
    floor = OneBench(folder, FakeServer(orders("1043", "2000")), spool=False, clock=clock)

    def told(job: Job) -> None:
        floor.bench.note_job(job)

    spool = Spool(folder / "spool.db", {p.name: open_printer(p.target) for p in printers}, told, pace=QUICK)
    opened.callback(spool.close)
    floor.bench = Bench(
        config=StationConfig(state_dir=folder, printers=printers, idle_minutes=0),
        journal=floor.journal,
        client=floor._client,
        spool=spool,
        clock=clock,
    )
    return opened.enter_context(floor)


QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.3, 0.02)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with ExitStack() as opened:
        own, other = (opened.enter_context(VirtualPrinter(tmp_path / name)) for name in ("own", "other"))
        config = parse(TOML.format(own=own.spec, other=other.spec))
        clock = Clock()
        yield Two(bench_of(tmp_path, config.printers, clock, opened), own, other, clock)


def test_a_waiting_label_comes_out_at_the_other_bench_and_a_slip_before_it_says_whose_it_is(two: Two) -> None:
    two.own.paper_out = True
    two.floor.pack()
    until(lambda: two.floor.pack_view.stage_detail == "out of labels", "the trouble")
    assert two.floor.bench.status.printer.words == "labels: out of labels"
    assert two.floor.bench._beat().printer == "labels: out of labels: load labels or paper"
    two.press()
    assert (two.flash.reason, two.flash.tone, two.flash.item) == (Reason.OK, Tone.LOOK, "Bench 3")
    assert two.flash.detail is Note.REDIRECTED
    two.floor.reach(LabelStage.SCAN_LABEL)
    until(lambda: len(two.other.jobs) == 2, "slip and label")
    slip, label = two.other.jobs
    assert b"FOR Bench 1" in slip and b"1043" in slip and b"TRK" not in slip
    assert b"TRK" in label and b"Bench" not in label
    assert two.floor.pack_view.fetch_at == "Bench 3"
    until(lambda: two.floor.bench.status.printer == Lamp(Light.LOOK, State.REDIRECTED, words="Bench 3"), "the light")
    assert two.floor.bench._beat().printer == "prints at Bench 3"
    two.floor.scan("TRK00001043")
    assert two.floor.reach_queue().just_closed == "1043"
    two.own.paper_out = False
    assert two.own.jobs == []


def test_scanned_again_paper_comes_home_and_what_waits_at_the_neighbours_too(two: Two) -> None:
    two.floor.sign_in()
    two.press()
    two.other.paused = True
    two.floor.pack()
    until(lambda: two.floor.pack_view.stage_detail == "paused", "the trouble")
    two.press()
    assert (two.flash.detail, two.flash.item) == (Note.PRINTS_HERE, "labels")
    two.floor.reach(LabelStage.SCAN_LABEL)
    until(lambda: len(two.own.jobs) == 1, "the label")
    assert two.floor.pack_view.fetch_at == ""
    two.other.paused = False
    assert b"FOR Bench" not in two.own.jobs[0] and two.other.jobs == []


def test_a_label_caught_at_the_neighbours_comes_home_and_never_comes_out_there(two: Two) -> None:
    two.floor.sign_in()
    two.press()
    # The slip comes out, and the paper ends in the label behind it.
    two.other.reload(1)
    two.floor.pack()
    until(lambda: two.floor.pack_view.stage_detail == "out of labels", "the trouble")
    two.press()
    two.floor.reach(LabelStage.SCAN_LABEL)
    until(lambda: len(two.own.jobs) == 1, "the label")
    assert two.floor.pack_view.fetch_at == ""
    two.other.reload()
    two.floor.scan("TRK00001043")
    assert two.floor.reach_queue().just_closed == "1043"
    assert b"FOR Bench 1" in two.other.jobs[0] and len(two.other.jobs) == 1 and not two.other.inside


def test_a_label_the_neighbours_printer_does_not_give_back_comes_out_there_and_not_here_too(two: Two) -> None:
    two.floor.sign_in()
    two.press()
    two.other.reload(0)
    two.floor.pack()
    until(lambda: two.floor.pack_view.stage_detail == "out of labels", "the trouble")
    two.press()
    assert two.flash.detail is Note.PRINTS_HERE
    two.other.reload()
    two.floor.reach(LabelStage.SCAN_LABEL)
    assert two.floor.pack_view.fetch_at == "Bench 3"
    two.floor.scan("TRK00001043")
    assert two.floor.reach_queue().just_closed == "1043"
    assert (len(two.other.jobs), two.own.jobs) == (2, [])


def test_a_supervisor_sends_a_kind_of_paper_elsewhere_and_all_of_it_home_from_afar(two: Two) -> None:
    server = two.floor.server
    two.own.paper_out = True
    two.floor.pack()
    until(lambda: two.floor.pack_view.stage_detail == "out of labels", "the trouble")
    server.paper = (wire.PaperOrder(order_id="a", kind="label", to="bench 3"),)
    two.floor.reach(LabelStage.SCAN_LABEL)
    until(lambda: len(two.other.jobs) == 2, "slip and label")
    assert b"FOR Bench 1" in two.other.jobs[0]
    until(lambda: server.beats[-1].paper_done == ("a",), "the word that it is done")
    told = server.beats[-1]
    assert [(p.name, p.redirect, p.sent) for p in told.printers] == [("labels", ("bench 3",), {"label": "bench 3"})]
    assert told.paper_elsewhere == (wire.PaperFor(bench="Bench 3", order_number="1043"),)
    # Not once more, though the server has not heard yet that it is done: what is scanned here now counts.
    two.press()
    server.paper += (wire.PaperOrder(order_id="no printer for it", kind="slip"),)
    until(lambda: len(server.beats[-1].paper_done) > 1, "the word that it was heard")
    assert server.beats[-1].printers[0].sent == {"": "bench 3"}
    server.paper = (wire.PaperOrder(order_id="b"),)
    until(lambda: server.beats[-1].paper_done == ("b",), "the word that it is done")
    assert server.beats[-1].printers[0].sent == {}
    two.floor.scan("TRK00001043")
    until(lambda: server.beats[-1].paper_elsewhere == (), "the label is on its box")


def test_at_the_bench_where_it_comes_out_the_screen_says_whose_it_is(two: Two) -> None:
    two.floor.sign_in()
    until(lambda: two.floor.bench.status.printer == Lamp(Light.OK, State.READY), "the light")
    two.floor.server.guests = (wire.PaperFor(bench="Bench 7", order_number="1043"),)
    lamp = Lamp(Light.LOOK, State.PRINTS_FOR, words="Bench 7, 1043")
    until(lambda: two.floor.bench.status.printer == lamp, "the light")
    for language, words in (("en", "printer prints for Bench 7, 1043"), ("de", "druckt für Bench 7, 1043")):
        speak(language)
        try:
            row = status(replace(sheet(80, 24), status=two.floor.bench.status))[0]
            assert words in row.text
        finally:
            speak("en")
    two.floor.server.guests = ()
    until(lambda: two.floor.bench.status.printer == Lamp(Light.OK, State.READY), "the light")


def test_a_reprint_goes_where_labels_print_now_with_its_own_slip(two: Two) -> None:
    two.floor.pack()
    two.floor.reach(LabelStage.SCAN_LABEL)
    two.press()
    two.floor.scan("PPC-REPRINT")
    until(lambda: len(two.other.jobs) == 2, "slip and label")
    assert two.other.jobs[1] == two.own.jobs[0]
    assert two.floor.server.purchases == [two.floor.pack_view.session.session_id]


def test_two_scans_in_one_second_are_one(two: Two) -> None:
    two.floor.sign_in()
    two.press()
    assert two.floor.scan("PPC-PRINTER").reason is Reason.REPEAT
    until(lambda: two.floor.bench.status.printer.state is State.REDIRECTED, "the light")


def test_a_redirect_outlives_the_bench_and_one_to_a_printer_that_is_gone_does_not(tmp_path: Path, two: Two) -> None:
    two.floor.sign_in()
    two.press()
    spool = Spool(tmp_path / "spool.db", {"labels": open_printer("file:/"), "bench 3": open_printer("file:/")})
    assert spool.redirects() == {("labels", ""): "bench 3"}
    spool.close()
    spool = Spool(tmp_path / "spool.db", {"labels": open_printer("file:/")})
    assert spool.redirects() == {}
    spool.close()


def test_where_no_other_printer_is_set_up_the_lead_is_called(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        floor.sign_in()
        flash = floor.scan("PPC-PRINTER")
        assert (flash.reason, flash.detail) == (Reason.NOT_NOW, Note.NO_OTHER_PRINTER)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "prints at Bench 3: fetch it there"), ("de", "kommt bei Bench 3")]
)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_screen_says_where_to_fetch_it(language: str, words: str, width: int, height: int) -> None:
    printing = VIEWS["scan-label"]
    assert isinstance(printing, PackView)
    speak(language)
    try:
        seen = "\n".join(row.text for row in picture(replace(printing, fetch_at="Bench 3"), sheet(width, height)))
        assert words in seen
        assert words not in "\n".join(row.text for row in picture(printing, sheet(width, height)))
    finally:
        speak("en")


def sheet(width: int, height: int) -> Sheet:
    return Sheet(width, height, NOW, STATUS)
