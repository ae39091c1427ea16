"""What a scale said, in whole grams whatever it weighs in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Load(StrEnum):
    """How a scale is with what lies on it."""

    OK = "ok"
    """It stands still."""
    MOTION = "motion"
    OVER = "over"
    UNDER = "under"
    """Below zero: something was taken off that it counts as its own."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Reading:
    """One weight. ``at`` in epoch seconds by this machine's clock; ``grams`` is None where none was said."""

    grams: int | None
    load: Load
    at: float

    @property
    def stable(self) -> bool:
        """Whether this may be taken for a weight, as the scale itself says."""
        return self.load is Load.OK and self.grams is not None


GRAMS = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
}
"""Grams in one unit; pounds and ounces by the international agreement of 1959."""
GRAMS_MAX = 10_000_000
"""Nothing a person lifts onto a scale; more is noise."""
BELOW_ZERO_GRAMS = -5
"""A scale drifts by a gram or two; further below zero it has to be set to zero."""
WEIGHT = r"([-+]? *(?:[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}))"
"""A number as scales send it, for a regular expression."""


def amount(text: str) -> Decimal:
    """What ``WEIGHT`` found, as a number; some scales leave room between the sign and the digits."""
    return Decimal(text.replace(" ", ""))


def weighed(parts: Iterable[tuple[Decimal, str]], load: Load, at: float) -> Reading | None:
    """A reading of amounts with their units, added up (12 lb and 3.5 oz); None where that makes no weight."""
    known = [(number, GRAMS.get(unit.lower())) for number, unit in parts]
    exact = sum((number * grams for number, grams in known if grams), Decimal(0))
    if not all(grams for _, grams in known) or abs(exact) > GRAMS_MAX:
        return None
    grams = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return Reading(grams, Load.UNDER if load is Load.OK and grams < BELOW_ZERO_GRAMS else load, at)
