"""A parcel leaves on an open day, never in the past, and what is remembered is true."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.routes.calendars import Calendar, next_dispatch

CALENDARS = st.builds(
    Calendar,
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]),
    open_days=st.frozensets(st.integers(0, 6), min_size=1),
    cut_off=st.integers(0, 1439),
)
TIMES = st.floats(1.7e9, 1.9e9)


@settings(max_examples=200, deadline=None)
@given(calendar=CALENDARS, now=TIMES, later=st.integers(0, 4), share=st.floats(0, 1))
def test_the_next_dispatch_is_open_not_past_and_the_same_until_it_says(
    calendar: Calendar, now: float, later: int, share: float
) -> None:
    found = next_dispatch(calendar, now, "", later)
    assert found is not None
    local = datetime.fromtimestamp(found.at, ZoneInfo(calendar.time_zone))
    assert calendar.is_open(local.date())
    assert found.at >= now
    assert found.same_until >= now
    between = now + share * (found.same_until - now)
    again = next_dispatch(calendar, between, "", later)
    assert again is not None
    assert (again.at, again.days) == (found.at, found.days)


@settings(max_examples=100, deadline=None)
@given(calendar=CALENDARS, now=TIMES, wait=st.floats(0, 1e6))
def test_asking_later_never_leaves_earlier(calendar: Calendar, now: float, wait: float) -> None:
    first, second = next_dispatch(calendar, now), next_dispatch(calendar, now + wait)
    assert first is not None
    assert second is not None
    assert second.at >= first.at
