"""A real bench against the real server, on both engines: what one says, the other understands."""

from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Reason
from server.usecases.sales.cancel import cancel_order
from station.views import DockLobbyView, DockView, LabelStage, LoadSummaryView, Note, PackView, StopView
from tests.bench_floor import OneBench
from tests.fakes import until
from tests.floor import BOSS, BRUSH, MUG, SOAP, Floor

PACKER, DOCK = "PPB-PACKER-0001", "PPB-DOCK-0001"


@pytest.fixture
def bench(floor: Floor, tmp_path: Path) -> OneBench:
    """An enrolled bench of the warehouse; enter it to start it."""
    token = floor.bench("Bench 1").token
    return OneBench(tmp_path / "bench", url=str(floor.http.base_url), token=token)


def opened(bench: OneBench, number: str) -> PackView:
    bench.sign_in(PACKER)
    bench.scan(f"PPO-{number}")
    until(lambda: isinstance(bench.bench.view, PackView), "the order to open")
    return bench.pack_view


def test_an_order_goes_from_slip_to_the_truck(floor: Floor, bench: OneBench) -> None:
    number = floor.order(("SOAP", 2), ("BRUSH", 1))
    with bench:
        opened(bench, number)
        bench.scan(SOAP, MUG, "PPC-OK", SOAP, BRUSH)
        bench.reach(LabelStage.SCAN_LABEL)
        tracking, parcel_id = bench.pack_view.session.tracking, bench.pack_view.session.parcel_id
        assert tracking is not None
        assert parcel_id is not None
        bench.scan(tracking)
        until(lambda: floor.status(number) == "packed", "the server to know it")
        bench.scan(DOCK, "PPL-OWN-VAN")
        until(lambda: isinstance(view := bench.bench.view, DockLobbyView) and view.asks, "the question")
        bench.scan("PPC-YES")
        until(lambda: isinstance(bench.bench.view, DockView), "the load")
        assert bench.scan(tracking).reason is Reason.OK
        until(lambda: floor.parcel_state(parcel_id) == "loaded", "the parcel to be on the load")
        bench.scan("PPC-CLOSE")
        until(lambda: bench.scan("PPC-CLOSE").detail == "closing", "the confirmation to count")
        until(lambda: isinstance(bench.bench.view, LoadSummaryView) and bench.bench.view.manifest_path, "the manifest")
        view = bench.bench.view
        assert isinstance(view, LoadSummaryView)
        assert view.closed
        assert Path(view.manifest_path).read_bytes().startswith(b"%PDF")
        assert floor.stock("SOAP") == (98, 0)
        assert floor.incidents("verdicts_differ") == []


def test_an_order_cancelled_while_it_is_packed_stops_the_bench_within_two_seconds(
    floor: Floor, bench: OneBench
) -> None:
    number = floor.order(("SOAP", 2))
    with bench:
        opened(bench, number)
        bench.scan(SOAP)
        cancel_order(floor.db, BOSS, ("shop", "S-1"))
        until(lambda: isinstance(bench.bench.view, StopView), "the stop", 2.0)
        view = bench.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.ends) == (Reason.CANCELLED, True)
        bench.scan("PPC-OK")
        bench.reach_queue()
        until(lambda: bench.journal.unsent == 0)
        assert floor.stock("SOAP") == (100, 0)


def test_a_box_parked_and_resumed_is_one_box_with_one_label(floor: Floor, bench: OneBench) -> None:
    number = floor.order(("SOAP", 2))
    with bench:
        opened(bench, number)
        bench.scan(SOAP, "PPC-PARK", f"PPO-{number}", SOAP)
        bench.reach(LabelStage.SCAN_LABEL)
        bench.scan("PPC-PARK", f"PPO-{number}")
        bench.reach(LabelStage.SCAN_LABEL)
        bench.scan("PPC-REPRINT")
        until(lambda: len(bench.printer.jobs) == 2, "the reprint")
        bench.scan(bench.pack_view.session.tracking or "")
        until(lambda: floor.status(number) == "packed")
        assert len(floor.audited("label.bought")) == 1


def test_an_order_another_bench_holds_is_refused_with_its_name(floor: Floor, bench: OneBench) -> None:
    number = floor.order(("SOAP", 1))
    floor.bench("Bench 2").open(number)
    with bench:
        bench.sign_in(PACKER)
        bench.scan(f"PPO-{number}")
        until(lambda: bench.tones, "the refusal")
        flash = bench.reach_queue().flash
        assert flash is not None
        assert (flash.reason, flash.detail, flash.item) == (Reason.IN_USE, Note.TAKE_WALK, "Bench 2")
        assert flash.words == f"Bench 2, with order {number} of Packer Person, was never heard of"
