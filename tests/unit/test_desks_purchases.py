"""The screen says bought, not bought or being checked as the server knows it (FLR-08, LBL-03)."""

from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.leaving import LineChange
from station.desks import labels
from station.server_client import Postponed
from station.views import Bought, LabelStage, Note, StopView
from tests.bench_floor import ALL_UNITS, OneBench
from tests.fakes import until


@pytest.mark.parametrize(("said", "shown"), [("not_bought", Bought.NOT_BOUGHT), ("unknown", Bought.CHECKING)])
def test_a_carrier_that_does_not_answer_is_shown_with_what_the_server_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, shown: Bought
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 1000.0)
    facts: dict[str, str | int | float | bool | None] = {"bought": said}
    away = wire.Problem(code="unavailable", detail="UPS does not answer", status=503, facts=facts)
    with OneBench(tmp_path) as floor:
        floor.server.refuse["/label"] = away
        floor.open()
        floor.scan(*ALL_UNITS)
        until(lambda: floor.pack_view.stage_detail == "UPS does not answer", "the server's words")
        assert (floor.pack_view.stage, floor.pack_view.bought) == (LabelStage.BUYING, shown)
        floor.server.refuse.clear()
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.server.purchases) == 1


def test_the_facts_of_a_server_that_cannot_decide_reach_the_bench(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        facts: dict[str, str | int | float | bool | None] = {"bought": "not_bought"}
        floor.server.refuse["/label"] = wire.Problem(code="unavailable", detail="later", status=503, facts=facts)
        with pytest.raises(Postponed) as postponed:
            floor.server.client().buy_label("any")
        assert postponed.value.facts == facts | {"refused": "unavailable"}
        floor.server.refuse["/label"] = wire.Problem(code="label_failed", detail="no", status=409, facts=facts)
        with pytest.raises(DomainError) as refused:
            floor.server.client().buy_label("any")
        assert refused.value.facts == facts | {"refused": "label_failed"}


def test_a_label_refused_because_the_order_changed_shows_what_comes_out_with_the_stop_itself(tmp_path: Path) -> None:
    out = (LineChange(name="Candle", variant="LAVENDER", units=1, sku="CANDLE"),)
    changed = wire.Problem(code="changed", detail="some of it was cancelled", status=409)
    with OneBench(tmp_path).open() as floor:
        floor.server.hold.clear()
        floor.server.refuse["/label"] = changed
        floor.scan(*ALL_UNITS)
        until(lambda: floor.journal.unsent == 0, "the last unit to arrive")
        # It changes between the last scan and the purchase; no heartbeat ever tells of it here.
        told = wire.EventsAnswer(accepted_through=0, stop=Reason.CHANGED, take_out=out)
        floor.server.stop_after_events = told
        seen: list[object] = []
        floor.bench.on_change = lambda: seen.append(floor.bench.view)
        floor.server.hold.set()
        until(lambda: isinstance(floor.bench.view, StopView), "the stop")
        assert floor.scan("PPC-OK").detail == Note.TAKE_OUT_FIRST
        shown = [view.take_out for view in seen if isinstance(view, StopView)]
        assert set(shown) == {(("Candle", "LAVENDER", 1),)}
