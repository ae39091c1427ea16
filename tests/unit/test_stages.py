"""Every error is typed by the stage it was made at."""

from decimal import Decimal

from server.domain.benchwork.reasons import DELIBERATE, ENDS_SESSION, PROBLEMS, STOPS, WARNED, Reason
from server.domain.benchwork.stages import CAUGHT, ONLY_WARNED, STAGES, Stage, worth


def test_whatever_stops_a_bench_because_of_goods_or_a_label_has_a_stage() -> None:
    assert {reason for reason in STOPS - ENDS_SESSION if reason is not Reason.STOPPED} <= set(STAGES)
    assert set(STAGES) >= PROBLEMS


def test_what_a_bench_only_warned_of_is_typed_as_what_it_would_have_stopped() -> None:
    assert all(STAGES[warned] is STAGES[stop] for stop, warned in WARNED.items())
    assert not CAUGHT & ONLY_WARNED


def test_questions_and_repeats_are_no_errors() -> None:
    assert set(STAGES) & DELIBERATE == PROBLEMS | {Reason.FORCED}


def test_every_stage_has_its_errors() -> None:
    assert set(STAGES.values()) == set(Stage)


def test_sixteen_wrong_parcels_at_25_to_50_are_400_to_800() -> None:
    assert (worth(16, Decimal(25)), worth(16, Decimal(50))) == (Decimal("400.00"), Decimal("800.00"))
