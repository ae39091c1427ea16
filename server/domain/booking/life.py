"""For how long goods must still be good: one rule for what is promised, what a channel is told, and what is packed.

So many days from the day they are packed, where product or channel say so (the stricter wins); else until the promised
delivery day, and where nobody promised one, until seven days after the day they ship.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

DELIVERY_DAYS = 7
"""From shipping to delivery, where nobody promised a day."""


class Due(NamedTuple):
    """When an order must leave and be there, seconds since the epoch; None where nobody promised."""

    ship_by: float | None = None
    deliver_by: float | None = None


UNPROMISED = Due()


def stricter(product: int | None, channel: int | None) -> int | None:
    """The days that count where each may ask for some; None where neither does."""
    return max((days for days in (product, channel) if days is not None), default=None)


def good_until(packed: str, days: int | None, ships: str = "", arrives: str = "") -> str:
    """The ISO day on which a unit packed on the ISO day ``packed`` must still be good.

    ``ships`` and ``arrives`` are the promised ISO days, "" where nobody promised.
    """
    if days is None and arrives:
        return max(arrives, packed)
    first = packed if days is not None else max(ships, packed)
    return later(first, DELIVERY_DAYS if days is None else days)


def later(day: str, days: int) -> str:
    """The ISO day so many days after this one; the last one that can be written is late enough for anything."""
    return date.fromordinal(min(date.fromisoformat(day).toordinal() + days, date.max.toordinal())).isoformat()


@dataclass(frozen=True, slots=True)
class MinimumLife:
    """The days that products (by SKU) and channels (by code) ask for; those that ask for none are missing."""

    products: Mapping[str, int]
    channels: Mapping[str, int]

    def days(self, sku: str, channel: str) -> int | None:
        """What holds for this product on this channel."""
        return stricter(self.products.get(sku), self.channels.get(channel))

    @property
    def spans(self) -> frozenset[int]:
        """Every number of days by which a lot may be refused before it expires."""
        return frozenset({0, DELIVERY_DAYS, *self.products.values(), *self.channels.values()})


@dataclass(frozen=True, slots=True)
class Freshness:
    """The rule at one moment. ``day`` gives the ISO day of a moment at a site."""

    now: float
    day: Callable[[float, int], str]
    life: MinimumLife

    def today(self, site_id: int) -> str:
        """The ISO day at the site."""
        return self.day(self.now, site_id)

    def until(self, sku: str, site_id: int, channel: str, due: Due = UNPROMISED) -> str:
        """As ``good_until`` for units that are promised now. They are packed today, or on the day they must leave."""
        ships, arrives = (self.day(at, site_id) if at is not None else "" for at in due)
        return good_until(max(self.today(site_id), ships), self.life.days(sku, channel), ships, arrives)
