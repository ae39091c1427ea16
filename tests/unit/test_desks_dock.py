"""Loading a vehicle: every parcel told apart, a summary before closing, a frozen manifest."""

from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason, Tone
from station import uplink
from station.desks import loads
from station.views import DockLobbyView, DockView, LoadSummaryView, Note, QueueView, StopView
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        import time

        return time.time() + self.ahead


def at_dock(folder: Path, *parcels: str, server: FakeServer | None = None, clock: Clock | None = None) -> OneBench:
    server = server or FakeServer()
    server.add_parcels(*(builders.parcel(number) for number in parcels))
    floor = OneBench(folder, server, clock=clock).sign_in(builders.BADGE_DORA)
    floor.scan("PPL-VAN")
    until(lambda: isinstance(floor.bench.view, DockView), "the load to open")
    return floor


def load_view(floor: OneBench) -> DockView:
    view = floor.bench.view
    assert isinstance(view, DockView), view
    return view


def summary(floor: OneBench) -> LoadSummaryView:
    view = floor.bench.view
    assert isinstance(view, LoadSummaryView), view
    return view


def test_the_lobby_lists_the_lanes_and_an_unknown_lane_is_named(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_DORA) as floor:
        view = floor.bench.view
        assert isinstance(view, DockLobbyView)
        assert [(lane.carrier, lane.name) for lane in view.lanes] == [("van", "Own van"), ("post", "Post")]
        flash = floor.scan("PPL-ROCKET")
        assert (flash.detail, flash.words) == (Note.NO_SUCH_LANE, "van, post")
        assert floor.scan("TRK00000001").reason is Reason.NOT_NOW


def test_parcels_are_counted_once_and_the_server_hears_of_every_scan(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1", "2") as floor:
        assert floor.scan("TRK00000001").reason is Reason.OK
        assert floor.scan("TRK00000001").reason is Reason.ALREADY_LOADED
        until(lambda: floor.journal.unsent == 0)
        assert [e.reason for e in floor.server.dock_events] == [Reason.OK, Reason.ALREADY_LOADED]
        assert [p.order_number for p in load_view(floor).load.loaded] == ["1"]
        assert [p.order_number for p in load_view(floor).load.missing] == ["2"]


def test_loading_goes_on_without_the_server_and_survives_a_restart(tmp_path: Path) -> None:
    server = FakeServer()
    with at_dock(tmp_path, "1", "2", server=server) as floor:
        server.away = True
        floor.scan("TRK00000001", "TRK00000002")
    with OneBench(tmp_path, server) as floor:
        assert len(load_view(floor).load.loaded) == 2
        assert server.dock_events == []
        server.away = False
        until(lambda: floor.journal.unsent == 0)
        until(lambda: len(server.loads["L-van"].loaded) == 2)
        assert len(load_view(floor).load.loaded) == 2


def test_a_parcel_the_server_learns_of_a_moment_later_is_asked_for_again(tmp_path: Path) -> None:
    with at_dock(tmp_path) as floor:
        floor.server.add_parcels(builders.parcel("7"))
        assert floor.scan("TRK00000007").reason is Reason.UNKNOWN_CODE
        until(lambda: floor.tones == [Tone.LOOK], "the refresh to find it", 2.0)
        flash = floor.bench.view.flash
        assert flash is not None
        assert flash.detail == Note.KNOWN_NOW
        assert floor.scan("TRK00000007").reason is Reason.OK


def test_an_open_load_is_looked_at_twice_a_second_whatever_else_a_bench_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loads.REFRESH_SECONDS <= 0.5, "two people on one load agree within two seconds"
    monkeypatch.setattr(uplink, "IDLE_SECONDS", 60.0)
    with at_dock(tmp_path, "1") as floor:
        for state in (ParcelState.BLOCKED, ParcelState.CANCELLED):
            floor.server.change_parcel("P-1", state)
            until(lambda state=state: load_view(floor).load.parcels[0].state is state)  # type: ignore[misc]


def test_a_cancelled_parcel_latches_a_stop(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.server.change_parcel("P-1", ParcelState.CANCELLED)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.CANCELLED)
        floor.scan("TRK00000001")
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.order_number, view.dock) == (Reason.CANCELLED, "1", True)
        assert floor.scan("PPC-CLOSE").reason is Reason.STOPPED
        floor.scan("PPC-OK")
        assert load_view(floor).load.set_aside == ("P-1",)


def test_where_the_server_is_stricter_the_parcel_comes_off_again(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.server.away = True
        assert floor.scan("TRK00000001").reason is Reason.OK
        floor.server.change_parcel("P-1", ParcelState.CANCELLED)
        floor.server.away = False
        until(lambda: isinstance(floor.bench.view, StopView), "the stop")
        until(lambda: Tone.STOP in floor.tones, "its sound")
        floor.scan("PPC-OK")
        load = load_view(floor).load
        assert (load.loaded, load.set_aside) == ((), ("P-1",))


def test_a_load_closes_only_on_a_second_code_that_comes_after_the_question(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", "2", clock=clock) as floor:
        floor.scan("TRK00000001")
        assert floor.scan("PPC-CLOSE").reason is Reason.NEED_REASON
        assert [p.order_number for p in summary(floor).load.missing] == ["2"]
        assert floor.scan("PPQ-3").reason is Reason.NEED_CONFIRM
        assert floor.scan("PPC-CLOSE").reason is Reason.REPEAT
        assert not summary(floor).closing
        clock.ahead += 1.0
        floor.server.told = (wire.Told(channel="shop", told=0, total=1),)
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).closed, "the load to close")
        until(lambda: summary(floor).manifest_path, "the manifest")
        assert Path(summary(floor).manifest_path) == tmp_path / "manifests" / "L-van.pdf"
        assert (tmp_path / "manifests" / "L-van.pdf").read_bytes() == b"%PDF-fake"
        assert summary(floor).told == (wire.Told(channel="shop", told=0, total=1),)
        floor.server.told, floor.server.stock_told = (wire.Told(channel="shop", told=1, total=1),), True
        until(lambda: summary(floor).told[0].told == 1 and summary(floor).stock_told)
        assert floor.scan("TRK00000002").reason is Reason.LOAD_CLOSED
        floor.scan("PPC-OK")
        assert isinstance(floor.bench.view, DockLobbyView)


def test_a_parcel_scanned_at_the_summary_goes_on_the_load(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.scan("PPC-CLOSE")
        assert floor.scan("TRK00000001").reason is Reason.OK
        assert len(load_view(floor).load.loaded) == 1


def test_every_scan_arrives_before_the_load_is_closed(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.server.away = True
        floor.scan("TRK00000001", "PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        floor.server.away = False
        until(lambda: summary(floor).closed)
        assert floor.server.paths.index("loads/L-van/events") < floor.server.paths.index("loads/L-van/close")


def test_a_refused_closing_says_why_and_goes_back_to_loading(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.server.refuse["/close"] = wire.Problem(code="changed", detail="another parcel was loaded", status=409)
        floor.scan("PPC-CLOSE", "PPQ-1")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: isinstance(floor.bench.view, DockView))
        until(lambda: floor.tones == [Tone.LOOK])
        flash = floor.bench.view.flash
        assert flash is not None
        assert (flash.reason, flash.words) == (Reason.CHANGED, "another parcel was loaded")


def test_coming_back_to_the_dock_after_a_closed_load_shows_the_lanes_again(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.scan(builders.BADGE_BEN, "TRK00000001", "PPC-CLOSE")
        floor.scan("PPC-PACK", "PPC-DOCK")
        assert isinstance(floor.bench.view, DockView), "a question asked before one left is too old to be confirmed"
        floor.scan("PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).manifest_path, "the manifest")
        floor.scan("PPC-PACK", "PPC-DOCK")
        assert isinstance(floor.bench.view, DockLobbyView)


def test_a_supervisor_goes_to_the_dock_and_back(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        floor.scan("PPC-DOCK")
        assert isinstance(floor.bench.view, DockLobbyView)
        floor.scan("PPC-PACK")
        assert isinstance(floor.bench.view, QueueView)
