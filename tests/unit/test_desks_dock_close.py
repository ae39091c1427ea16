"""Closing a load: cancelled parcels pulled, set-aside ones settled, a reason for what stays, and no server at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.handoff import Load, ParcelState
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.dock.values import DockMode, LeftReason, OnTruck
from station.desks import load_closes
from station.views import DockLobbyView, DockView, LoadSummaryView, Note, StopView
from station.wording import said
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.unit.test_desks_dock import Clock, at_dock, load_view, summary


def changed(server: FakeServer, change: Callable[[Load], Load]) -> None:
    """The server's load is another one now."""
    server.loads["L-van"] = change(server.loads["L-van"])


def ask(floor: OneBench, *codes: str) -> None:
    """CLOSE and these answers."""
    floor.scan("PPC-CLOSE", *codes)


def confirm(floor: OneBench, clock: Clock) -> None:
    """The second CLOSE, a second later."""
    clock.ahead += 1.0
    floor.scan("PPC-CLOSE")


def closed(floor: OneBench) -> wire.CloseRequest:
    """What was sent when the load is closed."""
    until(lambda: summary(floor).closed, "the load to close")
    [(_, request)] = floor.server.closes
    return request


def test_refused_parcels_stay_on_the_list_loading_goes_on_and_only_a_cancelled_one_latches(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1", "2", "3") as floor:
        floor.server.change_parcel("P-1", ParcelState.BOUGHT)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.BOUGHT)
        assert floor.scan("TRK00000001").reason is Reason.LABEL_NOT_CONFIRMED
        assert floor.scan("TRK00000002").reason is Reason.OK, "loading goes on"
        assert load_view(floor).load.set_aside == ("P-1",)
        floor.server.change_parcel("P-3", ParcelState.CANCELLED)
        until(lambda: load_view(floor).load.parcels[2].state is ParcelState.CANCELLED)
        floor.scan("TRK00000003")
        assert isinstance(floor.bench.view, StopView)


def test_a_load_with_parcels_set_aside_does_not_close_until_each_was_scanned_off(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.server.change_parcel("P-1", ParcelState.BOUGHT)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.BOUGHT)
        floor.scan("TRK00000001")
        ask(floor)
        assert summary(floor).questions == (Reason.SET_ASIDE,)
        confirm(floor, clock)
        assert not summary(floor).closing
        assert floor.scan("PPC-ASIDE-DONE").reason is Reason.ASIDE_WHICH
        assert floor.scan("TRK00000001").reason is Reason.ASIDE_DONE
        until(lambda: floor.journal.unsent == 0)
        until(lambda: load_view(floor).load.set_aside == (), "the server to agree")
        ask(floor)
        confirm(floor, clock)
        assert closed(floor).loaded == 0


def test_a_supervisors_badge_settles_what_was_set_aside_and_nobody_elses(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.server.change_parcel("P-1", ParcelState.BLOCKED)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.BLOCKED)
        floor.scan("TRK00000001")
        ask(floor, builders.BADGE_BEN)
        assert floor.bench.status.person == "Dora", "it answered a question, and signed nobody in"
        confirm(floor, clock)
        request = closed(floor)
        assert (request.waive_aside, request.supervisor) == (True, 2)


def test_one_reason_is_asked_for_all_that_stays(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", "2", clock=clock) as floor:
        ask(floor)
        confirm(floor, clock)
        assert not summary(floor).closing, "nothing closes before somebody said why"
        assert floor.scan("PPQ-1").reason is Reason.NEED_CONFIRM
        assert floor.scan("PPQ-2").reason is Reason.NEED_CONFIRM, "they may think again"
        confirm(floor, clock)
        assert closed(floor).left_reason is tuple(LeftReason)[1]


def on_truck(load: Load) -> Load:
    gone = OnTruck("P-1", "TRK00000001", "1", 212, 640, 1000.0, "Dora")
    parcels = tuple(replace(p, state=ParcelState.CANCELLED) if p.parcel_id == "P-1" else p for p in load.parcels)
    return replace(load, parcels=parcels, cancelled_on=(gone,))


@pytest.mark.parametrize("reached", [True, False])
def test_a_parcel_cancelled_on_the_truck_is_pulled_or_said_to_be_out_of_reach(tmp_path: Path, reached: bool) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.scan("TRK00000001")
        until(lambda: floor.journal.unsent == 0)
        changed(floor.server, on_truck)
        until(lambda: isinstance(floor.bench.view, StopView), "the trailer to turn red")
        stop = floor.bench.view
        assert isinstance(stop, StopView) and said(dict(stop.facts)).startswith("It went on as number 212 of 640")
        until(lambda: Tone.STOP in floor.tones, "its sound")
        floor.scan("PPC-OK")
        ask(floor)
        view = summary(floor)
        assert view.questions[0] is Reason.PULL_FIRST
        assert view.pull is not None and (view.pull.position, view.pull.of) == (212, 640)
        if reached:
            assert floor.scan("TRK00000001").reason is Reason.CANCELLED
            floor.scan("PPC-OK")
            assert not load_view(floor).load.cancelled_on or load_view(floor).load.cancelled_on[0].answer == "pulled"
        else:
            floor.scan("PPC-CANNOT-REACH")
            assert Reason.PULL_FIRST not in summary(floor).questions


def test_in_a_hurry_what_remains_is_scanned_and_a_supervisor_says_the_rest_is_loaded(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", "2", "3", clock=clock) as floor:
        assert floor.scan("PPC-REMAINING").reason is Reason.REMAINING_WHICH
        assert floor.scan("TRK00000003").reason is Reason.REMAINS
        assert load_view(floor).load.mode is DockMode.REMAINING
        ask(floor)
        assert summary(floor).hurry
        floor.scan(builders.BADGE_BEN, "PPQ-5")
        assert summary(floor).assume
        confirm(floor, clock)
        request = closed(floor)
        assert (request.assume, request.assumed, request.supervisor, request.loaded) == (True, 2, 2, 0)
        assert set(request.assumed_ids) == {"P-1", "P-2"}, "not only how many, also which"
        assert request.left_reason is LeftReason.DRIVER_LEFT


def test_a_parcel_taken_off_is_off_here_and_at_the_server(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.scan("TRK00000001")
        assert floor.scan("PPC-UNLOAD").reason is Reason.UNLOAD_WHICH
        assert load_view(floor).load.mode is DockMode.UNLOAD
        assert floor.scan("TRK00000001").reason is Reason.UNLOADED
        until(lambda: floor.journal.unsent == 0)
        assert floor.server.loads["L-van"].loaded == ()
        assert load_view(floor).load.loaded == ()


def test_what_somebody_else_took_off_is_no_dispute(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.scan("TRK00000001")
        until(lambda: (book := floor.bench._loads.book) is not None and not book.marks, "the server to show it loaded")
        floor.server.change_parcel("P-1", ParcelState.READY)
        until(lambda: not load_view(floor).load.loaded, "the news")
        assert Tone.STOP not in floor.tones
        assert load_view(floor).load.set_aside == ()


def test_unload_and_set_aside_survive_a_restart_without_the_server(tmp_path: Path) -> None:
    server = FakeServer()
    with at_dock(tmp_path, "1", "2", "3", server=server) as floor:
        server.change_parcel("P-3", ParcelState.BOUGHT)
        until(lambda: load_view(floor).load.parcels[2].state is ParcelState.BOUGHT)
        server.away = True
        floor.scan("TRK00000001", "TRK00000002", "TRK00000003", "PPC-UNLOAD", "TRK00000001", "PPC-REMAINING")
        before = load_view(floor).load
    with OneBench(tmp_path, server) as floor:
        after = load_view(floor).load
        assert [p.parcel_id for p in after.loaded] == [p.parcel_id for p in before.loaded] == ["P-2"]
        assert (after.set_aside, after.mode) == (before.set_aside, before.mode) == (("P-3",), DockMode.REMAINING)
        server.away = False
        until(lambda: floor.journal.unsent == 0)
        until(lambda: [p.parcel_id for p in server.loads["L-van"].loaded] == ["P-2"])


def test_with_no_network_a_load_closes_on_this_docks_word_and_settles_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_closes, "PATIENCE_SECONDS", 0.1)
    server, clock = FakeServer(), Clock()
    with at_dock(tmp_path, "1", server=server, clock=clock) as floor:
        until(lambda: server.paths.count("loads/L-van") > 0, "the first picture")
        server.away = True
        assert floor.scan("TRK00000001").reason is Reason.OK, "scanning goes on against the load it holds"
        ask(floor)
        confirm(floor, clock)
        until(lambda: summary(floor).alone, "to be told that the server is away")
        flash = floor.bench.view.flash
        assert flash is not None and flash.detail == Note.AWAY_CLOSE
        assert floor.scan("PPC-YES").detail == Note.CLOSED_ALONE
        assert (summary(floor).closed, summary(floor).known_at) == (True, server.as_of)
    with OneBench(tmp_path, server) as floor:
        assert summary(floor).closed, "a restart opens nothing again"
        assert floor.scan("TRK00000001").reason is not Reason.OK
        server.away = False
        until(lambda: summary(floor).known_at is None, "the server to hear of it")
        [(load_id, request)] = server.closes
        assert (load_id, request.loaded, request.cancels_known_at) == ("L-van", 1, server.as_of)
        assert request.closed_at is not None
        assert [e.reason for e in server.dock_events][:1] == [Reason.OK], "its scans went first"


def test_what_was_answered_before_a_close_is_not_asked_again_after_a_restart(tmp_path: Path) -> None:
    server, clock = FakeServer(), Clock()
    with at_dock(tmp_path, "1", "2", server=server, clock=clock) as floor:
        server.change_parcel("P-1", ParcelState.BOUGHT)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.BOUGHT)
        floor.scan("TRK00000001")
        until(lambda: floor.journal.unsent == 0)
        ask(floor, builders.BADGE_BEN, "PPQ-1")
    with OneBench(tmp_path, server, clock=clock) as floor:
        assert (summary(floor).questions, summary(floor).left_reason) == ((), LeftReason.NO_SPACE)
        confirm(floor, clock)
        request = closed(floor)
        assert (request.waive_aside, request.supervisor, request.left_reason) == (True, 2, LeftReason.NO_SPACE)


def test_a_lane_without_a_load_asks_and_yes_begins_one(tmp_path: Path) -> None:
    server = FakeServer()
    server.lane_asks = "need_confirm"
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        floor.scan("PPL-VAN")
        until(lambda: isinstance(v := floor.bench.view, DockLobbyView) and v.asks == "Own van", "the question")
        floor.scan("PPC-YES")
        until(lambda: isinstance(floor.bench.view, DockView), "the load")
        assert [(r.yes, r.another) for r in server.load_requests] == [(False, False), (True, False)]


def test_a_lane_with_several_loads_asks_which_and_a_loads_own_code_opens_it(tmp_path: Path) -> None:
    server = FakeServer()
    server.lane_asks = "which_load"
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        floor.scan("PPL-VAN")
        until(lambda: isinstance(v := floor.bench.view, DockLobbyView) and v.choose, "the question")
        floor.scan("LOAD000012")
        until(lambda: isinstance(floor.bench.view, DockView), "the load")
        assert server.load_requests[-1].load_id == "LOAD000012"


def test_a_pickup_with_no_dock_scan_is_one_code_a_lane_and_yes(tmp_path: Path) -> None:
    server = FakeServer()
    due = wire.DueLine(ship_by=None, channel="shop", carrier="van", parcels=2)
    # One more is on a load already: the server says how many a pickup takes.
    server.dock = wire.DockAnswer(due=(due,), no_dock_scan=True, pickups={"van": 3})
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        until(lambda: isinstance(v := floor.bench.view, DockLobbyView) and v.due, "the dock's news")
        assert floor.scan("PPC-PICKUP").detail == Note.PICKUP_LANE
        assert floor.scan("PPL-POST").detail == Note.PICKUP_NONE
        assert floor.scan("PPL-VAN").detail == Note.PICKUP_ASK
        assert server.pickups == []
        floor.scan("PPC-YES")
        until(lambda: isinstance(v := floor.bench.view, LoadSummaryView) and v.closed, "the pickup")
        assert [(p.carrier, p.count, p.person_id) for p in server.pickups] == [("van", 3, 3)]


def test_where_every_parcel_is_scanned_a_pickup_is_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_DORA) as floor:
        assert floor.scan("PPC-PICKUP").detail == Note.NO_PICKUP


def test_a_carrier_that_has_not_accepted_is_never_shown_as_closed(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, clock=clock) as floor:
        floor.server.carrier_close = wire.CarrierClose(state="pending")
        ask(floor)
        confirm(floor, clock)
        closed(floor)
        until(lambda: summary(floor).manifest_path, "the manifest")
        assert summary(floor).carrier_close.state == "pending"
        floor.server.stock_told = True
        floor.server.carrier_close = wire.CarrierClose(state="closed")
        until(lambda: summary(floor).carrier_close.state == "closed", "its word")


def test_two_people_on_one_load_agree_within_two_seconds(tmp_path: Path) -> None:
    server = FakeServer()
    with at_dock(tmp_path / "one", "1", "2", server=server) as one, OneBench(tmp_path / "two", server) as two:
        two.sign_in(builders.BADGE_DORA)
        two.scan("PPL-VAN")
        until(lambda: isinstance(two.bench.view, DockView), "the same load")
        one.scan("TRK00000001")
        until(lambda: len(load_view(two).load.loaded) == 1, "the other to see it", 2.0)
        assert two.scan("TRK00000001").reason is Reason.ALREADY_LOADED


def test_the_paper_of_a_load_prints_again_by_scan_at_its_summary_and_later_by_its_code(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, clock=clock) as floor:
        ask(floor)
        confirm(floor, clock)
        closed(floor)
        until(lambda: summary(floor).manifest_path, "the manifest")
        asked = floor.server.paths.count("loads/L-van/manifest.pdf")
        assert floor.scan("PPC-REPRINT").detail == Note.PAPER_AGAIN
        until(lambda: floor.server.paths.count("loads/L-van/manifest.pdf") == asked + 1, "it to be asked for")
        floor.scan("PPC-OK", "PPC-REPRINT")
        view = floor.bench.view
        assert isinstance(view, DockLobbyView) and view.reprints
        assert floor.scan("LOAD000007").detail == Note.PAPER_AGAIN
        until(lambda: "loads/LOAD000007/manifest.pdf" in floor.server.paths, "that of another load")
        assert [request.load_id for request in floor.server.load_requests] == [""], "no load was opened by it"


def test_a_cancelled_parcel_gets_its_slip_when_it_is_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_dock(tmp_path, "1") as floor:
        slips: list[str] = []
        monkeypatch.setattr(floor.bench._papers, "pull", lambda parcel, where="": slips.append(parcel.tracking))
        floor.server.change_parcel("P-1", ParcelState.CANCELLED)
        until(lambda: load_view(floor).load.parcels[0].state is ParcelState.CANCELLED)
        floor.scan("TRK00000001")
        assert slips == ["TRK00000001"]


def test_a_load_closes_also_where_the_clock_fell_back_since_it_was_asked(tmp_path: Path) -> None:
    server, clock = FakeServer(), Clock()
    with at_dock(tmp_path, "1", server=server, clock=clock) as floor:
        floor.scan("TRK00000001")
        ask(floor)
    clock.ahead -= 3600.0
    with OneBench(tmp_path, server, clock=clock) as floor:
        assert floor.scan("PPC-CLOSE").detail == Note.CLOSING
        closed(floor)
