"""Days without a network, at real benches and a real server: pack, stage, reconnect; nothing lost, nothing twice."""

from pathlib import Path

import pytest

from server.carriers import Capabilities, own_van
from server.domain.benchwork.reasons import Reason
from server.usecases.benchwork.freeing import free_bench
from server.usecases.sales.cancel import cancel_order
from station.desks import labels
from station.views import LabelStage, PackView, QueueView
from tests.bench_floor import OneBench
from tests.fakes import until
from tests.floor import BOSS, SOAP, Floor
from tests.reconnect import alone, at_server, reconnect
from tests.weather import Mood, weather

PACKER = "PPB-PACKER-0001"


def aside(bench: OneBench, *, called_off: bool) -> list[str]:
    view = bench.bench.view
    shown = view.parked if isinstance(view, QueueView) else ()
    return sorted(box.number for box in shown if (box.reason is Reason.CANCELLED) == called_off)


def parked(bench: OneBench) -> list[str]:
    return aside(bench, called_off=False)


def test_a_bench_packs_through_a_cut_and_what_went_elsewhere_meanwhile_is_pulled(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.05)
    # Of a carrier that gives no number before it sees the parcel; for others see test_allotted_labels.
    monkeypatch.setattr(own_van, "capabilities", lambda _account: Capabilities(look_up=False))
    good, cancelled, taken = numbers = [floor.order(("SOAP", 1)) for _ in range(3)]
    token, other = floor.bench("Bench 1").token, floor.bench("Bench 2")
    with (
        weather(str(floor.http.base_url)) as sky,
        OneBench(tmp_path / "bench", url=sky.url, token=token).sign_in(PACKER) as bench,
    ):
        until(lambda: len(bench.journal.leased()) == 3, "the lease")
        sky.mood = Mood.CUT
        for number in numbers:
            bench.scan(f"PPO-{number}")
            until(lambda: isinstance(bench.bench.view, PackView), "the order, with no server")
            assert bench.scan(SOAP).reason is Reason.OK
            until(lambda n=number: n in parked(bench), "its box to be staged")  # type: ignore[misc]
        # Meanwhile, where the network is.
        assert bench.bench.status.unsent == 9
        cancel_order(floor.db, BOSS, floor.order_id(cancelled))
        free_bench(floor.db, BOSS, "Bench 1")
        other.pack(taken, SOAP)
        monkeypatch.setattr(labels, "PARK_SECONDS", 5.0)
        sky.mood = Mood.FAIR
        until(lambda: bench.journal.unsent == 0, "everything to arrive with no further scan", 20)
        until(lambda: parked(bench) == [good], "the two boxes to be called off")
        assert aside(bench, called_off=True) == [cancelled], "it stays on the screen until it is pulled"
        pulls = floor.incidents("pull_parcel")
        assert len(pulls) == 2
        assert any(f"order {cancelled} was cancelled while Bench 1 was away: pull its box" in cause for cause in pulls)
        assert any(f"order {taken} was packed at another bench while" in cause for cause in pulls)
        bench.scan(f"PPO-{good}")
        bench.reach(LabelStage.SCAN_LABEL)
        bench.scan(bench.pack_view.session.tracking or "")
        until(lambda: floor.status(good) == "packed", "the server to know it")
        assert floor.status(taken) == "packed"
        assert floor.incidents("verdicts_differ") == []
        assert [kind for _, _, kind, _, _ in at_server(floor)].count("claim") == 3


def test_benches_that_reconnect_at_once_drain_without_errors(floor: Floor, tmp_path: Path) -> None:
    names, boxes = [f"Bench {n}" for n in range(1, 7)], 4
    made = [floor.order(("SOAP", 1)) for _ in range(len(names) * boxes)]
    with alone(floor, tmp_path, names, boxes) as benches:
        reconnect(benches)
        assert at_server(floor) == sorted(event for one in benches for event in one.sent)
    assert {floor.status(number) for number in made} == {"packing"}
    assert floor.incidents("pull_parcel") == floor.incidents("verdicts_differ") == []
