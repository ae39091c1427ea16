"""The light of the printer tells the truth, also while nothing prints."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from printing.printers import open_printer
from printing.printers.virtual import VirtualPrinter
from printing.spool import Pace, Spool
from station.print_jobs import PrintJobs
from station.views import Lamp, Light, State
from tests import builders
from tests.fakes import until

QUICK = Pace(0.01, 0.02, 0.01, 0.2, 0.02)
OUT = Lamp(Light.LOOK, State.NEEDS_HAND, words="out of labels")


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Callable[[VirtualPrinter], PrintJobs]]:
    with ExitStack() as opened:

        def make(printer: VirtualPrinter) -> PrintJobs:
            spool = Spool(tmp_path / "spool.db", open_printer(printer.spec), pace=QUICK)
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
