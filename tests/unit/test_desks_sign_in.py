"""Signing in, handing over, signing out."""

from pathlib import Path

from server.domain.reasons import Reason
from station.views import DockLobbyView, PackView, QueueView, SignInView
from tests import builders
from tests.bench_floor import OneBench


def test_nothing_opens_before_somebody_signs_in(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.scan("PPO-1043").reason is Reason.NOT_SIGNED_IN
        assert floor.scan(builders.CANDLE).reason is Reason.NOT_SIGNED_IN
        assert floor.bench.scan(builders.code("PPB", problem="partial")).reason is Reason.BAD_READ
        assert isinstance(floor.bench.view, SignInView)
        assert "orders/open" not in floor.server.paths


def test_a_badge_signs_in_with_no_server_in_sight(tmp_path: Path) -> None:
    with OneBench(tmp_path):
        pass
    with OneBench(tmp_path) as floor:
        floor.server.away = True
        assert floor.scan(builders.BADGE_ANA).item == "Ana"
        assert isinstance(floor.bench.view, QueueView)


def test_an_unknown_badge_is_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.scan("PPB-NOBODY").reason is Reason.UNKNOWN_CODE
        assert floor.bench.status.person == ""


def test_another_badge_takes_over_the_open_order_and_answers_for_its_scans(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        assert floor.scan(builders.BADGE_BEN).detail == "hand_over"
        floor.scan(builders.CANDLE)
        assert floor.bench.status.person == "Ben"
        assert [e.person_id for e in floor.journal.unsent_events(floor.pack_view.session.session_id)] in (
            [1, 2],
            [2],
            [],
        )
        assert floor.pack_view.session.counts == (2, 0)


def test_the_open_order_is_not_handed_to_somebody_who_may_not_pack(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        assert floor.scan(builders.BADGE_DORA).reason is Reason.NOT_NOW
        assert floor.bench.status.person == "Ana"


def test_signing_out_in_the_middle_of_a_box_is_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        assert floor.scan("PPC-SIGN-OUT").reason is Reason.NOT_NOW
        floor.scan("PPC-PARK")
        assert floor.scan("PPC-SIGN-OUT").reason is Reason.OK
        assert isinstance(floor.bench.view, SignInView)


def test_who_only_packs_cannot_go_to_the_dock_and_who_only_loads_starts_there(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.scan("PPC-DOCK").reason is Reason.NOT_NOW
        floor.scan(builders.BADGE_DORA)
        assert isinstance(floor.bench.view, DockLobbyView)
        assert floor.scan("PPC-PACK").reason is Reason.NOT_NOW
        floor.scan(builders.BADGE_ANA)
        assert isinstance(floor.bench.view, QueueView)


def test_the_dock_is_out_of_reach_while_an_order_is_open(tmp_path: Path) -> None:
    with OneBench(tmp_path).open(badge=builders.BADGE_BEN) as floor:
        assert floor.scan("PPC-DOCK").reason is Reason.NOT_NOW
        assert isinstance(floor.bench.view, PackView)


def test_a_badge_read_twice_by_a_bouncing_trigger_is_only_looked_at(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.bench.scan(builders.code(builders.BADGE_ANA, bounce=True)).reason is Reason.REPEAT


def test_the_text_of_a_badge_is_nowhere_in_the_journal(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.MUG, builders.BADGE_ANA)
    assert all(b"PPB-ANA" not in path.read_bytes() for path in tmp_path.glob("journal.db*"))
