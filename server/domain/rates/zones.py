"""Where a parcel goes and how heavy it is, as coarsely as prices are remembered; and the days that are left."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.routes.calendars import Calendar, next_dispatch

PREFIX = 3
"""Carriers' zone charts go by the first three digits of a postcode."""
_CLASSES = (100, 250, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000)
_STEP = 10_000
_DAYS_MAX = 60
FAR_OFF = 0.2
"""A weight that differs by more than a fifth makes another parcel of it."""


def prefix_of(postcode: str) -> str:
    """The first three letters or digits."""
    return "".join(c for c in postcode.upper() if c.isalnum())[:PREFIX]


def zone_of(country: str, postcode: str) -> str:
    """``US-941``."""
    return f"{country.strip().upper()[:2]}-{prefix_of(postcode)}"


def weight_class(grams: int | None) -> int:
    """The upper grams of the class this weight is in; 0 while nobody knows the weight."""
    if grams is None:
        return 0
    found = next((most for most in _CLASSES if grams <= most), None)
    return found if found is not None else -(-grams // _STEP) * _STEP


def size_of(size_mm: tuple[int, int, int] | None) -> str:
    """``300x200x100``, the longest side first, however the box was measured; empty while nobody knows."""
    return "x".join(map(str, sorted(size_mm, reverse=True))) if size_mm is not None else ""


def far_off(before: int | None, now: int | None) -> bool:
    """Whether a price for ``before`` grams says nothing of a parcel of ``now`` grams."""
    if before is None or now is None:
        return before is not now
    return abs(now - before) > FAR_OFF * before


def days_left(calendar: Calendar, now: float, deliver_by: float | None) -> int | None:
    """Weekdays from the day on which a parcel sealed ``now`` leaves, to the one it was promised for.

    A cut-off that has passed moves its leaving to the next open day. None where nothing was promised, or where the
    calendar has no open day.
    """
    leaves = next_dispatch(calendar, now) if deliver_by is not None else None
    if deliver_by is None or leaves is None:
        return None
    zone = ZoneInfo(calendar.time_zone)
    first, last = (datetime.fromtimestamp(at, zone).date() for at in (leaves.at, deliver_by))
    if last < first:
        return -_weekdays(last, first)
    return _weekdays(first, last)


def _weekdays(after: date, until: date) -> int:
    """Weekdays after one date, until the other; 60 stands for all that is more."""
    days = min((until - after).days, 2 * _DAYS_MAX)
    return sum((after + timedelta(days=n)).weekday() < 5 for n in range(1, days + 1))
