"""Thresholds, alerts and the morning list."""

import pytest

from server.domain.warehouse.lowstock import (
    WINDOW_DAYS,
    Crossing,
    Day,
    Level,
    Threshold,
    Velocity,
    crossing,
    reorder_list,
    velocity,
)

FIXED = Threshold(Velocity(), safety=10)


def level(sku: str, available: int, shipped: int, *, safety: int = 0, low: bool = False, inbound: int = 0) -> Level:
    """A week of lead time, ``shipped`` units in the window of 28 days."""
    return Level(sku, "", available, Threshold(Velocity(shipped), 7, safety), inbound, low)


def test_the_threshold_is_velocity_by_lead_time_plus_safety_and_shows_it() -> None:
    threshold = Threshold(Velocity(350, 28), lead_days=14, safety=20)
    assert threshold.units == 195
    assert threshold.formula == "12.5 a day x 14 days + 20 safety = 195"


def test_a_part_of_a_unit_counts_as_one() -> None:
    assert Threshold(Velocity(1, 28), 14).units == 1


def test_half_a_day_of_lead_time_counts_as_half_a_day() -> None:
    assert Threshold(Velocity(28, 28), 2.5).formula == "1 a day x 2.5 days + 0 safety = 3"
    assert Threshold(Velocity(3, 10), 10).units == 3, "no unit is invented by rounding"


@pytest.mark.parametrize(
    ("low", "available", "expected"),
    [
        (False, 11, None),
        (False, 10, None),
        (False, 9, Crossing.FELL),
        (True, 9, None),
        (True, 10, None),
        (True, 11, Crossing.ROSE),
    ],
)
def test_an_alert_begins_below_the_threshold_and_ends_a_tenth_above_it(
    low: bool, available: int, expected: Crossing | None
) -> None:
    assert crossing(low, available, FIXED) is expected


def test_a_product_that_nobody_buys_or_plans_for_never_alerts() -> None:
    assert crossing(False, 0, Threshold(Velocity())) is None


def test_velocity_counts_days_on_which_there_was_something_to_ship() -> None:
    # Ten came four days ago, all had gone two days later; the shelf has been empty since.
    days = {4: Day(d_on_hand=10), 3: Day(-6, 6), 2: Day(-4, 4)}
    assert velocity(0, days) == Velocity(shipped=10, days=3)


def test_a_product_that_was_there_all_along_is_measured_over_the_whole_window() -> None:
    assert velocity(100, {5: Day(-14, 14)}) == Velocity(14, WINDOW_DAYS)


def test_a_product_that_has_been_sold_out_for_weeks_keeps_its_velocity() -> None:
    assert velocity(0, {60: Day(-14, 14), 90: Day(14)}) == Velocity(14, WINDOW_DAYS)


def test_a_product_that_never_came_has_none() -> None:
    assert velocity(0, {}).shipped == 0


def test_what_was_sold_before_the_window_does_not_count_again() -> None:
    assert velocity(5, {WINDOW_DAYS - 1: Day(-1, 1), WINDOW_DAYS: Day(-9, 9)}) == Velocity(1, WINDOW_DAYS)


def test_counts_and_transfers_are_no_demand() -> None:
    assert velocity(5, {1: Day(-20, 0)}).shipped == 0


def test_the_morning_list_is_sorted_by_days_of_cover() -> None:
    found = reorder_list([level("SLOW", 6, 28), level("GONE", 0, 28), level("FAST", 20, 280), level("CALM", 900, 28)])
    assert [each.sku for each in found] == ["GONE", "FAST", "SLOW"]
    assert [each.cover_days for each in found] == [0.0, 2.0, 6.0]


def test_what_reaches_its_threshold_within_a_week_is_on_the_list_before_it_is_low() -> None:
    soon, later = level("SOON", 14, 28), level("LATER", 15, 28)
    assert reorder_list([soon, later]) == (soon,)
    assert soon.days_left == 7.0


def test_what_does_not_move_stands_last_and_only_below_its_threshold() -> None:
    still = level("STILL", 2, 0, safety=5)
    assert reorder_list([still, level("ENOUGH", 5, 0, safety=5), level("SOLD", 1, 28)])[-1] == still
    assert level("ENOUGH", 5, 0, safety=5).days_left is None


def test_what_recovers_but_has_not_cleared_stays_on_the_list() -> None:
    assert reorder_list([level("LOW", 10, 0, safety=10, low=True)])


def test_the_list_says_how_much_is_wanted_beyond_what_is_on_its_way() -> None:
    assert level("A", 2, 28).wanted == 6
    assert level("A", 2, 28, inbound=4).wanted == 2
    assert level("A", 50, 28).wanted == 0
