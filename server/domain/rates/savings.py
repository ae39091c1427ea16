"""What choosing has saved against the default provider, by month (RAT-04)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Shipped:
    """A parcel that went: in which month ("2026-03"), for how much, and what the default provider had asked."""

    month: str
    currency: str
    chosen: Decimal
    default: Decimal | None


@dataclass(frozen=True, slots=True)
class Month:
    """One month in one currency. Summed are the ``compared`` parcels: the default provider made an offer too."""

    month: str
    currency: str
    parcels: int
    compared: int
    chosen: Decimal
    default: Decimal

    @property
    def saved(self) -> Decimal:
        """Less than nothing cannot be: the default provider's offer was among those that competed."""
        return self.default - self.chosen

    @property
    def a_year(self) -> Decimal:
        """Twelve such months."""
        return self.saved * MONTHS


def by_month(shipped: Iterable[Shipped]) -> tuple[Month, ...]:
    """One row for each month and currency, the oldest first."""
    found: dict[tuple[str, str], list[Shipped]] = {}
    for each in shipped:
        found.setdefault((each.month, each.currency), []).append(each)
    return tuple(_month(*key, rows) for key, rows in sorted(found.items()))


def _month(month: str, currency: str, rows: list[Shipped]) -> Month:
    known = [(row.chosen, row.default) for row in rows if row.default is not None]
    chosen, default = (sum((pair[n] for pair in known), Decimal(0)) for n in (0, 1))
    return Month(month, currency, len(rows), len(known), chosen, default)
