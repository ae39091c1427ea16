"""Opening orders: the server's answer, its refusals, its silence."""

from pathlib import Path

from server import wire
from server.domain.reasons import Reason, Tone
from station.desks import queue
from station.views import Flash, PackView, QueueView
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until

IN_USE = wire.Problem(
    code="in_use", detail="Ben packs it at Bench 2", status=409, facts={"person": "Ben", "bench": "Bench 2"}
)


def flash_of(floor: OneBench) -> Flash:
    flash = floor.bench.view.flash
    assert flash is not None
    return flash


def test_a_typed_number_opens_the_order_too(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.bench.scan(builders.code("1043", typed=True))
        until(lambda: isinstance(floor.bench.view, PackView))


def test_scans_while_an_order_is_opening_are_neither_counted_nor_dropped_silently(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.delay = 0.2
        floor.scan("PPO-1043")
        view = floor.bench.view
        early = floor.scan(builders.CANDLE)
        assert isinstance(view, QueueView)
        assert view.opening == "1043"
        assert (early.reason, early.detail) == (Reason.NOT_NOW, "wait_opening")
        until(lambda: isinstance(floor.bench.view, PackView))
        assert floor.pack_view.session.counts == (0, 0)


def test_a_refusal_comes_with_its_reason_its_holder_and_the_servers_words(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.refuse["orders/open"] = IN_USE
        floor.scan("PPO-1043")
        until(lambda: floor.tones == [Tone.LOOK])
        flash = flash_of(floor)
        assert (flash.reason, flash.detail) == (Reason.IN_USE, "Ben · Bench 2")
        assert flash.words == "Ben packs it at Bench 2"
        assert floor.reach_queue().opening == ""


def test_a_cancelled_order_never_opens_and_is_loud(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.refuse["orders/open"] = wire.Problem(code="cancelled", detail="cancelled \x1b[2J", status=409)
        floor.scan("PPO-1043")
        until(lambda: floor.tones == [Tone.STOP])
        assert flash_of(floor).reason is Reason.CANCELLED
        assert flash_of(floor).words == "cancelled  [2J"


def test_a_lost_answer_does_not_claim_twice(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.lose_answers["orders/open"] = 2
        floor.scan("PPO-1043")
        until(lambda: isinstance(floor.bench.view, PackView))
        assert len(floor.server.sessions) == 1
        assert floor.server.paths.count("orders/open") == 3


def test_with_the_server_gone_the_bench_says_so_and_is_free_again(tmp_path: Path) -> None:
    queue.PATIENCE_SECONDS, patience = 0.3, queue.PATIENCE_SECONDS
    try:
        with OneBench(tmp_path).sign_in() as floor:
            floor.server.away = True
            floor.scan("PPO-1043")
            until(lambda: floor.reach_queue().opening == "")
            assert flash_of(floor).detail == "away"
    finally:
        queue.PATIENCE_SECONDS = patience


def test_the_slip_of_a_parked_box_resumes_it_with_no_server_in_sight(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "2000"))).open() as floor:
        floor.scan(builders.CANDLE, "PPC-PARK")
        floor.server.away = True
        assert [box.number for box in floor.reach_queue().parked] == ["1043"]
        assert floor.scan("PPO-1043").detail == "resumed"
        assert floor.pack_view.session.counts == (1, 0)


def test_an_earlier_session_of_this_bench_comes_back_with_its_scans(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path / "old", server).open() as floor:
        floor.scan(builders.CANDLE, builders.MUG)
        until(lambda: floor.journal.unsent == 0)
    with OneBench(tmp_path / "new", server).sign_in() as floor:
        floor.scan("PPO-1043")
        until(lambda: floor.bench.view.flash is not None and not isinstance(floor.bench.view, QueueView))
        floor.scan("PPC-OK", builders.CANDLE)
        assert floor.pack_view.session.counts == (2, 0)
        until(lambda: floor.journal.unsent == 0)
        assert [e.seq for e in server.log("1043")] == [1, 2, 3, 4]


def test_an_item_or_a_lane_with_no_order_open_is_not_taken_for_an_order(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        for text in (builders.CANDLE, "PPL-VAN", "PPX-M", "PPC-PARK", "PPC-REPRINT", "PPC-CLOSE", "PPC-NONSENSE"):
            assert floor.scan(text).reason is Reason.NOT_NOW, text
        assert floor.bench.scan(builders.code("PPO-10", problem="partial")).reason is Reason.BAD_READ
        assert "orders/open" not in floor.server.paths
