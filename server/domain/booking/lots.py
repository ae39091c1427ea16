"""Lots with their expiry, serial numbers, and what a receipt must say about them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError

LOT_MAX = 20
"""Characters of a lot and of a serial number: GS1 General Specifications, application identifiers 10 and 21."""
UNITS_MAX = 1_000_000_000
_FOREVER = "9999-12-31"


def day_in(now: float, time_zone: str) -> date:
    """The day at a site: by it its lots expire, not by the day in Greenwich."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(time_zone)).date()


def next_day_in(now: float, time_zone: str) -> float:
    """When the next day begins there, in seconds since the epoch."""
    tomorrow = day_in(now, time_zone) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(time_zone)).timestamp()


class LotRow(NamedTuple):
    """Units of one lot that may still be promised; "" is stock without a lot, ``expires_on`` an ISO date or ""."""

    lot: str
    expires_on: str
    available: int


def fefo(rows: Sequence[LotRow], quantity: int, not_before: date | None = None) -> tuple[tuple[str, int], ...] | None:
    """Take so many units, first expired first out: (lot, units) each; None when there are not enough.

    A lot may be used on the day it expires (GS1 application identifier 17); ``not_before`` is the day on which the
    goods must still be good, so earlier lots are left lying. Stock that never expires goes last; ties by lot.
    """
    if len(rows) == 1 and not rows[0].expires_on:
        return ((rows[0].lot, quantity),) if rows[0].available >= quantity else None
    first = not_before.isoformat() if not_before else ""
    taken: list[tuple[str, int]] = []
    left = quantity
    for lot, _, available in sorted(_good(rows, first), key=lambda row: (row.expires_on or _FOREVER, row.lot)):
        units = min(left, available)
        if units > 0:
            taken.append((lot, units))
            left -= units
        if not left:
            return tuple(taken)
    return None


def good_units(rows: Iterable[LotRow], not_before: date | None = None) -> int:
    """Units of the lots that are still good on that day."""
    return sum(max(0, row.available) for row in _good(rows, not_before.isoformat() if not_before else ""))


def _good(rows: Iterable[LotRow], first: str) -> Iterable[LotRow]:
    return (row for row in rows if not row.expires_on or row.expires_on >= first)


@dataclass(frozen=True, slots=True)
class Tracking:
    """What must be known of each unit of a product."""

    lots: bool = False
    expiry: bool = False
    serials: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line of goods as somebody scanned or typed it; ``expires_on`` is an ISO date or ""."""

    sku: str
    units: int
    lot: str = ""
    expires_on: str = ""
    serials: tuple[str, ...] = ()


def incoming(
    given: Incoming, tracking: Tracking, today: date, *, known_expiry: str | None = None, here: Collection[str] = ()
) -> Incoming:
    """The receipt line as it may be booked: blanks gone, the known expiry of its lot filled in.

    ``known_expiry`` is what the book says of this lot (None: a new lot); ``here`` are serial numbers of the product
    that are in stock or in transit. Raise DomainError: "invalid", "need_lot", "need_expiry", "expired",
    "expiry_differs", "need_serial", "duplicate_serial".
    """
    if not 0 < given.units <= UNITS_MAX:
        what = f"expected 1 to {UNITS_MAX} units of {given.sku}, found {given.units}"
        raise DomainError("invalid", what, says="goods_units", sku=given.sku, units=given.units)
    lot = _lot(given, tracking)
    expires_on = _expiry(given, lot, tracking, today, known_expiry)
    return Incoming(given.sku, given.units, lot, expires_on, _serials(given, tracking, here))


def _lot(given: Incoming, tracking: Tracking) -> str:
    lot = code("lot", given.lot)
    if tracking.lots and not lot:
        what = f"{given.sku} is kept by lot: scan or type its lot"
        raise DomainError(Reason.NEED_LOT, what, says="goods_lot", sku=given.sku)
    if lot and not tracking.lots:
        what = f"{given.sku} is not kept by lot, found lot {lot}; leave it out"
        raise DomainError("invalid", what, says="goods_no_lot", sku=given.sku, lot=lot)
    return lot


def _expiry(given: Incoming, lot: str, tracking: Tracking, today: date, known: str | None) -> str:
    expires_on = iso_date(given.expires_on) or known or ""
    if expires_on and not lot:
        what = f"{given.sku}: an expiry date belongs to a lot, and there is none"
        raise DomainError(Reason.NEED_LOT, what, says="goods_lot", sku=given.sku)
    if tracking.expiry and not expires_on:
        what = f"{given.sku} expires: scan or type the date of lot {lot}"
        raise DomainError("need_expiry", what, says="goods_day", sku=given.sku, lot=lot)
    if known is not None and expires_on != known:
        what = f"lot {lot} of {given.sku} expires on {known or 'no date'} in the book, not {expires_on}"
        facts = {"sku": given.sku, "lot": lot, "known": known or "-", "found": expires_on}
        raise DomainError("expiry_differs", what, says="goods_day_differs", **facts)
    if expires_on and expires_on < today.isoformat():
        what, facts = f"lot {lot} of {given.sku} expired on {expires_on}", {"sku": given.sku, "lot": lot}
        raise DomainError(Reason.EXPIRED, what, says="goods_expired", day=expires_on, **facts)
    return expires_on


def _serials(given: Incoming, tracking: Tracking, here: Collection[str]) -> tuple[str, ...]:
    serials = tuple(code("serial number", text) for text in given.serials)
    if serials and not tracking.serials:
        what = f"{given.sku} has no serial numbers in the book, found {serials[0]}"
        raise DomainError("invalid", what, says="goods_no_serials", sku=given.sku)
    if tracking.serials and (len(serials) != given.units or not all(serials)):
        what = f"expected {given.units} serial numbers of {given.sku}, found {len(serials)}"
        raise DomainError(Reason.NEED_SERIAL, what, says="goods_serials", sku=given.sku, units=given.units)
    seen = set(here)
    for serial in serials:
        if serial in seen:
            what, facts = f"serial number {serial} of {given.sku} is here already", {"sku": given.sku}
            raise DomainError(Reason.DUPLICATE_SERIAL, what, says="goods_serial_here", serial=serial, **facts)
        seen.add(serial)
    return serials


def code(what: str, text: str) -> str:
    """A lot or serial number without blanks around it; raise DomainError("invalid") when it cannot be one."""
    text = text.strip()
    if len(text) > LOT_MAX or not (text.isprintable() and text.isascii()):
        found = f"{what}: expected at most {LOT_MAX} printable characters, found {text[:40]!r}"
        raise DomainError("invalid", found, says="goods_bad_lot", text=text[:20])
    return text


def iso_date(text: str) -> str:
    """YYYY-MM-DD, or "" for nothing; raise DomainError("invalid") for anything else."""
    text = text.strip()
    if not text:
        return ""
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        what = f"expected a date as YYYY-MM-DD, found {text[:40]!r}"
        raise DomainError("invalid", what, says="goods_bad_day", text=text[:20]) from None
