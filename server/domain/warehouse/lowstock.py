"""When a product runs low: threshold = velocity x lead time + safety, one alert a crossing (LOW-01, LOW-02, LOW-04).

A velocity is two whole numbers, units and days, so that the formula shown is the formula used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

WINDOW_DAYS = 28
"""Days of shipments behind a velocity: four whole weeks, so that weekdays count alike."""
HISTORY_DAYS = 182
"""How far back days with stock are looked for. A day is 24 hours back from now."""
LEAD_DAYS = 14
"""Until somebody says how long the supplier takes."""
SOON_DAYS = 7
"""A SKU is on the morning list when it reaches its threshold within so many days."""
_MARGIN_PER_CENT = 10


@dataclass(frozen=True, slots=True)
class Velocity:
    """Units shipped over a number of days; both are needed to say "12.5 a day" without rounding."""

    shipped: int = 0
    days: int = WINDOW_DAYS

    @property
    def per_day(self) -> float:
        """For people; decisions use the two whole numbers."""
        return self.shipped / self.days

    def over(self, days: float) -> int:
        """Units that leave in so many days, rounded up."""
        return ceil(round(self.shipped * days / self.days, 9))

    def lasts(self, units: int) -> float | None:
        """Days until so many units have left; None when nothing moves."""
        return max(units, 0) * self.days / self.shipped if self.shipped else None


@dataclass(frozen=True, slots=True)
class Day:
    """What the ledger says of one day: units that came or went in all, and those of them that were shipped."""

    d_on_hand: int = 0
    shipped: int = 0


_QUIET = Day()


def velocity(on_hand: int, days: Mapping[int, Day]) -> Velocity:
    """Units shipped over the last days on which there was something to ship, ``WINDOW_DAYS`` of them at most.

    ``on_hand`` is now; ``days`` are those with moves, by how many days ago (0 is the last 24 hours). Having none to
    sell is not lack of demand, so a product that has been sold out for a month keeps the velocity it had before.
    """
    if not any(day.shipped for day in days.values()):
        return Velocity()
    shipped, stocked, evening = 0, 0, on_hand
    for ago in range(HISTORY_DAYS):
        if stocked == WINDOW_DAYS:
            break
        day = days.get(ago, _QUIET)
        morning = evening - day.d_on_hand
        stocked += morning > 0 or evening > 0 or day.shipped > 0
        shipped += day.shipped
        evening = morning
    return Velocity(shipped, stocked or WINDOW_DAYS)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The number below which a product is low, at one site or in total, and where it comes from."""

    velocity: Velocity
    lead_days: float = LEAD_DAYS
    safety: int = 0

    @property
    def units(self) -> int:
        """threshold = velocity x lead time + safety (LOW-04)."""
        return self.velocity.over(self.lead_days) + self.safety

    @property
    def clear_at(self) -> int:
        """Units from which it is no longer low: a tenth above the threshold, at least one unit."""
        return self.units + max(1, -(-self.units * _MARGIN_PER_CENT // 100))

    @property
    def formula(self) -> str:
        """``12.5 a day x 14 days + 20 safety = 195``."""
        rate = f"{self.velocity.per_day:.2f}".rstrip("0").rstrip(".")
        return f"{rate} a day x {self.lead_days:g} days + {self.safety} safety = {self.units}"


class Crossing(StrEnum):
    """What a new number of available units means."""

    FELL = "fell"
    """It was not low and is: one alert."""
    ROSE = "rose"
    """It was low and has enough again: the alert is over."""


def crossing(low: bool, available: int, threshold: Threshold) -> Crossing | None:
    """What happened, or None. Between ``units`` and ``clear_at`` nothing changes: that is the hysteresis (LOW-01)."""
    if not low and available < threshold.units:
        return Crossing.FELL
    if low and available >= threshold.clear_at:
        return Crossing.ROSE
    return None


@dataclass(frozen=True, slots=True)
class Level:
    """Available units of one SKU at one site, or in total where ``site`` is empty; ``inbound`` is on its way there."""

    sku: str
    site: str
    available: int
    threshold: Threshold
    inbound: int = 0
    low: bool = False
    """Whether its alert stands."""

    @property
    def cover_days(self) -> float | None:
        """Days until nothing is available; None when nothing moves."""
        return self.threshold.velocity.lasts(self.available)

    @property
    def days_left(self) -> float | None:
        """Days until the threshold is reached; 0 when it is; None when nothing moves and it is not."""
        above = self.available - self.threshold.units
        return 0.0 if above < 0 else self.threshold.velocity.lasts(above)

    @property
    def wanted(self) -> int:
        """Units that bring it to ``clear_at``, what is inbound counted."""
        return max(0, self.threshold.clear_at - self.available - self.inbound)


def reorder_list(levels: Iterable[Level], soon_days: int = SOON_DAYS) -> tuple[Level, ...]:
    """Levels that are low or will be within ``soon_days``, the least days of cover first (LOW-02).

    A level that does not move is on it only below its threshold, and behind those that move.
    """
    due = (level for level in levels if level.low or _within(level.days_left, soon_days))
    return tuple(sorted(due, key=_urgency))


def _within(days: float | None, soon_days: int) -> bool:
    return days is not None and days <= soon_days


def _urgency(level: Level) -> tuple[float, int, str, str]:
    cover = level.cover_days
    return (float("inf") if cover is None else cover, level.available - level.threshold.units, level.sku, level.site)
