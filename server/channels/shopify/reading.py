"""The shop's JSON, field by field. Nothing of a buyer ever gets into a message: only the kind of what was found."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from server.domain.errors import DomainError
from server.trade.moments import LATEST
from server.trade.money import digits

_UNITS_MAX = 2_000_000_000


def broken(where: str, expected: str, found: Any) -> NoReturn:
    """Raise DomainError("malformed")."""
    raise DomainError("malformed", f"{where}: expected {expected}, found {type(found).__name__}")


def text(raw: Mapping[str, Any], name: str) -> str:
    """Text as it is, empty where there is none."""
    found = raw.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        broken(name, "text", found)
    return found


def whole(raw: Mapping[str, Any], name: str) -> int:
    """A count from zero."""
    found = raw.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _UNITS_MAX:
        broken(name, f"a whole number from 0 to {_UNITS_MAX}", found)
    return found


def part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, empty where there is none."""
    found = raw.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        broken(name, "an object", found)
    return found


def parts(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, or the nodes of a connection."""
    found = raw.get(name)
    if isinstance(found, Mapping):
        found = found.get("nodes")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        broken(name, "a list of objects", found)
    return found


def more(raw: Mapping[str, Any], name: str) -> str | None:
    """Where a connection goes on; None at its end."""
    page = part(part(raw, name), "pageInfo")
    return text(page, "endCursor") if page.get("hasNextPage") else None


def moment(raw: Mapping[str, Any], name: str) -> float | None:
    """ISO 8601 as seconds since the epoch."""
    said = text(raw, name)
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        broken(name, "an ISO 8601 time", said)
    if not 0 <= seconds <= LATEST:
        broken(name, "a time from 1970 to 5138", said)
    return seconds


def price(raw: Mapping[str, Any], name: str) -> str:
    """The amount of a money bag in the shop's currency, as text."""
    return text(part(part(raw, name), "shopMoney"), "amount")


def minor(raw: Mapping[str, Any], name: str, currency: str) -> int | None:
    """The same in minor units; None where there is no such amount."""
    said = price(raw, name)
    if not said:
        return None
    try:
        found = Decimal(said).scaleb(digits(currency))
        units = int(found.to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        broken(name, "a decimal amount", said)
    if abs(units) > _UNITS_MAX:
        broken(name, f"at most {_UNITS_MAX} minor units", said)
    return units
