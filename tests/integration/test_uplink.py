"""Journal to server over real sockets: in order, once, whenever the server is there."""

from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from station import uplink
from station.views import DockView, State
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

MANY = [builders.order("1043", [("CANDLE", 5000)])]


def test_scans_go_on_while_the_uplink_drains_and_the_server_comes_and_goes(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with server.listening() as url, OneBench(tmp_path, server, url=url).open() as floor:
        for number in range(300):
            if number % 50 == 25:
                server.away = not server.away
            assert floor.scan(builders.CANDLE).reason is Reason.OK
        server.away = False
        until(lambda: floor.journal.unsent == 0, "every scan to arrive", 15)
        assert floor.pack_view.session.counts == (300,)
        assert [e.seq for e in server.log("1043")] == list(range(1, 301))
        assert server.replayed(floor.pack_view.session.session_id) == floor.pack_view.session


def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    server.lose_answers["/events"] = 3
    with server.listening() as url, OneBench(tmp_path, server, url=url).open() as floor:
        floor.scan(builders.CANDLE)
        until(lambda: floor.journal.unsent == 0)
        assert server.resent >= 3
        assert [e.seq for e in server.log("1043")] == [1]


def test_a_session_the_server_refuses_holds_up_no_other_and_is_kept_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uplink, "REFUSED_SECONDS", 0.5)
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server).open("1043") as floor:
        bad = f"{floor.pack_view.session.session_id}/events"
        server.refuse[bad] = wire.Problem(code="malformed", detail="event 1: expected a raw scan", status=422)
        floor.scan(builders.CANDLE, "PPC-PARK")
        floor.open("2000")
        floor.scan(builders.CANDLE)
        until(lambda: [e.seq for e in server.log("2000")] == [1], "the good session's scan")
        until(lambda: floor.bench.status.server.state is State.REFUSED)
        until(lambda: floor.bench.status.unsent == 2, "the good session to be marked as sent")
        assert floor.bench.status.server.number == 1
        server.refuse.clear()
        until(lambda: floor.journal.unsent == 0, "the refused session to be tried again")
        assert floor.bench.status.server.state is State.OK


def test_a_session_on_which_the_server_fails_holds_up_no_other_and_arrives_once_it_is_mended(tmp_path: Path) -> None:
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server).open("1043") as floor:
        bad = f"{floor.pack_view.session.session_id}/events"
        server.refuse[bad] = wire.Problem(code="bug", detail="our fault; quote 17", status=500)
        floor.scan(builders.CANDLE, "PPC-PARK")
        floor.open("2000")
        floor.scan(builders.CANDLE)
        until(lambda: [e.seq for e in server.log("2000")] == [1], "the other session's scan", 15)
        assert floor.bench.status.unsent >= 2
        server.refuse.clear()
        until(lambda: floor.journal.unsent == 0, "everything to arrive", 30)


def test_a_server_restored_from_an_older_backup_gets_again_what_it_lost(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.CANDLE, builders.CANDLE, builders.CANDLE)
        until(lambda: floor.journal.unsent == 0)
        held = server.sessions[floor.pack_view.session.session_id]
        del held.events[1:]
        floor.scan(builders.CANDLE)
        until(lambda: len(held.events) == 4, "the lost scans to be sent again")
        until(lambda: floor.journal.unsent == 0)
        assert [e.seq for e in held.events] == [1, 2, 3, 4]
        assert server.gaps == 1
        assert floor.bench.status.server.state is State.OK
        assert server.replayed(floor.pack_view.session.session_id) == floor.pack_view.session


def test_a_server_restored_from_an_older_backup_gets_the_scans_of_the_dock_again(tmp_path: Path) -> None:
    server = FakeServer()
    server.add_parcels(*(builders.parcel(number) for number in ("1", "2", "3")))
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        floor.scan("PPL-VAN")
        until(lambda: isinstance(floor.bench.view, DockView), "the load to open")
        floor.scan("TRK00000001", "TRK00000002")
        until(lambda: floor.journal.unsent == 0)
        del server.dock_events[1:], server.dock_sessions[1:]
        floor.scan("TRK00000003")
        until(lambda: len(server.dock_events) == 3, "the lost scan to be sent again")
        assert [e.seq for e in server.dock_events] == [1, 2, 3]
        assert server.gaps == 1


def test_a_gap_that_sending_again_does_not_close_is_shown_as_refused(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with OneBench(tmp_path, server).open() as floor:
        gap = wire.Problem(code="gap", detail="expected 1, found 1", status=409, facts={"expected": 1, "found": 1})
        server.refuse["/events"] = gap
        floor.scan(builders.CANDLE)
        until(lambda: floor.bench.status.server.state is State.REFUSED)
        assert floor.journal.unsent == 1


def test_a_session_taken_over_by_another_bench_stops_here(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with OneBench(tmp_path, server).open() as floor:
        server.refuse["/events"] = wire.Problem(code="taken_over", detail="Bench 2 has it", status=409)
        floor.scan(builders.CANDLE)
        until(lambda: floor.bench.view.flash is not None and floor.bench.view.flash.reason is Reason.TAKEN_OVER)
        assert floor.scan(builders.CANDLE).reason is Reason.STOPPED


def test_a_slow_server_is_shown_and_costs_no_scan(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with server.listening() as url, OneBench(tmp_path, server, url=url).open() as floor:
        server.delay = 1.3
        until(lambda: floor.bench.status.server.state is State.SLOW, "the slow light")
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        server.delay = 0.0


def test_a_bench_that_is_not_admitted_any_more_keeps_its_scans(tmp_path: Path) -> None:
    server = FakeServer(MANY)
    with OneBench(tmp_path, server).open() as floor:
        gone = wire.Problem(code="unauthorized", detail="this bench was revoked", status=401)
        server.refuse.update({"/events": gone, "heartbeat": gone})
        floor.scan(builders.CANDLE)
        until(lambda: floor.bench.status.server.state is State.NOT_ADMITTED)
        assert floor.bench.status.unsent == 1
