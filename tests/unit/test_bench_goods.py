"""The bench as a whole, with goods kept by lot: what it asks, what it journals, and where wrong items belong."""

from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.packing.order import Lot
from station.views import StopView
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

LOTS = (Lot("A1", "2999-06-30", reserved=2), Lot("OLD", "2020-01-01", free=3))


def lot_order(lots: tuple[Lot, ...] = LOTS) -> FakeServer:
    """A server with one order for two candles, which are kept by lot."""
    order = builders.order(lines=(("CANDLE", 2),))
    line = replace(order.lines[0], by_lot=True, lots=lots, life_days=0)
    return FakeServer([replace(order, lines=(line,))])


def test_a_bench_asks_for_the_lot_and_journals_both_scans(tmp_path: Path) -> None:
    server = lot_order()
    with OneBench(tmp_path, server).open() as floor:
        assert floor.scan(builders.CANDLE).reason is Reason.NEED_LOT
        assert floor.scan("A1").reason is Reason.OK
        assert floor.pack_view.session.counts == (1,)
        until(lambda: [e.raw for e in server.log("1043")] == [builders.CANDLE, "A1"])


def test_a_restart_in_the_middle_of_a_question_goes_on_with_it(tmp_path: Path) -> None:
    server = lot_order()
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.CANDLE)
    with OneBench(tmp_path, server) as floor:
        assert floor.scan("A1").reason is Reason.OK
        assert [one.lot for one in floor.pack_view.session.captured] == ["A1"]


def test_an_expired_lot_fills_the_screen(tmp_path: Path) -> None:
    with OneBench(tmp_path, lot_order()).open() as floor:
        floor.scan(builders.CANDLE, "OLD")
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.stop.detail) == (Reason.EXPIRED, "2020-01-01")


def test_a_bench_whose_clock_is_off_says_so_with_its_scans(tmp_path: Path) -> None:
    server = lot_order((Lot("A1", "2020-01-01", reserved=2),))
    with OneBench(tmp_path, server).open() as floor:
        server.clock_off = 120.0
        until(lambda: floor.bench.status.clock_off, "the clock to be known as wrong")
        assert floor.scan(builders.CANDLE).reason is Reason.NEED_LOT
        assert floor.scan("A1").reason is Reason.OK
        until(lambda: [e.clock_off for e in server.log("1043")] == [True, True])


def test_a_wrong_item_is_named_with_the_orders_that_want_it(tmp_path: Path) -> None:
    server = FakeServer(orders("1043", "1044"))
    server.wanted["MUG"] = (wire.Wanted(number="1051", units=1, bench="Bench 5"),)
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.MUG)
        until(lambda: isinstance(view := floor.bench.view, StopView) and view.wanted == (("1051", "Bench 5", ""),))


def test_a_wrong_item_that_a_box_parked_here_wants_is_named_with_no_server_in_sight(tmp_path: Path) -> None:
    mug, soap = builders.order("1043", (("MUG", 1),)), builders.order("1044", (("SOAP", 1),))
    with OneBench(tmp_path, FakeServer([mug, soap])).open("1043") as floor:
        floor.scan("PPC-PARK")
        floor.open("1044")
        floor.server.away = True
        floor.scan(builders.MUG)
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert view.wanted == (("1043", "", ""),)
