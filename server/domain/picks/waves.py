"""Waves: which ready orders of a site are picked together, in which order, before which truck."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.errors import DomainError
from server.domain.routes.calendars import Calendar, next_dispatch

_DAYS_BACK = 30
"""A site without an open day in so many days before a ship-by sends what it has with the next truck."""


class Mix(StrEnum):
    """What an order is to a picker: one unit alone, which a tote shares with others, or more than that."""

    SINGLE = "single"
    MULTI = "multi"


class WaveOrder(NamedTuple):
    """A reserved order that nobody picks yet. ``priority``: 0 goes first. Times are seconds since the epoch."""

    order_id: int
    carrier: str
    units: int
    received_at: float
    service: str = ""
    priority: int = 0
    ship_by: float | None = None

    @property
    def mix(self) -> Mix:
        """One unit of one SKU goes apart: its bench needs no slip, only the item."""
        return Mix.SINGLE if self.units == 1 else Mix.MULTI


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one person takes on one walk. An order above ``units`` walks alone."""

    orders: int = 40
    units: int = 200

    def __post_init__(self) -> None:
        if self.orders < 1 or self.units < 1:
            raise DomainError("invalid", f"expected at least 1 order and 1 unit, found {self.orders} and {self.units}")


@dataclass(frozen=True, slots=True)
class Wave:
    """Orders of one carrier, one cut-off, one priority and one mix, the most urgent first."""

    carrier: str
    due: float | None
    priority: int
    mix: Mix
    orders: tuple[WaveOrder, ...]

    @property
    def units(self) -> int:
        """Units to fetch."""
        return sum(order.units for order in self.orders)


class _Due(NamedTuple):
    due: float | None
    order: WaveOrder


def plan(
    orders: Iterable[WaveOrder],
    calendar: Calendar,
    now: float,
    *,
    limits: Limits | None = None,
    until: float | None = None,
) -> tuple[Wave, ...]:
    """Every order in exactly one wave: earliest truck first, then priority, then single-item orders, then carrier.

    ``calendar`` is the site's, with cut-offs by service or by carrier. Orders due after ``until`` are left for later.
    """
    limits = limits or Limits()
    timed = (_Due(due(calendar, order, now), order) for order in orders)
    wanted = sorted((d for d in timed if until is None or d.due is None or d.due <= until), key=_urgency)
    waves = (_filled(list(same), limits) for _, same in groupby(wanted, key=_together))
    return tuple(wave for some in waves for wave in some)


def due(calendar: Calendar, order: WaveOrder, now: float) -> float | None:
    """The cut-off an order must make: the last one by its ship-by that is still ahead, else the next one.

    The cut-off of its service counts, else that of its carrier, else the site's. None when the site never opens.
    """
    service = order.service if order.service in calendar.cut_offs else order.carrier
    for moment in _before(calendar, service, order.ship_by):
        if moment < now:
            break
        if order.ship_by is not None and moment <= order.ship_by:
            return moment
    dispatch = next_dispatch(calendar, now, service)
    return dispatch.at if dispatch else None


def _before(calendar: Calendar, service: str, ship_by: float | None) -> Iterator[float]:
    """The cut-offs of the day of ``ship_by`` and of the days before it, the last one first."""
    if ship_by is None:
        return
    zone, minute = ZoneInfo(calendar.time_zone), calendar.cut_off_of(service)
    last = datetime.fromtimestamp(ship_by, zone).date()
    for day in (last - timedelta(days=n) for n in range(_DAYS_BACK)):
        if calendar.is_open(day):
            yield datetime.combine(day, time(minute // 60, minute % 60), zone).timestamp()


def _together(d: _Due) -> tuple[float, int, bool, str]:
    when = float("inf") if d.due is None else d.due
    return when, d.order.priority, d.order.mix is not Mix.SINGLE, d.order.carrier


def _urgency(d: _Due) -> tuple[object, ...]:
    ship_by = float("inf") if d.order.ship_by is None else d.order.ship_by
    return (*_together(d), ship_by, d.order.received_at, d.order.order_id)


def _filled(same: Sequence[_Due], limits: Limits) -> Iterator[Wave]:
    """As few waves as keep the order of the orders and the limits."""
    when, first = same[0]
    taken: list[WaveOrder] = []
    units = 0
    for _, order in same:
        if taken and (len(taken) == limits.orders or units + order.units > limits.units):
            yield Wave(first.carrier, when, first.priority, first.mix, tuple(taken))
            taken, units = [], 0
        taken.append(order)
        units += order.units
    yield Wave(first.carrier, when, first.priority, first.mix, tuple(taken))
