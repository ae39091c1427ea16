"""What an order must have before stock is promised to it: facts in, decision out."""

from collections.abc import Collection
from dataclasses import dataclass

from server.channels import IncomingOrder, ShipTo, SoldLine
from server.domain.incidents import IncidentType
from server.domain.reservation import Demand

QUANTITY_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Defect:
    """Why an order waits for a person: a stable code, a sentence without personal data, and the incident to open."""

    code: str
    cause: str
    incident: IncidentType | None = IncidentType.BAD_ORDER


def first_defect(order: IncomingOrder, skus: Collection[str], carriers: Collection[str]) -> Defect | None:
    """The most pressing thing that is wrong, or None; ``skus`` and ``carriers`` are those that are known."""
    unknown = [line.sku for line in order.lines if line.sku not in skus]
    unusable = [line for line in order.lines if not usable(line)]
    missing = _missing(order.ship_to)
    if not order.lines:
        return Defect("no_lines", "the order has no lines")
    if unusable:
        found = ", ".join(f"{line.sku[:40]!r}: {line.quantity}" for line in unusable[:5])
        return Defect("bad_quantity", f"expected quantities from 1 to {QUANTITY_MAX}, found {found}")
    if unknown:
        named = ", ".join(repr(sku[:40]) for sku in unknown[:5])
        return Defect("unknown_sku", f"no product has the SKU {named}", IncidentType.UNKNOWN_SKU)
    if missing:
        return Defect("bad_address", f"the address has no {', '.join(missing)}")
    if order.carrier and order.carrier not in carriers:
        return Defect("unknown_carrier", f"no carrier has the code {order.carrier!r}; there are {', '.join(carriers)}")
    return None if order.paid else Defect("unpaid", "the channel has not seen the money yet", None)


def usable(line: SoldLine) -> bool:
    """Whether the line names a number of units that can be kept."""
    return 0 < line.quantity <= QUANTITY_MAX


def demands(order: IncomingOrder) -> list[Demand]:
    """What an order without defects takes from stock; lines are numbered from 1."""
    return [Demand(number, line.sku, line.quantity) for number, line in enumerate(order.lines, 1)]


def _missing(ship_to: ShipTo) -> list[str]:
    has = {
        "name": ship_to.name or ship_to.company,
        "line": "".join(ship_to.lines),
        "city": ship_to.city,
        "country": ship_to.country,
    }
    return [part for part, text in has.items() if not text.strip()]
