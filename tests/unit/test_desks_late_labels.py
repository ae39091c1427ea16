"""No paper for three boxes: each late label waits for its own slip, and each comes out once."""

from functools import partial
from pathlib import Path

import pytest

from printing.printers import open_printer
from printing.printers.virtual import VirtualPrinter
from printing.spool import Pace
from server.domain.benchwork.reasons import Reason
from station.desks import labels
from station.views import LabelStage
from tests import bench_floor
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

NUMBERS = ("1043", "2000", "2001")


def test_the_late_label_of_a_box_put_aside_closes_it_also_with_what_its_carrier_prints_around_the_number(
    tmp_path: Path,
) -> None:
    with OneBench(tmp_path) as floor:
        floor.pack()
        floor.reach(LabelStage.SCAN_LABEL)
        floor.scan("PPC-PARK", f"42094107{tracking('1043')}")
        assert floor.reach_queue().just_closed == "1043"


def tracking(number: str) -> str:
    return f"TRK{number:0>8}"


def test_labels_of_three_boxes_parked_without_paper_come_out_each_with_its_slip_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.4)
    monkeypatch.setattr(bench_floor, "Pace", partial(Pace, ask_every=0.02))
    server = FakeServer(orders(*NUMBERS, "2002"))
    with VirtualPrinter(tmp_path / "labels") as printer:
        # The first label is torn by the end of the roll, the other two never leave.
        printer.reload(0)
        with OneBench(tmp_path, server, printer=open_printer(printer.spec)) as floor:  # type: ignore[arg-type]
            floor.sign_in()
            for number in NUMBERS:
                floor.open(number) if number == NUMBERS[0] else floor.scan(f"PPO-{number}")
                until(lambda: hasattr(floor.bench.view, "session"), "the order")
                floor.scan(*ALL_UNITS)
                floor.reach_queue()
            parked = {box.number: box.reason for box in floor.reach_queue().parked}
            assert parked == dict.fromkeys(NUMBERS, Reason.NO_PRINTER)
            assert floor._spool is not None
            waits = floor._spool.waiting
            until(lambda: [job.held for job in waits()] == [True] * 3, "the label to be taken out of the printer")
            printer.reload()
            floor.scan("PPO-2002")
            until(lambda: hasattr(floor.bench.view, "session"), "the order")
            floor.scan(*ALL_UNITS)
            floor.reach(LabelStage.SCAN_LABEL)
            floor.scan(tracking("2002"))
            for number in NUMBERS:
                floor.scan(f"PPO-{number}")
                floor.reach(LabelStage.SCAN_LABEL)
                floor.scan(tracking(number))
                assert floor.reach_queue().just_closed == number
            assert len(server.purchases) == len({*server.purchases}) == 4
        printed = [next(n for n in ("2002", *NUMBERS) if n.encode() in job) for job in printer.jobs]
        assert printed == ["2002", *NUMBERS]
        assert [b"1043" in piece for piece in printer.torn] == [True]
