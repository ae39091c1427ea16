"""When a dated window in local time begins and ends."""

from datetime import UTC, datetime

import pytest

from server.domain.errors import DomainError
from server.domain.sharing.windows import Window, check_window, instant, time_zone


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_day_in_november_begins_at_midnight_of_its_own_zone() -> None:
    assert instant("2026-11-27", "America/New_York") == utc("2026-11-27 05:00")
    assert instant("2026-11-27 00:00", "Europe/Berlin") == utc("2026-11-26 23:00")
    assert instant("2026-11-27 00:00", "Australia/Lord_Howe") == utc("2026-11-26 13:00")


def test_the_same_wall_time_is_another_moment_in_summer() -> None:
    assert instant("2026-07-04 09:00", "America/New_York") == utc("2026-07-04 13:00")
    assert instant("2026-12-04 09:00", "America/New_York") == utc("2026-12-04 14:00")


def test_a_time_the_clocks_skip_is_read_with_the_offset_before_the_gap() -> None:
    assert instant("2026-03-08 02:30", "America/New_York") == utc("2026-03-08 07:30")  # 03:30 on the wall
    assert instant("2026-03-29 02:30", "Europe/Berlin") == utc("2026-03-29 01:30")


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert instant("2026-11-01 01:30", "America/New_York") == utc("2026-11-01 05:30")
    assert instant("2026-10-25 02:30", "Europe/Berlin") == utc("2026-10-25 00:30")


def test_a_window_over_the_end_of_summer_time_is_an_hour_longer() -> None:
    window = Window("2026-10-25 00:00", "2026-10-26 00:00", "Europe/Berlin")
    assert window.closes - window.opens == 25 * 3600
    assert str(window) == "from 2026-10-25 00:00 until 2026-10-26 00:00 Europe/Berlin"


def test_a_window_open_on_one_side_holds_for_ever_on_that_side() -> None:
    assert Window(ends="2026-01-01", zone="UTC").opens < 0 < Window(starts="2026-01-01").closes
    assert str(Window(ends="2026-01-01")) == "until 2026-01-01 UTC"


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("tomorrow", "UTC", "expected a local time like 2026-11-27 00:00, found 'tomorrow'"),
        ("2026-11-27T00:00+01:00", "UTC", "without offset"),
        ("2026-11-27", "Mars/Base", "expected a time zone like Europe/Berlin, found 'Mars/Base'"),
        ("2026-11-27", "../../etc/passwd", "expected a time zone"),
        ("2026-11-27", "", "expected a time zone"),
    ],
)
def test_what_is_no_time_or_no_zone_is_named(local: str, zone: str, expected: str) -> None:
    with pytest.raises(DomainError, match=expected.replace("/", "/")):
        instant(local, zone)


def test_a_window_needs_a_side_and_ends_after_it_starts() -> None:
    assert check_window(Window("2026-11-27", "2026-11-28"))
    with pytest.raises(DomainError, match="expected a start or an end"):
        check_window(Window())
    with pytest.raises(DomainError, match="ends before it starts"):
        check_window(Window("2026-11-28", "2026-11-27"))


def test_a_zone_is_found_by_its_name() -> None:
    assert time_zone("Asia/Tokyo").key == "Asia/Tokyo"
