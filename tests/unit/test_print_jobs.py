"""The light of the printer tells the truth, also while nothing prints."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from printing.documents import CarrierLabel
from printing.printers import open_printer
from printing.printers.virtual import VirtualPrinter
from printing.routes import BenchPrinter
from printing.spool import Pace, Spool
from server import wire
from server.domain.errors import Unavailable
from station.desks.forgetting import LOOK_SECONDS, Forgetting
from station.print_jobs import PrintJobs
from station.views import Lamp, Light, State
from tests import builders
from tests.fakes import until

QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.2, 0.02)
OUT = Lamp(Light.LOOK, State.NEEDS_HAND, words="out of labels")


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Callable[[VirtualPrinter], PrintJobs]]:
    with ExitStack() as opened:

        def make(printer: VirtualPrinter) -> PrintJobs:
            spool = Spool(tmp_path / "spool.db", {"printer": open_printer(printer.spec)}, pace=QUICK)
            opened.callback(spool.close)
            return PrintJobs(spool)

        yield make


Make = Callable[[VirtualPrinter], PrintJobs]


def test_a_printer_that_is_killed_while_nothing_prints_loses_its_light(printer: VirtualPrinter, jobs: Make) -> None:
    bench = jobs(printer)
    bench.start()
    assert bench.lamp() == Lamp(Light.OK, State.READY)
    printer.stop()
    until(lambda: bench.lamp().light is Light.LOOK, "the light")
    assert "cannot be reached" in bench.lamp().words
    printer.start()
    until(lambda: bench.lamp() == Lamp(Light.OK, State.READY), "the light")


def test_a_label_kept_back_does_not_hide_that_the_paper_is_out(printer: VirtualPrinter, jobs: Make) -> None:
    printer.paper_out = True
    bench = jobs(printer)
    bench.start()
    bench.print(builders.label("P-1", "TRK1", "1"))
    until(lambda: (job := bench.job("P-1")) is not None and job.detail, "the trouble")
    bench.hold("P-1")
    assert bench.lamp() == OUT
    printer.paper_out = False
    until(lambda: bench.lamp() == Lamp(Light.OK, State.KEPT_BACK, 1), "the light")
    assert printer.jobs == []


def test_before_the_printer_has_spoken_a_label_kept_back_tells_what_it_met(printer: VirtualPrinter, jobs: Make) -> None:
    printer.paper_out = True
    first = jobs(printer)
    first.start()
    first.print(builders.label("P-1", "TRK1", "1"))
    until(lambda: (job := first.job("P-1")) is not None and job.detail, "the trouble")
    first.hold("P-1")
    first.stop()
    assert jobs(printer).lamp() == OUT


def test_a_printer_set_to_tell_nothing_is_never_called_ready(tmp_path: Path, printer: VirtualPrinter) -> None:
    spool = Spool(tmp_path / "spool.db", {"printer": open_printer(f"{printer.spec}?status=off")}, pace=QUICK)
    bench = PrintJobs(spool)
    bench.start()
    until(lambda: bench.lamp() == Lamp(Light.OK, State.UNASKED), "the light")
    spool.close()


def test_of_several_printers_the_one_that_needs_a_hand_is_named(tmp_path: Path, printer: VirtualPrinter) -> None:
    with VirtualPrinter(tmp_path / "slips") as slips:
        slips.head_open = True
        own = [
            BenchPrinter("labels", f"{printer.spec}?dpi=300", ("label",)),
            BenchPrinter("slips", slips.spec, ("slip",)),
        ]
        spool = Spool(tmp_path / "spool.db", {p.name: open_printer(p.target) for p in own}, pace=QUICK)
        bench = PrintJobs(spool, own)
        bench.start()
        until(lambda: bench.lamp() == Lamp(Light.LOOK, State.NEEDS_HAND, words="slips: print head open"), "the light")
        bench.print(builders.label("P-1", "TRK1", "1"))
        until(lambda: len(printer.jobs) == 1, "the label")
        assert b"^PW1218" in printer.jobs[0] and slips.jobs == []
        with pytest.raises(ValueError, match="no printer of this bench is set up for manifest"):
            bench.document("manifest", "M-1", "", None)
        spool.close()


def test_a_bench_without_a_printer_for_labels_buys_none(tmp_path: Path, printer: VirtualPrinter) -> None:
    spool = Spool(tmp_path / "spool.db", {"slips": open_printer(printer.spec)}, pace=QUICK)
    assert not PrintJobs(spool, [BenchPrinter("slips", printer.spec, ("slip",))]).available
    spool.close()


def test_on_a_full_disk_the_light_says_so_until_a_label_can_be_kept_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels").mkdir()
    spool = Spool(tmp_path / "spool.db", {"p": open_printer(f"file:{tmp_path / 'labels'}")}, pace=QUICK)
    bench, label = PrintJobs(spool), builders.label("P-1", "TRK1", "1")

    def full(*_values: object) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    with closing(spool):
        with monkeypatch.context() as disk:
            disk.setattr(spool._store, "add", full)
            bench.print(label)
            assert bench.job("P-1") is None
            assert bench.lamp() == Lamp(Light.LOOK, State.SPOOL, words="database or disk is full")
        bench.print(label)
        assert bench.lamp().state is not State.SPOOL


def test_a_copy_is_drawn_anew_for_a_printer_of_another_language_and_only_then(
    tmp_path: Path, printer: VirtualPrinter
) -> None:
    office = tmp_path / "office"
    office.mkdir()
    label, pdf = builders.label("P-1", "TRK1", "1"), f"file:{office}?language=pdf"
    spool = Spool(tmp_path / "spool.db", {"zebra": open_printer(printer.spec), "a4": open_printer(pdf)}, pace=QUICK)
    bench = PrintJobs(spool, [BenchPrinter("zebra", printer.spec), BenchPrinter("a4", pdf)])
    with closing(spool):
        bench.start()
        bench.print(label)
        until(lambda: len(printer.jobs) == 1, "the label")
        bench.print_again(label.parcel_id, label)
        until(lambda: len(printer.jobs) == 2, "the copy")
        assert printer.jobs[0] == printer.jobs[1]
        printer.paper_out = True
        until(lambda: bench.lamp().light is Light.LOOK, "the light")
        bench.print_again(label.parcel_id, label)
        until(lambda: any(office.glob("0*")), "the copy in the office")
        assert next(office.glob("0*")).read_bytes().startswith(b"%PDF")


def test_what_waits_for_a_renamed_printer_comes_out_at_one_of_this_bench_that_can_read_it(
    tmp_path: Path, printer: VirtualPrinter
) -> None:
    printer.paper_out = True
    spool = Spool(tmp_path / "spool.db", {"old": open_printer(printer.spec)}, pace=QUICK)
    with closing(spool):
        PrintJobs(spool).print(builders.label("P-1", "TRK1", "1"))
    others = tmp_path / "others"
    others.mkdir()
    away, office = BenchPrinter("away", f"file:{others}", bench="Bench 9"), f"file:{others}?language=pdf"
    printers = [away, BenchPrinter("office", office), BenchPrinter("new", printer.spec)]
    spool = Spool(tmp_path / "spool.db", {p.name: open_printer(p.target) for p in printers}, pace=QUICK)
    printer.paper_out = False
    with closing(spool):
        PrintJobs(spool, printers).start()
        until(lambda: len(printer.jobs) == 1, "the label")
    assert list(others.iterdir()) == []


def test_what_cannot_be_drawn_is_told_and_stops_nothing(tmp_path: Path, printer: VirtualPrinter) -> None:
    spool = Spool(tmp_path / "spool.db", {"p": open_printer(printer.spec)}, pace=QUICK)
    label = replace(builders.label("P-1", "TRK1", "1"), ready=CarrierLabel("pdf", b"no pdf"))
    with closing(spool):
        bench = PrintJobs(spool, [BenchPrinter("p", printer.spec, ("label", "parking", "pull"))])
        refused: list[tuple[Callable[[], object], str]] = [
            (lambda: bench.parked("9" * 60, "why", "2026-03-04 14:32"), "parking: code: expected 1 to 40 characters"),
            (lambda: bench.pulled("1043", "Ä", ("why", "do"), "2026-03-04 14:32"), "pull: code: expected printable"),
            (lambda: bench.print_again(label.parcel_id, label), "label: the carrier's "),
        ]
        for act, words in refused:
            act()
            assert words in bench.lamp().words


def test_paper_of_an_erased_buyer_is_forgotten_once_and_paper_of_others_stays(
    printer: VirtualPrinter, jobs: Make
) -> None:
    bench, asked = jobs(printer), list[str]()

    class Server:
        def erased(self) -> wire.ErasedAnswer:
            asked.append("")
            if len(asked) == 1:
                raise Unavailable("away")
            return wire.ErasedAnswer(numbers=("1",))

    for number in ("1", "2"):
        bench.print(builders.label(f"P-{number}", f"TRK{number}", number))
    forgetting = Forgetting(SimpleNamespace(client=Server()), bench)  # type: ignore[arg-type]
    assert [forgetting.look() for _ in range(3)] == [LOOK_SECONDS] * 3
    assert (bench.keeps("P-1"), bench.keeps("P-2")) == (False, True)
    bench.start()
    until(lambda: len(printer.jobs) == 1, "the label of the other order")
    assert b"TRK2" in printer.jobs[0]
