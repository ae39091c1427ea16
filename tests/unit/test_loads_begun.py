"""A load that begins with no network: by what the dock knew, told to the server later, and never begun twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import LoadState, OtherLoad
from station.desks import load_closes, load_opening
from station.views import DockLobbyView, DockView, Note, StopView
from station.wording import told
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.unit.test_desks_dock import Clock, load_view, summary


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a server that is away."""
    monkeypatch.setattr(load_opening, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(load_closes, "PATIENCE_SECONDS", 0.05)


def yard(*parcels: str) -> FakeServer:
    """A server whose dock has these parcels."""
    server = FakeServer()
    server.add_parcels(*(builders.parcel(number) for number in parcels))
    return server


def cut_off(folder: Path, server: FakeServer, clock: Clock | None = None) -> OneBench:
    """A dock in the lobby that has heard what there is, and then loses its network."""
    floor = OneBench(folder, server, clock=clock).sign_in(builders.BADGE_DORA)
    until(lambda: floor.bench._loads.yard.known is not None, "the dock to be known")
    server.away = True
    return floor


def back(floor: OneBench) -> None:
    """The network is there again."""
    floor.server.away = False
    floor.bench._uplink.back()


def begin(floor: OneBench, *codes: str) -> None:
    """Scan a lane, and YES to the question that follows."""
    floor.scan(*(codes or ("PPL-VAN",)))
    until(lambda: isinstance(v := floor.bench.view, DockLobbyView) and v.known_at is not None, "the question")
    assert floor.bench.view.flash is not None and floor.bench.view.flash.detail == Note.BEGIN_ALONE
    floor.scan("PPC-YES")
    assert isinstance(floor.bench.view, DockView), "the load is open at once"


def test_a_load_begins_with_no_network_is_judged_by_what_was_known_and_closed_and_told_later(tmp_path: Path) -> None:
    server, clock = yard("1", "2", "3"), Clock()
    server.parcels[1] = replace(server.parcels[1], state=ParcelState.CANCELLED)
    server.parcels[2] = replace(server.parcels[2], carrier="post", carrier_name="Post")
    with cut_off(tmp_path, server, clock) as floor:
        begin(floor)
        name = load_view(floor).load.load_id
        assert name.startswith("NEW-")
        assert floor.scan("TRK00000003").reason is Reason.WRONG_CARRIER
        assert floor.scan("TRK00000001").reason is Reason.OK
        floor.scan("TRK00000002")
        assert isinstance(floor.bench.view, StopView), "a cancel that was known is known with no network too"
        floor.scan("PPC-OK", "PPC-ASIDE-DONE", "TRK00000002", "TRK00000003", "PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).alone, "to be told that the server is away")
        floor.scan("PPC-YES")
        assert summary(floor).closed
    server.lose_answers["loads"] = 1
    with OneBench(tmp_path, server) as floor:
        back(floor)
        until(lambda: not floor.bench._closes.unsettled, "the server to hear of it")
        assert [(load_id, request.loaded) for load_id, request in server.closes] == [("L-begun-1", 1)]
        assert server.closes[0][1].cancels_known_at == server.as_of
        assert [p.order_number for p in server.loads["L-begun-1"].loaded] == ["1"]
        assert list(server.begun) == [server.load_requests[-1].client_id], "asked twice, begun once"
        assert summary(floor).load.load_id == "L-begun-1"
        assert floor.journal.unsent == 0


def test_a_load_begun_alone_goes_on_under_its_own_id_when_the_network_is_back(tmp_path: Path) -> None:
    server = yard("1", "2")
    with cut_off(tmp_path, server) as floor:
        begin(floor)
        floor.scan("TRK00000001")
        back(floor)
        until(lambda: load_view(floor).load.load_id == "L-begun-1", "its id")
        until(lambda: len(server.loads["L-begun-1"].loaded) == 1, "its scan")
        assert floor.scan("TRK00000002").reason is Reason.OK
        until(lambda: len(server.loads["L-begun-1"].loaded) == 2, "the next one")
    with OneBench(tmp_path, server) as floor:
        assert load_view(floor).load.load_id == "L-begun-1"
        assert len(load_view(floor).load.loaded) == 2


def test_a_second_load_begun_alone_knows_what_left_on_the_first(tmp_path: Path) -> None:
    server, clock = yard("1", "2"), Clock()
    with cut_off(tmp_path, server, clock) as floor:
        begin(floor)
        floor.scan("TRK00000001", "PPC-CLOSE", "PPQ-6")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).alone)
        floor.scan("PPC-YES", "PPC-OK")
        begin(floor)
        assert floor.scan("TRK00000001").reason is Reason.WRONG_LOAD
        assert floor.scan("TRK00000002").reason is Reason.OK
        back(floor)
        until(lambda: not floor.bench._begun.unheard and floor.journal.unsent == 0, "both to be told")
        on = {load_id: [p.order_number for p in server.loads[load_id].loaded] for load_id in server.begun.values()}
        assert on == {"L-begun-1": ["1"], "L-begun-2": ["2"]}


def test_a_load_that_was_known_is_joined_and_begins_nothing(tmp_path: Path) -> None:
    server = yard("1")
    planned = OtherLoad("LOAD000012", "van", "Own van", "Trailer 7", state=LoadState.PLANNED)
    server.dock = replace(server.dock, loads=(planned,))
    server.loads["LOAD000012"] = builders.load(server.parcels, "LOAD000012")
    with cut_off(tmp_path, server) as floor:
        begin(floor)
        assert (load_view(floor).load.load_id, load_view(floor).load.trailer) == ("LOAD000012", "Trailer 7")
        floor.scan("TRK00000001")
        back(floor)
        until(lambda: len(server.loads["LOAD000012"].loaded) == 1, "its scan")
        assert server.begun == {}


def test_what_was_scanned_on_to_a_load_that_was_joined_alone_and_had_left_is_on_one_that_follows(
    tmp_path: Path,
) -> None:
    server = yard("1")
    server.dock = replace(server.dock, loads=(OtherLoad("LOAD000012", "van", "Own van"),))
    server.loads["LOAD000012"] = replace(builders.load(server.parcels, "LOAD000012"), closed=True)
    with cut_off(tmp_path, server) as floor:
        begin(floor)
        floor.scan("TRK00000001")
        back(floor)
        until(lambda: "LOAD000012-next" in server.loads and server.loads["LOAD000012-next"].loaded, "its scan")
        until(lambda: load_view(floor).load.load_id == "LOAD000012-next", "its id")


def test_a_load_that_another_dock_closed_while_the_network_was_away_goes_on_as_one_that_follows(tmp_path: Path) -> None:
    server = yard("1", "2", "3")
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        floor.scan("PPL-VAN")
        until(lambda: isinstance(floor.bench.view, DockView), "the load")
        floor.scan("TRK00000001")
        until(lambda: len(server.loads["L-van"].loaded) == 1, "the first scan")
        until(lambda: not load_view(floor).load.load_id or not floor.bench._loads.book.marks, "to see it there")  # type: ignore[union-attr]
        server.away = True
        floor.scan("TRK00000002")
        server.loads["L-van"] = replace(server.loads["L-van"], closed=True)
        back(floor)
        until(lambda: load_view(floor).load.load_id == "L-van-next", "its next load")
        flash = floor.bench.view.flash
        assert flash is not None and flash.reason is Reason.LOAD_CLOSED and flash.item == "L-van"
        assert "L-van-next" in told(flash)
        assert [p.order_number for p in load_view(floor).load.loaded] == ["2"], "the first left on the other"
        assert floor.scan("TRK00000003").reason is Reason.OK
        until(lambda: len(server.loads["L-van-next"].loaded) == 2, "the third")
    with OneBench(tmp_path, server) as floor:
        assert load_view(floor).load.load_id == "L-van-next"


def test_a_load_that_left_on_the_word_of_two_docks_is_closed_for_each(tmp_path: Path) -> None:
    server, clock = yard("1"), Clock()
    with OneBench(tmp_path, server, clock=clock).sign_in(builders.BADGE_DORA) as floor:
        floor.scan("PPL-VAN")
        until(lambda: isinstance(floor.bench.view, DockView), "the load")
        server.away = True
        floor.scan("TRK00000001", "PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).alone, "to be told that the server is away")
        floor.scan("PPC-YES")
        server.loads["L-van"] = replace(server.loads["L-van"], closed=True)
        server.refuse["/close"] = wire.Problem(code="busy", detail="not now", status=409)
        back(floor)
        until(lambda: floor.bench._closes._again, "the close to be refused, after its scan was taken")
    del server.refuse["/close"]
    with OneBench(tmp_path, server, clock=clock) as floor:
        until(lambda: not floor.bench._closes.unsettled, "the server to hear of it")
        assert [(load_id, request.loaded) for load_id, request in server.closes] == [("L-van-next", 1)]
        until((tmp_path / "manifests" / "L-van-next.pdf").exists, "its manifest")


def test_a_dock_that_never_heard_of_its_parcels_begins_nothing(tmp_path: Path) -> None:
    server = yard("1")
    server.refuse["dock/yard"] = wire.Problem(code="not_found", detail="an older server", status=404)
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        server.away = True
        floor.scan("PPL-VAN")
        until(lambda: (f := floor.bench.view.flash) is not None and f.detail == Note.AWAY_LANE, "to be told to wait")
        assert floor.scan("PPC-YES").reason is Reason.NOT_NOW


def test_a_load_the_server_refuses_holds_up_no_later_one_of_its_dock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, clock = yard("1", "2"), Clock()
    with cut_off(tmp_path, server, clock) as floor:
        begin(floor)
        floor.scan("TRK00000001", "PPC-CLOSE", "PPQ-6")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).alone)
        floor.scan("PPC-YES", "PPC-OK")
        begin(floor)
        floor.scan("TRK00000002")
        gone, begins = floor.bench._begun.unheard[0], server._open_load

        def asked(request: wire.LoadRequest) -> wire.LoadAnswer | wire.Problem:
            if request.client_id == gone.request.client_id:
                return wire.Problem(code="unknown_carrier", detail="its account is gone", status=409)
            return begins(request)

        monkeypatch.setattr(server, "_open_load", asked)
        back(floor)
        until(lambda: "L-begun-1" in server.loads and len(server.loads["L-begun-1"].loaded) == 1, "the second")
        assert floor.bench._begun.unheard == (gone,), "the other is kept, and asked again in a minute"
        until(lambda: floor.journal.unsent == 1, "what waits is the other's scan alone")


def test_a_second_lane_begins_with_no_network_while_a_load_is_open_and_knows_what_is_on_that(tmp_path: Path) -> None:
    server = yard("1", "2")
    server.parcels[1] = replace(server.parcels[1], carrier="post", carrier_name="Post")
    with cut_off(tmp_path, server) as floor:
        begin(floor)
        first = load_view(floor).load.load_id
        floor.scan("TRK00000001", "PPL-POST")
        asked = floor.bench._reception.dock._opening
        until(lambda: asked.alone, "the question")
        floor.scan("TRK00000001")
        assert asked.wanted is None, "whoever goes on loading has not said YES"
        floor.scan("PPL-POST")
        until(lambda: asked.alone, "the question once more")
        assert floor.scan("PPC-YES").detail == Note.NEW_LOAD_BEGINS
        assert load_view(floor).load.carrier == "post"
        assert floor.scan("TRK00000002").reason is Reason.OK
        [on_first] = [p for p in load_view(floor).load.parcels if p.order_number == "1"]
        assert (on_first.state, on_first.load_id) == (ParcelState.LOADED, first)
        floor.scan("PPL-VAN")
        until(lambda: asked.alone, "the first lane's question")
        floor.scan("PPC-YES")
        assert load_view(floor).load.load_id == first, "this dock comes back to what it began"
        back(floor)
        until(lambda: not floor.bench._begun.unheard and floor.journal.unsent == 0, "both to be told")
        on = {load_id: [p.order_number for p in server.loads[load_id].loaded] for load_id in server.begun.values()}
        assert on == {"L-begun-1": ["1"], "L-begun-2": ["2"]}


def test_a_planned_load_that_names_orders_takes_nothing_else_where_it_is_joined_alone(tmp_path: Path) -> None:
    server = yard("1")
    planned = OtherLoad("LOAD000012", "van", "Own van", "Trailer 7", state=LoadState.PLANNED, listed=True)
    server.dock = replace(server.dock, loads=(planned,))
    with cut_off(tmp_path, server) as floor:
        begin(floor)
        assert floor.scan("TRK00000001").reason is Reason.NOT_PLANNED


def test_what_the_driver_signs_prints_after_a_restart_where_the_power_went_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, clock = yard("1"), Clock()
    with cut_off(tmp_path, server, clock) as floor:
        begin(floor)
        monkeypatch.setattr(floor.bench._papers, "left_alone", lambda manifest: None)
        floor.scan("TRK00000001", "PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: summary(floor).alone)
        floor.scan("PPC-YES")
        assert summary(floor).closed
    with OneBench(tmp_path, server) as floor:
        until(lambda: summary(floor).manifest_path.endswith("-provisional.pdf"), "the manifest of this dock")
