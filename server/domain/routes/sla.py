"""What a channel promises its buyers: by when an order leaves, how it is packed, by which service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.domain.errors import DomainError
from server.domain.routes.calendars import Calendar, next_dispatch

_KEYS = (
    "service",
    "handling_days",
    "time_zone",
    "open_days",
    "closed",
    "cut_off",
    "packing_profile",
    "carrier_service",
)


@dataclass(frozen=True, slots=True)
class Sla:
    """A channel's promise for one of its services ("" is every service it does not name elsewhere).

    An order placed until the calendar's cut-off leaves ``handling_days`` open days later; after it, a day more.
    """

    channel: str
    service: str = ""
    handling_days: int = 1
    calendar: Calendar = field(default_factory=Calendar)
    packing_profile: str = "standard"
    carrier_service: str = ""
    """Our word for the service; empty keeps the channel's."""


class Promise(NamedTuple):
    """What applies to one order; ``ship_by`` in seconds since the epoch, None when nobody promised anything."""

    ship_by: float | None
    packing_profile: str
    service: str


@dataclass(frozen=True, slots=True)
class Promises:
    """Every channel's promises."""

    by_key: dict[tuple[str, str], Sla]

    @classmethod
    def of(cls, slas: Iterable[Sla]) -> "Promises":
        """Index them; of two with the same channel and service the last counts. Our own words mean the same promise."""
        listed = tuple(slas)
        ours = {(sla.channel, sla.carrier_service): sla for sla in reversed(listed) if sla.carrier_service}
        return cls(ours | {(sla.channel, sla.service): sla for sla in listed})

    def promise(self, channel: str, service: str, placed_at: float, stated: float | None = None) -> Promise:
        """The deadline, packing profile and service of an order. A deadline the channel states itself always counts."""
        sla = self.by_key.get((channel, service)) or self.by_key.get((channel, ""))
        if sla is None:
            return Promise(stated, "standard", service)
        ship_by = stated
        if ship_by is None:
            leaves = next_dispatch(sla.calendar, placed_at, service, sla.handling_days)
            ship_by = leaves.at if leaves else None
        return Promise(ship_by, sla.packing_profile, sla.carrier_service or service)


def read_slas(channel: str, rows: Any) -> tuple[Sla, ...]:
    """A channel's promises from data; raise DomainError("bad_promise" | "bad_calendar").

    Each: service, handling_days, time_zone, open_days [0-6], closed [dates], cut_off "14:00", packing_profile,
    carrier_service; all may be absent.
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise _bad(f"expected a list of tables, found {rows!r}"[:200])
    return tuple(_sla(channel, row) for row in rows)


def _sla(channel: str, row: Mapping[str, Any]) -> Sla:
    unknown = [key for key in row if key not in _KEYS]
    if unknown:
        raise _bad(f"expected {', '.join(_KEYS)}, found {unknown[0]!r}")
    days = row.get("handling_days", 1)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 60:
        raise _bad(f"handling_days: expected a whole number from 0 to 60, found {days!r}")
    words = {key: row.get(key, "") for key in ("service", "packing_profile", "carrier_service")}
    for key, text in words.items():
        if not isinstance(text, str) or len(text) > 64 or not (text.isprintable() or not text):
            raise _bad(f"{key}: expected at most 64 printable characters, found {text!r}"[:200])
    calendar = Calendar.of(
        str(row.get("time_zone", "UTC")),
        row.get("open_days", range(7)),
        row.get("closed", ()),
        row.get("cut_off", "23:59"),
    )
    profile = words["packing_profile"] or "standard"
    return Sla(channel, words["service"], days, calendar, profile, words["carrier_service"])


def _bad(detail: str) -> DomainError:
    return DomainError("bad_promise", detail)
