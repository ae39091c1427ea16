"""Opening orders: the server's answer, its refusals, its silence."""

import contextlib
import threading
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from station.desks import opening
from station.views import Flash, Note, PackView, QueueView
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

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
        assert (flash.reason, flash.detail) == (Reason.IN_USE, Note.ANOTHER)
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
    opening.PATIENCE_SECONDS, patience = 0.3, opening.PATIENCE_SECONDS
    try:
        with OneBench(tmp_path).sign_in() as floor:
            floor.server.away = True
            floor.scan("PPO-1043")
            until(lambda: floor.reach_queue().opening == "")
            assert flash_of(floor).detail == "away"
    finally:
        opening.PATIENCE_SECONDS = patience


def test_the_slip_of_a_parked_box_resumes_it_with_no_server_in_sight(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "2000"))).open() as floor:
        floor.scan(builders.CANDLE, "PPC-PARK")
        floor.server.away = True
        assert [box.number for box in floor.reach_queue().parked] == ["1043"]
        assert floor.scan("PPO-1043").detail == "resumed"
        assert floor.pack_view.session.counts == (1, 0)


def slow_opening(floor: OneBench, monkeypatch: pytest.MonkeyPatch, number: str) -> threading.Event:
    """A slip whose opening the server answers only when the event is set."""
    answer, opened = threading.Event(), floor.server._open

    def late(request: wire.OpenRequest) -> object:
        answer.wait(10)
        return opened(request)

    monkeypatch.setattr(floor.server, "_open", late)
    floor.server._lock = contextlib.nullcontext()  # type: ignore[assignment]
    floor.scan(f"PPO-{number}")
    return answer


def test_a_parked_box_goes_on_without_the_server_however_its_slip_writes_the_number(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer([builders.order("007-B")])).open("007-B") as floor:
        floor.server.away = True
        for slip in ("PPO-7-b", "#007-B", "07-b", "007-b"):
            assert floor.scan("PPC-PARK").detail == Note.PARKED, slip
            assert floor.scan(slip).detail == Note.RESUMED, slip


def test_a_parked_box_goes_on_while_another_order_is_slow_to_open_and_that_one_is_parked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.CANDLE, "PPC-PARK")
        answer = slow_opening(floor, monkeypatch, "2000")
        assert floor.scan("PPO-1043").detail == Note.RESUMED
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        answer.set()
        until(lambda: [box.number for box in floor.pack_view.parked] == ["2000"], "the late order to stand aside")
        assert floor.tones == [Tone.LOOK]
        assert flash_of(floor).detail == Note.OPENED_ASIDE
        assert floor.pack_view.session.counts == (2, 0)
        until(lambda: [e.kind for e in server.log("2000")] == ["park"], "the server to know that it is parked here")
    with OneBench(tmp_path, server) as floor:
        assert floor.pack_view.session.order.number == "1043"
        assert floor.scan("PPC-PARK", "PPO-2000").detail == Note.RESUMED
        assert floor.pack_view.session.order.number == "2000"


def test_a_late_refusal_does_not_sound_like_a_stop_of_the_box_that_is_open_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan("PPC-PARK")
        cancelled = wire.Problem(code="cancelled", detail="order 2000 was cancelled", status=409)
        monkeypatch.setattr(floor.server, "_open", lambda _request: cancelled)
        answer = slow_opening(floor, monkeypatch, "2000")
        floor.scan("PPO-1043")
        answer.set()
        until(lambda: floor.tones == [Tone.LOOK])
        assert (flash_of(floor).reason, flash_of(floor).item) == (Reason.CANCELLED, "2000")
        assert floor.pack_view.session.stop is None


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


def test_a_lane_a_box_or_a_command_with_no_order_open_is_not_taken_for_an_order(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        for text in ("PPL-VAN", "PPX-M", "PPC-PARK", "PPC-CLOSE", "PPC-NONSENSE"):
            assert floor.scan(text).reason is Reason.NOT_NOW, text
        assert floor.bench.scan(builders.code("PPO-10", problem="partial")).reason is Reason.BAD_READ
        assert "orders/open" not in floor.server.paths
