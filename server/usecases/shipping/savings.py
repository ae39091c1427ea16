"""What choosing has saved against the default provider (RAT-04)."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.db import rates as rows
from server.domain.errors import DomainError
from server.domain.rates.savings import Month, Shipped, by_month

_YEAR = 366 * 86_400


def savings(connection: Connection, now: float, month: str = "") -> tuple[Month, ...]:
    """Each of the last twelve months, or one ("2026-03"), by the clock of the site a parcel left from.

    Parcels whose label was bought by a choice and is not void, at the prices that were offered. Raise
    DomainError("invalid").
    """
    since, until = _span(month) if month else (now - _YEAR, now + 1)
    listed = [
        Shipped(
            datetime.fromtimestamp(row.used_at, ZoneInfo(row.time_zone)).strftime("%Y-%m"),
            row.currency,
            Decimal(row.price),
            Decimal(row.default_price) if row.default_price is not None else None,
        )
        for row in rows.shipped(connection, since, until)
    ]
    return tuple(each for each in by_month(listed) if not month or each.month == month)


def _span(month: str) -> tuple[float, float]:
    """A month with a day on either side, since sites have clocks of their own."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise DomainError("invalid", f"month: expected one like 2026-03, found {month[:20]!r}") from error
    return first.timestamp() - 86_400, first.timestamp() + 33 * 86_400
