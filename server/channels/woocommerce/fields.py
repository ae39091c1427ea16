"""Fields of WooCommerce's JSON, strictly: what is not as expected is named, and never shown (it may be a person's)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from server.domain.errors import DomainError
from server.trade.money import digits

UNITS_MAX = 2_000_000_000


def wrong(name: str, expected: str, found: Any) -> DomainError:
    """DomainError("malformed") with the kind of thing that was found."""
    kind = "nothing" if found is None else type(found).__name__
    return DomainError("malformed", f"{name}: expected {expected}, found {kind}")


def text(raw: Mapping[str, Any], name: str) -> str:
    """Byte for byte; nothing is the empty text."""
    found = raw.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise wrong(name, "text", found)
    return found


def table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object. PHP writes an empty one as a list."""
    found = raw.get(name) or {}
    if not isinstance(found, Mapping):
        raise wrong(name, "an object", found)
    return found


def rows(raw: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """A list of objects; nothing is an empty one."""
    found = raw.get(name) or []
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise wrong(name, "a list of objects", found)
    return found


def number(raw: Mapping[str, Any], name: str, least: int = 0) -> int:
    """A whole number from ``least``."""
    found = raw.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= UNITS_MAX:
        raise wrong(name, f"a whole number from {least} to {UNITS_MAX}", found)
    return found


def identity(raw: Mapping[str, Any], name: str = "id") -> str:
    """An id as text."""
    found = raw.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise wrong(name, "an id from 1", found)
    return str(found)


def money(raw: Mapping[str, Any], name: str) -> Decimal:
    """An amount of the order's currency, which WooCommerce writes as text."""
    found = raw.get(name)
    if isinstance(found, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", found):
        return Decimal(found)
    if found in (None, ""):
        return Decimal(0)
    raise wrong(name, "an amount as text", found)


def minor(amount: Decimal, currency: str) -> int:
    """Minor units."""
    return int(rounded(amount, currency).scaleb(digits(currency)))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the currency's own digits."""
    try:
        return amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise wrong("total", "an amount", amount) from error


def moment(raw: Mapping[str, Any], name: str) -> float | None:
    """Seconds since the epoch of a ..._gmt field, which carries no zone; None where it is empty."""
    found = raw.get(name)
    if found in (None, ""):
        return None
    try:
        seconds = datetime.fromisoformat(str(found)).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise wrong(name, "an ISO 8601 time", found) from error
    if seconds < 0:
        raise wrong(name, "a time since 1970", found)
    return seconds


def gmt(seconds: float) -> str:
    """The other way round, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")


def meta(raw: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The (key, value) pairs of ``meta_data``, as plugins left them."""
    return [(str(row.get("key")), row.get("value")) for row in rows(raw, "meta_data")]
