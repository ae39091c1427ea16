"""Orders a bench opens by itself: while the server is away, or slower than anybody wants to wait for."""

from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.packing.session import Phase
from station import uplink
from station.desks import labels, leased
from station.views import Light, Note, PackView, State
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")


def holding(*numbers: str) -> FakeServer:
    """A server that leases these orders to the bench."""
    server = FakeServer(orders(*numbers))
    server.leased = list(numbers)
    return server


def cut_off(folder: Path, server: FakeServer) -> OneBench:
    """A bench that has its lease and knows that the server is gone."""
    floor = OneBench(folder, server).sign_in()
    until(lambda: len(floor.journal.leased()) == len(server.leased), "the lease")
    server.away = True
    until(lambda: floor.bench.status.server.light is Light.OFF, "the bench to notice")
    return floor


def test_a_slip_of_the_lease_opens_at_once_with_no_server_in_sight_and_the_claim_is_the_first_event(
    tmp_path: Path,
) -> None:
    server = holding("1043", "2000")
    with cut_off(tmp_path, server) as floor:
        assert [item.number for item in floor.reach_queue().items] == ["1043", "2000"]
        floor.scan("ppo-1043")
        assert isinstance(floor.bench.view, PackView), "no thread was waited for"
        floor.scan(builders.CANDLE)
        assert floor.bench.status.unsent == 2
        server.away = False
        until(lambda: floor.journal.unsent == 0, "the claim and the scan to arrive with no further scan")
        log = server.log("1043")
        assert [(e.kind, e.order_id, e.order_version) for e in log] == [("claim", 1043, 1), ("scan", 0, 0)]
        assert log[0].person_id == 1
        assert log[0].at <= log[1].at


def test_days_of_work_with_no_server_arrive_once_in_order_with_their_time_and_their_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.05)
    numbers = [str(2000 + n) for n in range(12)]
    server, now = holding(*numbers), [1_700_000_000.0]
    done: list[tuple[str, float, int]] = []
    with cut_off(tmp_path, server):
        pass
    with OneBench(tmp_path, server, clock=lambda: now[0]) as floor:
        for number in numbers:
            badge, person = (builders.BADGE_ANA, 1) if int(number) % 2 else (builders.BADGE_BEN, 2)
            now[0] += 6 * 3600.0
            floor.scan(badge, f"PPO-{number}")
            done.append((number, now[0], person))
            floor.scan(*ALL_UNITS)
            now[0] += 60.0
            until(lambda n=number: n in [b.number for b in floor.reach_queue().parked], "its box to be staged")  # type: ignore[misc]
        flash = floor.bench.view.flash
        assert flash is not None
        assert flash.detail == Note.PARKED_LATE, "its slip goes in the box"
        assert floor.bench.status.unsent == 12 * 5
    # The power went as well; nothing is scanned any more.
    server.away = False
    with OneBench(tmp_path, server, clock=lambda: now[0]) as floor:
        until(lambda: floor.journal.unsent == 0, "every scan to arrive")
        for number, at, person in done:
            log = server.log(number)
            assert [e.kind for e in log] == ["claim", "scan", "scan", "scan", "park"]
            assert [(e.at, e.person_id) for e in log[:1]] == [(at, person)]
            assert [e.seq for e in log] == [1, 2, 3, 4, 5]
        assert server.resent == 0
        assert [b.number for b in floor.reach_queue().parked] == numbers


def test_the_lease_survives_a_restart_and_what_was_begun_is_never_begun_twice(tmp_path: Path) -> None:
    server = holding("1043", "2000")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", builders.CANDLE, "PPC-PARK")
    with OneBench(tmp_path, server) as floor:
        assert [o.number for o in floor.journal.leased()] == ["2000"]
        assert floor.scan("PPO-1043").detail == Note.RESUMED
        assert floor.pack_view.session.counts == (1, 0)


def test_a_server_that_does_not_know_yet_what_was_begun_does_not_give_it_out_again(tmp_path: Path) -> None:
    server = holding("1043", "2000")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", "PPC-PARK")
        floor.journal.keep_lease([1043, 2000], orders("1043", "2000"))
        assert [o.number for o in floor.journal.leased()] == ["2000"]


def test_an_order_that_is_not_in_the_lease_is_said_to_need_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.desks.opening.PATIENCE_SECONDS", 0.2)
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-9999")
        until(lambda: floor.reach_queue().flash is not None and floor.reach_queue().flash.detail == Note.AWAY)  # type: ignore[union-attr]


def test_a_bench_without_a_lease_offers_no_order_that_it_could_not_open(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "1044"))).sign_in() as floor:
        until(lambda: floor.reach_queue().waiting == 2, "the server's queue")
        floor.server.away = True
        until(lambda: floor.reach_queue().alone, "the bench to notice")
        assert (floor.reach_queue().waiting, floor.reach_queue().items) == (0, ())
        floor.server.away = False
        until(lambda: floor.reach_queue().waiting == 2, "the server's queue")
        assert not floor.reach_queue().alone


def test_a_slow_server_does_not_keep_an_order_of_the_lease_waiting_and_hears_of_one_session_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.desks.opening.SOON_SECONDS", 0.1)
    server = holding("1043")
    with server.listening() as url, OneBench(tmp_path, server, url=url).sign_in() as floor:
        until(floor.journal.leased, "the lease")
        server.delay = 1.5
        floor.scan("PPO-1043")
        until(lambda: isinstance(floor.bench.view, PackView), "the order, long before the answer", 1.0)
        floor.scan(builders.CANDLE)
        server.delay = 0.0
        until(lambda: floor.journal.unsent == 0, "the scans to arrive")
        assert len(server.sessions) == 1
        assert floor.pack_view.session.counts == (1, 0)
        assert [e.kind for e in server.log("1043")] == ["claim", "scan"]


def test_an_order_cancelled_meanwhile_stops_the_bench_when_it_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uplink, "REFUSED_SECONDS", 0.2)
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", builders.CANDLE, "PPC-PARK")
        session_id = next(iter(floor.bench._boxes.parked.values())).session_id
        server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED, detail="by the buyer")]
        server.away = False
        until(lambda: [box.reason for box in floor.reach_queue().parked] == [Reason.CANCELLED], "the call off")
        flash = floor.reach_queue().flash
        assert flash is not None
        assert (flash.item, flash.detail) == ("1043", Note.PULL_BOX)
        until(lambda: floor.journal.unsent == 0)
        assert [e.kind for e in server.log("1043")] == ["claim", "scan", "park", "stop"]


def test_a_bench_that_was_revoked_opens_nothing_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.desks.opening.PATIENCE_SECONDS", 0.2)
    server = holding("1043")
    with OneBench(tmp_path, server).sign_in() as floor:
        until(floor.journal.leased, "the lease")
        gone = wire.Problem(code="unauthorised", detail="this bench was revoked", status=401)
        server.refuse.update({"open": gone, "heartbeat": gone, "lease": gone})
        until(lambda: floor.bench.status.server.state is State.NOT_ADMITTED)
        floor.scan("PPO-1043")
        until(lambda: floor.reach_queue().opening == "")
        assert floor.reach_queue().parked == ()


def test_the_lease_is_not_fetched_again_while_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leased, "REFRESH_SECONDS", 0.02)
    server = holding("1043", "2000")
    with OneBench(tmp_path, server).sign_in() as floor:
        until(lambda: server.paths.count("lease") > 4)
        changes = floor.journal.lease_changes
        asked = server.paths.count("lease")
        until(lambda: server.paths.count("lease") > asked + 2)
        assert floor.journal.lease_changes == changes
        server.leased = ["2000"]
        until(lambda: [o.number for o in floor.journal.leased()] == ["2000"], "the order somebody else has now to go")


def test_the_status_line_tells_an_absent_server_from_an_absent_internet(tmp_path: Path) -> None:
    server = holding()
    with OneBench(tmp_path, server) as floor:
        server.unreachable = ("The shop",)
        until(lambda: floor.bench.status.server.state is State.OUTSIDE)
        lamp = floor.bench.status.server
        assert (lamp.light, lamp.words) == (Light.LOOK, "The shop")
        server.away = True
        until(lambda: floor.bench.status.server.state is State.AWAY)
        server.away, server.unreachable = False, ()
        until(lambda: floor.bench.status.server.state is State.OK)


def test_a_box_of_the_lease_gets_its_label_when_the_server_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.1)
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", *ALL_UNITS)
        until(lambda: [b.number for b in floor.reach_queue().parked] == ["1043"], "the box to be staged")
        server.away = False
        monkeypatch.setattr(labels, "PARK_SECONDS", 5.0)
        floor.scan("PPO-1043")
        until(lambda: floor.pack_view.session.phase is Phase.LABEL, "its label")
        until(lambda: len(floor.printer.jobs) == 1)
        assert floor.scan("TRK00001043").reason is Reason.OK
        until(lambda: floor.journal.sessions() == ())
        assert floor.journal.leased() == ()


def test_with_no_server_an_item_opens_the_most_urgent_order_of_one_unit_and_is_counted_in_it(tmp_path: Path) -> None:
    singles = [builders.order(number, (("CANDLE", 1),)) for number in ("3001", "3002")]
    server = FakeServer([*orders("1043"), *singles])
    server.leased = ["1043", "3002", "3001"]
    with cut_off(tmp_path, server) as floor:
        flash = floor.scan(builders.CANDLE)
        assert (floor.pack_view.session.order.number, flash.reason) == ("3002", Reason.OK)
        assert floor.pack_view.session.counts == (1,)
        floor.scan("PPC-PARK", builders.CANDLE)
        assert floor.pack_view.session.order.number == "3001", "the next one, not the same again"
        server.away = False
        until(lambda: floor.journal.unsent == 0, "both claims to arrive")
        assert [e.kind for e in server.log("3002")] == ["claim", "scan", "park"]
        assert server.opens == [], "nobody was asked"


def test_with_no_server_a_tote_opens_its_order_or_asks_for_an_item_out_of_it(tmp_path: Path) -> None:
    mug = builders.order("3002", (("MUG", 1),))
    server = FakeServer([*orders("1043"), builders.order("3001", (("CANDLE", 1),)), mug, builders.order("9", ())])
    server.leased = ["1043", "3001", "3002"]
    server.totes = {"1043": "T5", "3001": "17", "3002": "17"}
    with cut_off(tmp_path, server):
        pass
    with OneBench(tmp_path, server) as floor:
        floor.sign_in()
        flash = floor.scan("PPT-17")
        assert (flash.reason, flash.detail, floor.reach_queue().tote) == (Reason.NEED_CONFIRM, Note.ITEM_OF_TOTE, "17")
        flash = floor.scan(builders.SOAP)
        assert (flash.reason, flash.detail) == (Reason.WRONG_ITEM, Note.NOT_IN_TOTE)
        floor.scan("PPT-17", builders.MUG)
        assert (floor.pack_view.session.order.number, floor.pack_view.session.counts) == ("3002", (1,))
        floor.scan("PPC-PARK", "ppt-t5")
        assert (floor.pack_view.session.order.number, floor.pack_view.session.counts) == ("1043", (0, 0))
