"""What lies in the box beside its label comes out with it, once, and never while another order is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from printing.routes import BenchPrinter
from printing.samples import sample
from printing.spool import Pace, Spool
from server import wire
from station.desks import labels
from station.print_jobs import PAPERS, PrintJobs
from station.views import LabelStage, Light, State
from tests import builders, receipts
from tests.bench_floor import OneBench, orders
from tests.fakes import FakePrinter, FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.2)
WANTED = wire.Papers(slip=sample("slip"), return_slip=sample("return"))


@contextmanager
def bench_with(folder: Path, *printers: BenchPrinter) -> Iterator[tuple[PrintJobs, dict[str, FakePrinter]]]:
    """A started spool on fake printers of these names."""
    fakes = {printer.name: FakePrinter() for printer in printers}
    spool = Spool(folder / "spool.db", dict(fakes), pace=QUICK)
    jobs = PrintJobs(spool, printers, lambda: "Bench 1")
    jobs.start()
    yield jobs, fakes
    jobs.stop()
    spool.close()


def test_every_paper_of_the_wire_is_one_that_the_bench_keeps_back_with_its_label() -> None:
    every = wire.Papers(
        slip=sample("slip"),
        gift_slip=sample("gift-slip"),
        return_slip=sample("return"),
        box_contents=sample("box-contents"),
        box=sample("box"),
    )
    assert tuple(every.by_kind()) == PAPERS


def test_a_slip_comes_out_with_its_label_and_once(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    server.papers = WANTED
    with OneBench(tmp_path, server).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        until(lambda: len(floor.printer.jobs) == 3, "the papers")
        assert b"^FDPacking slip^FS" in floor.printer.jobs[1]
        assert b"^FDReturn slip^FS" in floor.printer.jobs[2]
        floor.scan("PPC-REPRINT")
        until(lambda: len(floor.printer.jobs) == 4, "the copy of the label")
        assert b"TRACKING NUMBER" in floor.printer.jobs[3]


def test_papers_of_a_parked_box_stay_back_until_it_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.3)
    server = FakeServer(orders("1043", "1044"))
    server.papers = WANTED
    printer = FakePrinter()
    printer.off = True
    with OneBench(tmp_path, server, printer=printer).pack("1043") as floor:
        floor.reach_queue()
        floor.scan("PPO-1044")
        printer.off = False
        until(lambda: floor.bench.status.printer.light is Light.OK, "the printer")
        assert floor.bench.status.printer.state is State.KEPT_BACK
        assert floor.bench.status.printer.number == 3
        assert printer.jobs == []
        floor.scan("PPC-PARK", "PPO-1043")
        until(lambda: len(printer.jobs) == 3, "the label and the papers")
        assert b"TRACKING NUMBER" in printer.jobs[0]


def test_a_slip_goes_to_the_printer_for_slips_in_its_language(tmp_path: Path) -> None:
    zebra, receipt = BenchPrinter("zebra", "file:/a"), BenchPrinter("till", "file:/b?language=escpos", ("slip",))
    with bench_with(tmp_path, zebra, receipt) as (jobs, fakes):
        jobs.print(sample("label"))
        jobs.papers("P-1", "1043", {"slip": sample("slip"), "box": sample("box")})
        until(lambda: len(fakes["zebra"].jobs) == 2 and len(fakes["till"].jobs) == 1, "the papers")
        assert receipts.read(fakes["till"].jobs[0]).codes == [("code128", "PPO-WEB-10482")]


def test_slips_have_the_width_of_the_roll_and_pages_the_size_of_the_sheets_in_their_printer(tmp_path: Path) -> None:
    narrow = BenchPrinter("narrow", "file:/b?language=escpos&columns=32", ("slip",))
    office = BenchPrinter("office", "file:/c?language=pdf&paper=letter", ("return",))
    with bench_with(tmp_path, narrow, office) as (jobs, fakes):
        jobs.papers("P-1", "1043", {"slip": sample("slip"), "return": sample("return")})
        until(lambda: len(fakes["narrow"].jobs) == len(fakes["office"].jobs) == 1, "the papers")
        assert max(receipts.read(fakes["narrow"].jobs[0]).widths) == 32
        with pypdfium2.PdfDocument(fakes["office"].jobs[0]) as sheets:
            assert sheets[0].get_size() == (612, 792)


def test_a_paper_that_no_printer_takes_is_told_and_the_others_come_out(tmp_path: Path) -> None:
    with bench_with(tmp_path, BenchPrinter("zebra", "file:/a", ("label", "box"))) as (jobs, fakes):
        jobs.papers("P-1", "1043", {"slip": sample("slip"), "box": sample("box")})
        until(lambda: len(fakes["zebra"].jobs) == 1, "the other paper")
        lamp = jobs.lamp()
        assert (lamp.light, lamp.words) == (Light.LOOK, "slip: no printer of this bench is set up for slip")


def test_a_labelled_box_that_was_cancelled_gets_a_slip_that_says_so(tmp_path: Path) -> None:
    till = BenchPrinter("till", "file:/b?language=escpos", ("pull",))
    with bench_with(tmp_path, BenchPrinter("zebra", "file:/a"), till) as (jobs, fakes):
        jobs.print(replace(sample("label"), order_number="1043"))
        jobs.erase("1043")
        jobs.pulled("1043", "TRK00001043", ("CANCELLED.", "Take its label off."), "2026-03-04 14:32")
        until(lambda: len(fakes["till"].jobs) == 1, "the slip")
        slip = receipts.read(fakes["till"].jobs[0])
        assert slip.codes == [("code128", "TRK00001043")]
        assert "CANCELLED." in slip.rows


def test_a_box_put_aside_gets_a_slip_only_where_a_printer_is_named_for_them(tmp_path: Path) -> None:
    with bench_with(tmp_path, BenchPrinter("zebra", "file:/a")) as (jobs, fakes):
        jobs.parked("1043", "NO PRINTER.", "2026-03-04 14:32")
        jobs.print(sample("label"))
        until(lambda: len(fakes["zebra"].jobs) == 1, "the label")
        assert b"PARKED" not in fakes["zebra"].jobs[0]
    till = BenchPrinter("till", "file:/b?language=escpos", ("parking",))
    (tmp_path / "two").mkdir()
    with bench_with(tmp_path / "two", BenchPrinter("zebra", "file:/a"), till) as (jobs, fakes):
        jobs.parked("1043", "NO PRINTER.", "2026-03-04 14:32")
        until(lambda: len(fakes["till"].jobs) == 1, "the slip")
        slip = receipts.read(fakes["till"].jobs[0])
        assert slip.codes == [("code128", "PPO-1043")]
        assert "PARKED" in slip.rows
