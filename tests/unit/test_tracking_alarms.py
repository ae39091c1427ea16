"""When a parcel on its way is a person's matter, and when no more (TRK-04, TRK-08)."""

from dataclasses import replace

import pytest

from server.domain.errors import DomainError
from server.domain.tracking.alarms import (
    DAY,
    HOUR,
    Alarm,
    Facts,
    Limits,
    alarms,
    asked_until,
    checked_limits,
    limits_of,
    next_look,
)
from server.domain.tracking.journey import Event, fold
from server.domain.tracking.status import Status

LIMITS = Limits(stuck_hours=48, scan_hours=24, slip_hours=12, lost_hours=240)
LEFT = 1_000_000.0


def facts(*said: tuple[float, str], promised: float | None = None, eta: float | None = None) -> Facts:
    """A parcel that left at LEFT; events by hours after that, the last with this ``eta``."""
    events = [Event(LEFT + hours * HOUR, Status(status)) for hours, status in said]
    if eta is not None:
        events[-1] = replace(events[-1], eta=eta)
    return Facts(fold(events), LEFT, promised, expects_scans=True)


def wrong(about: Facts, hours: float) -> set[Alarm]:
    return set(alarms(about, LIMITS, LEFT + hours * HOUR))


def test_a_parcel_that_nobody_scanned_is_told_after_its_hours_and_no_more_once_somebody_did() -> None:
    paper = facts((-2, "label_created"))
    assert wrong(paper, 23.9) == set()
    assert wrong(paper, 24) == {Alarm.NEVER_SCANNED}
    assert wrong(facts((-2, "label_created"), (25, "accepted")), 26) == set()


def test_a_silent_parcel_is_stuck_and_then_lost_and_neither_when_it_is_heard_of_again() -> None:
    moving = facts((1, "accepted"))
    assert wrong(moving, 48.9) == set()
    assert wrong(moving, 49) == {Alarm.STUCK}
    assert wrong(moving, 241) == {Alarm.LOST}
    assert wrong(facts((1, "accepted"), (240, "in_transit")), 241) == set()
    assert wrong(facts((1, "accepted"), (2, "available_for_pickup")), 200) == set()
    assert wrong(facts((1, "accepted"), (2, "delivered")), 400) == set()


def test_a_date_that_slips_past_the_promise_is_told_and_forgotten_when_it_is_right_again() -> None:
    promised = LEFT + 3 * DAY
    assert wrong(facts((1, "in_transit"), promised=promised, eta=promised + 12 * HOUR), 2) == set()
    late = facts((1, "in_transit"), promised=promised, eta=promised + 13 * HOUR)
    assert wrong(late, 2) == {Alarm.SLIPPED}
    assert "promised" in alarms(late, LIMITS, LEFT)[Alarm.SLIPPED]
    arrived = facts((1, "in_transit"), (2, "delivered"), promised=promised, eta=promised + 13 * HOUR)
    assert wrong(arrived, 3) == set()
    assert wrong(facts((1, "in_transit"), eta=promised + 90 * HOUR), 2) == set()


@pytest.mark.parametrize("status", ["attempted", "exception", "returning", "returned", "damaged"])
def test_a_failed_delivery_is_told_at_its_event(status: str) -> None:
    assert wrong(facts((1, "out_for_delivery"), (2, status)), 2) == {Alarm.FAILED_DELIVERY}


def test_a_failed_delivery_stays_told_while_the_buyer_must_fetch_it_and_ends_with_the_delivery() -> None:
    assert wrong(facts((2, "attempted"), (3, "available_for_pickup")), 4) == {Alarm.FAILED_DELIVERY}
    assert wrong(facts((3, "available_for_pickup")), 4) == set()
    assert wrong(facts((2, "attempted"), (3, "delivered")), 4) == set()


def test_a_parcel_that_nobody_fetches_is_stuck_and_never_lost() -> None:
    waits = facts((1, "accepted"), (2, "available_for_pickup"))
    assert wrong(waits, 241.9) == set()
    assert wrong(waits, 242) == wrong(waits, 4_000) == {Alarm.STUCK}
    assert "nobody has fetched it for 10 days" in alarms(waits, LIMITS, LEFT + 242 * HOUR)[Alarm.STUCK]
    assert wrong(facts((1, "accepted"), (2, "available_for_pickup"), (240, "delivered")), 4_000) == set()


def test_a_parcel_that_left_with_a_label_its_carrier_calls_void_is_told_and_one_that_is_here_is_not() -> None:
    void = facts((-1, "label_created"), (5, "cancelled"))
    assert wrong(void, 5) == {Alarm.FAILED_DELIVERY}
    assert "label is void" in alarms(void, LIMITS, LEFT)[Alarm.FAILED_DELIVERY]
    assert wrong(replace(void, handed_at=None), 5) == set()
    assert wrong(facts((1, "label_created"), (2, "cancelled"), (3, "accepted")), 4) == set()


def test_a_carrier_is_asked_no_more_after_sixty_days_of_silence_and_never_before_the_parcel_counts_as_lost() -> None:
    moving = facts((24, "accepted"))
    assert asked_until(moving, LIMITS) == LEFT + 61 * DAY
    assert asked_until(moving, LIMITS, LEFT + 50 * DAY) == LEFT + 110 * DAY, "a person had it asked again"
    assert asked_until(moving, replace(LIMITS, lost_hours=90 * 24)) == LEFT + 98 * DAY
    assert asked_until(replace(facts(), handed_at=None), LIMITS) is None


def test_lost_is_also_what_the_carrier_says() -> None:
    assert wrong(facts((1, "accepted"), (2, "lost")), 3) == {Alarm.LOST}
    assert wrong(facts((1, "accepted"), (2, "lost"), (30, "arrived")), 31) == set()


def test_silence_of_a_carrier_that_never_scans_means_nothing() -> None:
    van = replace(facts(), expects_scans=False)
    assert wrong(van, 5_000) == set()
    assert next_look(van, LIMITS, LEFT) is None


def test_it_is_looked_at_again_exactly_when_time_alone_changes_the_answer() -> None:
    tried, fetched = facts((1, "accepted"), (2, "attempted")), facts((2, "available_for_pickup"))
    for about in (facts(), facts((1, "accepted")), tried, facts((1, "delivered")), fetched):
        now, moments = LEFT, []
        while (moment := next_look(about, LIMITS, now)) is not None:
            before, at = alarms(about, LIMITS, moment - 1), alarms(about, LIMITS, moment)
            assert set(before) != set(at)
            assert set(alarms(about, LIMITS, now + 1)) == set(before)
            moments.append(moment)
            now = moment
        assert len(moments) == (0 if about.journey.over else 1 if about is fetched else 2)


def test_the_closest_limit_holds() -> None:
    held = {"*/*": {"stuck_hours": 60}, "ups/*": {"stuck_hours": 50, "lost_hours": 200}, "ups/air": {"stuck_hours": 10}}
    assert limits_of(held, "ups", "air") == Limits(stuck_hours=10, lost_hours=200)
    assert limits_of(held, "ups", "ground").stuck_hours == 50
    assert limits_of(held, "dhl", "air") == Limits(stuck_hours=60)


@pytest.mark.parametrize("odd", [{"stuk_hours": 3}, {"stuck_hours": 0}, {"stuck_hours": 1.5}, {"stuck_hours": True}])
def test_limits_that_cannot_be_say_what_was_expected(odd: dict[str, object]) -> None:
    with pytest.raises(DomainError, match="expected"):
        checked_limits(odd)
