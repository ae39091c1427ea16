"""Why a listing shows another number than it was told, and what a rule may do about it."""

from dataclasses import replace

import pytest

from server.domain.channels.deviations import UNCOUNTED, Cause, Facts, Fixing, FixRule, Remedy, cause_of
from server.domain.channels.exposure import unseen_units
from server.domain.channels.rules import ReconcileRules, reconcile_rules
from server.domain.errors import DomainError
from server.domain.warehouse.lowstock import Velocity

USUAL = Facts(live=12, sku="CANDLE", told=10, state="sent", version=5, agreed=("CANDLE", 5))


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (USUAL, Cause.EDITED),
        (replace(USUAL, live=None), Cause.GONE),
        (replace(USUAL, sku=None), Cause.NOT_MAPPED),
        (replace(USUAL, on_purpose=True, state="waiting"), Cause.PAUSED),
        (replace(USUAL, moved_here=True), Cause.LATE),
        (replace(USUAL, state="parked"), Cause.REFUSED),
        (replace(USUAL, state="waiting"), Cause.WAITING),
        (replace(USUAL, told=None, agreed=None), Cause.MAPPING),
        (replace(USUAL, agreed=("SOAP", 5)), Cause.MAPPING),
        (replace(USUAL, agreed=None), Cause.MAPPING),
        (replace(USUAL, unseen_orders=("1001",)), Cause.SALE_NOT_IN),
        (replace(USUAL, others=(10,)), Cause.SHARED),
        (replace(USUAL, live=UNCOUNTED, state="waiting"), Cause.UNCOUNTED),
        (replace(USUAL, others=(12,)), Cause.EDITED),
        (replace(USUAL, agreed=("CANDLE", 4), shown_before=frozenset({12})), Cause.NOT_APPLIED),
        (replace(USUAL, agreed=None, shown_before=frozenset({12})), Cause.NOT_APPLIED),
        (replace(USUAL, agreed=("CANDLE", 5), shown_before=frozenset({12})), Cause.EDITED),
        (replace(USUAL, agreed=("CANDLE", 4), shown_before=frozenset({11})), Cause.EDITED),
    ],
)
def test_the_fact_that_explains_most_names_the_cause(facts: Facts, cause: Cause) -> None:
    assert cause_of(facts) is cause
    assert cause.sentence


@pytest.mark.parametrize(
    ("rule", "cause", "told", "live", "remedy"),
    [
        (FixRule(), Cause.EDITED, 10, 5_000, Remedy.PUSH),
        (FixRule(), Cause.EDITED, 10, 5, Remedy.PUSH),
        (FixRule(), Cause.EDITED, 10, 4, Remedy.PERSON),
        (FixRule(tolerance=0), Cause.EDITED, 10, 9, Remedy.PERSON),
        (FixRule(), Cause.NOT_APPLIED, 10, 0, Remedy.PUSH),
        (FixRule(), Cause.MAPPING, None, 0, Remedy.PUSH),
        (FixRule(Fixing.ALWAYS), Cause.EDITED, 10, 0, Remedy.PUSH),
        (FixRule(Fixing.NEVER), Cause.EDITED, 10, 11, Remedy.PERSON),
        (FixRule(Fixing.ALWAYS), Cause.GONE, 10, None, Remedy.PERSON),
        (FixRule(Fixing.ALWAYS), Cause.NOT_MAPPED, None, 3, Remedy.PERSON),
        (FixRule(), Cause.SALE_NOT_IN, 10, 12, Remedy.WAIT),
        (FixRule(), Cause.WAITING, 10, 12, Remedy.WAIT),
        (FixRule(), Cause.UNCOUNTED, 10, UNCOUNTED, Remedy.PUSH),
    ],
)
def test_lowering_is_always_safe_and_raising_only_within_the_tolerance(
    rule: FixRule, cause: Cause, told: int | None, live: int | None, remedy: Remedy
) -> None:
    assert rule.remedy(cause, told, live, tries=0, certain=True) is remedy


def test_nothing_is_raised_while_sales_may_be_unknown_and_nothing_is_told_a_fourth_time() -> None:
    assert FixRule().remedy(Cause.EDITED, 10, 9, tries=0, certain=False) is Remedy.WAIT
    assert FixRule().remedy(Cause.EDITED, 10, 11, tries=0, certain=False) is Remedy.PUSH
    assert FixRule().remedy(Cause.NOT_APPLIED, 10, 11, tries=3, certain=True) is Remedy.PERSON


def test_a_channel_without_a_word_about_it_is_read_every_quarter_of_an_hour() -> None:
    assert reconcile_rules({}) == ReconcileRules(900.0, FixRule(Fixing.WITHIN, 5))
    assert reconcile_rules({"reconcile_minutes": 1440, "reconcile_fix": "always"}).every == 86_400.0
    with pytest.raises(DomainError, match="expected 1 to 1440 minutes, found True"):
        reconcile_rules({"reconcile_minutes": True})


@pytest.mark.parametrize(
    ("shown", "velocity", "seconds", "units"),
    [
        (10, Velocity(28, 28), 0, 1),
        (10, Velocity(28, 28), 180, 2),
        (10, Velocity(), 1e6, 1),
        (10, Velocity(280, 28), 86_400, 10),
        (50, Velocity(280, 28), 86_400, 11),
        (0, Velocity(280, 28), 86_400, 0),
        (10, Velocity(28, 28), -5, 1),
    ],
)
def test_a_deaf_channel_may_sell_what_usually_sells_and_one_more_but_never_more_than_it_shows(
    shown: int, velocity: Velocity, seconds: float, units: int
) -> None:
    assert unseen_units(shown, velocity, seconds) == units
