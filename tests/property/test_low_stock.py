"""One alert for each crossing, whatever the stock does."""

from hypothesis import given
from hypothesis import strategies as st

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

THRESHOLDS = st.builds(
    Threshold,
    st.builds(Velocity, st.integers(0, 300), st.integers(1, WINDOW_DAYS)),
    st.integers(0, 60),
    st.integers(0, 30),
)
LEVELS = st.builds(
    Level,
    st.sampled_from("ABCDEF"),
    st.just(""),
    st.integers(0, 200),
    THRESHOLDS,
    st.integers(0, 20),
    st.booleans(),
)


@given(THRESHOLDS, st.lists(st.integers(0, 200), max_size=60))
def test_there_is_one_alert_each_time_stock_falls_and_none_until_it_has_cleared(
    threshold: Threshold, history: list[int]
) -> None:
    low, alerts, cleared = False, list[int](), True
    for available in history:
        match crossing(low, available, threshold):
            case Crossing.FELL:
                assert cleared, "a second alert of one crossing"
                low, cleared = True, False
                alerts.append(available)
            case Crossing.ROSE:
                low, cleared = False, True
        assert low or available >= threshold.units, "nobody was told"
        assert not low or available < threshold.clear_at, "the alert stands though there is enough"
    assert all(available < threshold.units for available in alerts)


@given(THRESHOLDS)
def test_a_sale_and_its_return_at_the_threshold_alert_once(threshold: Threshold) -> None:
    history = [threshold.units, threshold.units - 1] * 10
    low, alerts = False, 0
    for available in history:
        met = crossing(low, available, threshold)
        alerts += met is Crossing.FELL
        low = met is Crossing.FELL or (low and met is None)
    assert alerts == 1


@given(THRESHOLDS)
def test_the_threshold_never_promises_less_than_the_formula(threshold: Threshold) -> None:
    rate = threshold.velocity
    exact = rate.shipped * int(threshold.lead_days) + threshold.safety * rate.days
    assert exact <= threshold.units * rate.days < exact + rate.days
    assert threshold.formula.endswith(f"= {threshold.units}")
    assert threshold.clear_at > threshold.units


@given(st.lists(LEVELS, max_size=12))
def test_the_list_is_sorted_by_cover_and_leaves_out_nothing_that_is_low(levels: list[Level]) -> None:
    listed = reorder_list(levels)
    covers = [float("inf") if level.cover_days is None else level.cover_days for level in listed]
    assert covers == sorted(covers)
    assert all(level in listed for level in levels if level.low or level.available < level.threshold.units)
    assert len(listed) <= len(levels)


@given(st.dictionaries(st.integers(0, WINDOW_DAYS - 1), st.tuples(st.integers(0, 50), st.integers(0, 30))))
def test_velocity_counts_every_shipped_unit_once_and_no_empty_day(story: dict[int, tuple[int, int]]) -> None:
    """Receipts and shipments by day, oldest first, never below zero: the ledger of a real shelf."""
    on_hand, days, stocked = 0, dict[int, Day](), 0
    for ago in reversed(range(WINDOW_DAYS)):
        received, asked = story.get(ago, (0, 0))
        shipped = min(asked, on_hand + received)
        morning, on_hand = on_hand, on_hand + received - shipped
        stocked += bool(morning or on_hand or shipped)
        if received or shipped:
            days[ago] = Day(received - shipped, shipped)
    found = velocity(on_hand, days)
    assert found.shipped == sum(day.shipped for day in days.values())
    assert found.days == (stocked if found.shipped else WINDOW_DAYS)
