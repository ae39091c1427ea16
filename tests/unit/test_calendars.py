"""When parcels leave."""

from datetime import UTC, datetime

import pytest

from server.domain.errors import DomainError
from server.domain.routes.calendars import Calendar, minute_of_day, next_dispatch


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def leaves(calendar: Calendar, now: str, service: str = "", later: int = 0) -> tuple[str, int]:
    found = next_dispatch(calendar, at(now), service, later)
    assert found is not None
    return datetime.fromtimestamp(found.at, UTC).isoformat(), found.days


BERLIN = Calendar.of("Europe/Berlin", range(5), ["2026-12-25"], "16:00", {"express": "18:30"})


@pytest.mark.parametrize(
    ("now", "service", "later", "expected"),
    [
        ("2026-03-11T10:00:00+01:00", "", 0, ("2026-03-11T15:00:00+00:00", 0)),
        ("2026-03-11T16:00:00+01:00", "", 0, ("2026-03-11T15:00:00+00:00", 0)),
        ("2026-03-11T16:00:01+01:00", "", 0, ("2026-03-12T15:00:00+00:00", 1)),
        ("2026-03-11T16:00:01+01:00", "express", 0, ("2026-03-11T17:30:00+00:00", 0)),
        ("2026-03-13T17:00:00+01:00", "", 0, ("2026-03-16T15:00:00+00:00", 3)),
        ("2026-03-14T09:00:00+01:00", "", 0, ("2026-03-16T15:00:00+00:00", 2)),
        ("2026-12-24T17:00:00+01:00", "", 0, ("2026-12-28T15:00:00+00:00", 4)),
        ("2026-03-11T10:00:00+01:00", "", 3, ("2026-03-16T15:00:00+00:00", 5)),
        ("2026-03-27T17:00:00+01:00", "", 0, ("2026-03-30T14:00:00+00:00", 3)),
    ],
    ids=["before", "at", "after", "its own cut-off", "weekend", "on saturday", "holiday", "lead days", "clock change"],
)
def test_a_parcel_leaves_at_the_next_cut_off_of_an_open_day(
    now: str, service: str, later: int, expected: tuple[str, int]
) -> None:
    assert leaves(BERLIN, now, service, later) == expected


def test_the_day_is_the_nodes_own() -> None:
    tokyo = Calendar.of("Asia/Tokyo", [3], cut_off="12:00")
    assert leaves(tokyo, "2026-03-11T16:00:00+00:00") == ("2026-03-12T03:00:00+00:00", 0)


def test_the_answer_holds_until_it_says_so() -> None:
    now = at("2026-03-13T10:00:00+01:00")
    found = next_dispatch(BERLIN, now, "", 2)
    assert found is not None
    assert next_dispatch(BERLIN, found.same_until, "", 2) == found._replace(same_until=found.same_until)
    after = next_dispatch(BERLIN, found.same_until + 1, "", 2)
    assert after is not None
    assert after.at > found.at


def test_a_calendar_without_an_open_day_never_ships() -> None:
    days = [f"2026-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 32) if not (m in (4, 6, 9, 11) and d == 31)]
    closed = Calendar("UTC", frozenset({0}), frozenset(days) | {d.replace("2026", "2027") for d in days})
    assert next_dispatch(closed, at("2026-01-01T00:00:00+00:00")) is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Calendar.of("Mars/Base"), "time zone: expected a name like Europe/Berlin, found 'Mars/Base'"),
        (lambda: Calendar.of(open_days=[]), "open days: expected numbers from 0 (Monday) to 6, found []"),
        (lambda: Calendar.of(open_days=[7]), "found [7]"),
        (lambda: Calendar.of(closed=["25.12."]), "closed days: expected a date like 2026-12-25, found '25.12.'"),
        (lambda: Calendar.of(cut_off="25:00"), "cut-off: expected a time like 16:30, found '25:00'"),
        (lambda: minute_of_day("4 pm"), "cut-off: expected a time like 16:30, found '4 pm'"),
    ],
)
def test_a_bad_calendar_says_what_was_expected(make: object, words: str) -> None:
    with pytest.raises(DomainError) as refused:
        make()  # type: ignore[operator]
    assert refused.value.code == "bad_calendar"
    assert words in refused.value.detail
