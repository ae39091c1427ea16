"""When a node's parcels leave: open days, holidays, cut-off times, in the node's own time zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.errors import DomainError

DAY_MINUTES = 24 * 60
LAST_MINUTE = DAY_MINUTES - 1
_DAYS_AHEAD = 400
"""A calendar without an open day for that long is a mistake, not a closure."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open weekdays (Monday is 0), closed dates (ISO), and cut-offs in minutes after local midnight, some by service.

    An order that is there at the cut-off of an open day leaves that day.
    """

    time_zone: str = "UTC"
    open_days: frozenset[int] = frozenset(range(7))
    closed: frozenset[str] = frozenset()
    cut_off: int = LAST_MINUTE
    cut_offs: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        time_zone: str = "UTC",
        open_days: Iterable[int] = range(7),
        closed: Iterable[str] = (),
        cut_off: str = "23:59",
        cut_offs: Mapping[str, str] | None = None,
    ) -> "Calendar":
        """Check and build one from words; raise DomainError("bad_calendar") with what was expected and found."""
        try:
            _zone(time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise _bad(f"time zone: expected a name like Europe/Berlin, found {time_zone[:40]!r}") from error
        days = frozenset(open_days)
        if not days or not days <= frozenset(range(7)):
            raise _bad(f"open days: expected numbers from 0 (Monday) to 6, found {sorted(days)}")
        by_service = {service: minute_of_day(text) for service, text in (cut_offs or {}).items()}
        return cls(time_zone, days, frozenset(map(_iso, closed)), minute_of_day(cut_off), by_service)

    def cut_off_of(self, service: str) -> int:
        """Minutes after local midnight until which an order of this service still leaves the same day."""
        return self.cut_offs.get(service, self.cut_off) if self.cut_offs else self.cut_off

    def is_open(self, day: date) -> bool:
        """Whether parcels leave on this local date."""
        return day.weekday() in self.open_days and day.isoformat() not in self.closed


class Dispatch(NamedTuple):
    """The moment a parcel leaves, and how many local calendar days that is after today.

    The answer is the same for every question asked until ``same_until``.
    """

    at: float
    days: int
    same_until: float


def next_dispatch(calendar: Calendar, now: float, service: str = "", later: int = 0) -> Dispatch | None:
    """When something asked for ``now`` leaves, ``later`` open days after the first chance (supplier lead time).

    None when the calendar has no such day within 400 days.
    """
    zone = _zone(calendar.time_zone)
    today = datetime.fromtimestamp(now, zone).date()
    cut_off = calendar.cut_off_of(service)
    first: float | None = None
    left = later
    for days in range(_DAYS_AHEAD):
        day = today + timedelta(days=days)
        if not calendar.is_open(day) or (days == 0 and _at(day, cut_off, zone) < now):
            continue
        leaves = _at(day, cut_off, zone)
        first = leaves if first is None else first
        if left == 0:
            midnight = _at(today + timedelta(days=1), 0, zone) - 0.001
            return Dispatch(leaves, days, max(now, min(first, midnight)))
        left -= 1
    return None


def minute_of_day(text: str) -> int:
    """Minutes after midnight of "16:30"; raise DomainError("bad_calendar")."""
    hours, colon, minutes = text.strip().partition(":")
    digits = hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and len(minutes) == 2
    if not colon or not digits or int(hours) > 23 or int(minutes) > 59:
        raise _bad(f"cut-off: expected a time like 16:30, found {text[:20]!r}")
    return int(hours) * 60 + int(minutes)


def _at(day: date, minute: int, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).timestamp()


def _iso(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise _bad(f"closed days: expected a date like 2026-12-25, found {text[:20]!r}") from error


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _bad(detail: str) -> DomainError:
    return DomainError("bad_calendar", detail)
