"""The simulated dock days, small: their figures are zero, and they are not when the code is broken."""

from dataclasses import replace
from typing import Any

import pytest

from server.usecases.loading import manifests
from server.usecases.outward import telling_when
from tests.bench.dock.days import run


def test_two_days_at_the_dock_end_with_everything_where_it_should_be() -> None:
    result = run(11, 2, loads=3, kills=False)
    assert result.notes == []
    assert result.days == 2
    happened = ("same", "cancelled", "begun_alone", "joined_alone", "followed", "closed_alone", "station_restarts")
    assert {name for name in happened if not result.seen[name]} == set()


def test_a_close_that_tells_nobody_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling_when, "handed_over", lambda *_: None)
    result = run(1, 1, loads=2, kills=False)
    assert result.wrong["loaded_not_told"] != []


def test_a_manifest_without_one_parcel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = manifests.made

    def short(tx: Any, row: Any, bench_id: int, what: manifests.What) -> Any:
        return real(tx, row, bench_id, replace(what, on=what.on[1:]))

    monkeypatch.setattr(manifests, "made", short)
    result = run(1, 1, loads=2, kills=False)
    assert result.wrong["manifest_differs"] != []
