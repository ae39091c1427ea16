"""Dynamic safety buffers: velocity, lead time and margin in, units out, with the sum written down (BUF-07).

    buffer = units sold / days  x  lead time in days  x  percent of the velocity band  x  percent of the margin band

rounded up (the published number is never rounded up) and kept within ``least`` and ``most``. Exact arithmetic: the same
inputs give the same buffer on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from types import MappingProxyType

from server.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Band:
    """From ``at_least`` on (thousandths of a unit a day, or percent of margin) this ``percent`` counts."""

    name: str
    at_least: int
    percent: int


VELOCITY = (Band("slow", 0, 25), Band("steady", 1_000, 50), Band("fast", 5_000, 100))
MARGIN = (Band("thin", -1_000, 150), Band("fair", 15, 100), Band("rich", 35, 50))
"""What is sold at a thin margin is the first to be held back."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What a dynamic rule configures; bands in rising order, limits in units."""

    velocity: tuple[Band, ...] = VELOCITY
    margin: tuple[Band, ...] = MARGIN
    least: int = 0
    most: int = 1_000_000


def _no_margins() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a SKU: units sold in so many days, days to replenish, margin in percent by channel."""

    sold: int
    days: int
    lead_days: int
    margins: Mapping[str, int] = field(default_factory=_no_margins)


@dataclass(frozen=True, slots=True)
class DynamicBuffer:
    """Units to hold back, and the sum that gave them."""

    units: int
    sentence: str


def check_formula(formula: Formula) -> Formula:
    """The formula itself; raise DomainError("invalid") when its bands do not rise or its limits cross."""
    for name, bands in (("velocity", formula.velocity), ("margin", formula.margin)):
        starts = [band.at_least for band in bands]
        if not bands or starts != sorted(set(starts)) or any(not 0 <= band.percent <= 1_000 for band in bands):
            raise DomainError("invalid", f"{name}: expected bands that rise, each with 0 to 1000 percent")
    if not 0 <= formula.least <= formula.most:
        raise DomainError("invalid", f"expected 0 <= least <= most, found {formula.least} and {formula.most}")
    return formula


def dynamic(formula: Formula, pace: Pace | None, channel: str) -> DynamicBuffer:
    """The buffer of one channel; with nothing known of the SKU it is the least."""
    if pace is None or pace.days <= 0:
        return DynamicBuffer(formula.least, f"nothing is known of its sales yet: the least, {formula.least}")
    daily = Fraction(pace.sold, pace.days)
    velocity = _band(formula.velocity, daily * 1_000)
    margin = pace.margins.get(channel)
    profit = _band(formula.margin, Fraction(margin)) if margin is not None else Band("unknown", 0, 100)
    exact = daily * pace.lead_days * velocity.percent * profit.percent / 10_000
    units = min(max(ceil(exact), formula.least), formula.most)
    gained = f"margin {margin} %" if margin is not None else "margin"
    sentence = (
        f"{pace.sold} sold in {pace.days} days = {float(daily):.2f} a day ({velocity.name}: {velocity.percent} %)"
        f" x {pace.lead_days} days to replenish x {profit.percent} % ({gained}: {profit.name})"
        f" = {float(exact):.2f}, up to {units} (least {formula.least}, most {formula.most})"
    )
    return DynamicBuffer(units, sentence)


def _band(bands: tuple[Band, ...], value: Fraction) -> Band:
    """The last band that begins at or below the value, else the first."""
    return next((band for band in reversed(bands) if band.at_least <= value), bands[0])
