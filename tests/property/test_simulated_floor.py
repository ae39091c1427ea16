"""Some hundred simulated pack sessions; ``make sim only=packing`` runs ten thousand."""

from dataclasses import replace
from unittest import mock

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing.rules import judge
from server.domain.packing.session import Session, Verdict
from tests.bench.packing import benches
from tests.bench.packing.floor import report, run

SESSIONS, SEED = 300, 20260304


def test_obedient_packers_ship_no_wrong_unit_no_right_one_is_stopped_and_no_scan_is_lost() -> None:
    result = run(SEED, SESSIONS)
    assert result.notes == []
    assert result.total("sessions") == SESSIONS
    assert result.total("wrong_picks", obedient=True) > 20
    assert result.total("wrong_units", obedient=True) == 0
    assert result.total("kills") > 5
    assert (result.total("false_reds"), result.total("scans_lost")) == (0, 0)


def test_careless_packers_ship_wrong_units_so_the_simulation_looks_into_the_boxes() -> None:
    result = run(SEED, 100)
    assert result.total("wrong_units", obedient=False) > 0


def test_the_same_seed_packs_the_same_boxes() -> None:
    assert run(7, 24) == run(7, 24)


def test_a_bench_that_counts_a_trigger_bounce_is_found_out(capsys: pytest.CaptureFixture[str]) -> None:
    def bouncing(session: Session, scan: Scan) -> Verdict:
        return judge(session, replace(scan, bounce=False))

    with mock.patch.object(benches, "judge", bouncing):
        result = run(SEED, 200)
    assert result.total("wrong_units", obedient=True) > 0
    with pytest.raises(SystemExit, match="faults"):
        report(result)
    assert "of seed 20260304: " in capsys.readouterr().err


def test_a_bench_that_stops_for_right_units_is_found_out() -> None:
    def nervous(session: Session, scan: Scan) -> Verdict:
        verdict = judge(session, scan)
        return replace(verdict, tone=Tone.STOP) if verdict.reason is Reason.OK and verdict.units == 6 else verdict

    with mock.patch.object(benches, "judge", nervous):
        result = run(SEED, 40)
    assert result.total("false_reds") > 0
