"""What an order must have before it may be packed: an order as it came, judged by the rules of the domain."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.incidents import IncidentType
from server.domain.sales import defects
from server.domain.sales.defects import QUANTITY_MAX, Known
from server.domain.sales.payments import Hindrance, PaymentState, hindrance
from server.trade.orders import IncomingOrder, SoldLine

_INCIDENTS = {
    "unknown_sku": IncidentType.UNKNOWN_SKU,
    "no_sku": IncidentType.UNKNOWN_SKU,
    "fraud": IncidentType.FRAUD,
    "payment_failed": IncidentType.PAYMENT,
}


@dataclass(frozen=True, slots=True)
class Defect:
    """Why an order waits for a person: a stable code, a sentence without personal data, and the incident to open.

    ``keeps_units``: the trouble has nothing to do with stock, so the units are promised all the same (RSV-01).
    """

    code: str
    cause: str
    incident: IncidentType | None = IncidentType.BAD_ORDER
    keeps_units: bool = True


def first_defect(order: IncomingOrder, names: Mapping[str, str], carriers: Collection[str]) -> Defect | None:
    """The most pressing thing that is wrong, or None.

    ``names`` gives our SKU for each of the channel's that is known; ``carriers`` are those there are.
    """
    known = Known(names, carriers, () if order.unmapped else None)
    found = defects.first_defect(order, known, _hindrance(order))
    if found is None:
        return None
    incident = _INCIDENTS.get(found.code, IncidentType.BAD_ORDER) if found.told else None
    return Defect(found.code, found.cause, incident, found.keeps_units)


def _hindrance(order: IncomingOrder) -> Hindrance | None:
    if order.paid and not order.fraud and not order.payment:
        return None
    return hindrance(payment_state(order), fraud=order.fraud)


def payment_state(order: IncomingOrder) -> PaymentState:
    """What the channel says of the money."""
    if order.payment:
        return PaymentState(order.payment)
    return PaymentState.PAID if order.paid else PaymentState.UNPAID


def in_our_words(order: IncomingOrder, policy: Mapping[str, Any]) -> IncomingOrder:
    """The order with our carrier and service for the channel's words, where the channel's policy maps any.

    ``policy["services"]`` is {"their words": ["carrier", "service"]}.
    """
    services = policy.get("services")
    if not services or not order.service:
        return order
    ours = services.get(order.service)
    if ours is None:
        return replace(order, unmapped=True)
    return replace(order, carrier=order.carrier or ours[0], service=ours[1])


def usable(line: SoldLine) -> bool:
    """Whether the line names a number of units that can be kept."""
    return 0 < line.quantity <= QUANTITY_MAX


def wanted(order: IncomingOrder, names: Mapping[str, str]) -> dict[str, int]:
    """Units by our SKU of an order whose lines are all known and usable."""
    units: dict[str, int] = {}
    for line in order.lines:
        sku = names[line.sku]
        units[sku] = units.get(sku, 0) + line.quantity
    return units
