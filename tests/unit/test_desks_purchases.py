"""The screen says bought, not bought or being checked as the server knows it (FLR-08, LBL-03)."""

from pathlib import Path

import pytest

from server import wire
from server.domain.errors import DomainError
from station.desks import labels
from station.server_client import Postponed
from station.views import Bought, LabelStage
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
        assert postponed.value.facts == facts
        floor.server.refuse["/label"] = wire.Problem(code="label_failed", detail="no", status=409, facts=facts)
        with pytest.raises(DomainError) as refused:
            floor.server.client().buy_label("any")
        assert refused.value.facts == facts
