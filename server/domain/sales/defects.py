"""What an order must have before it may be packed: facts in, the most pressing defect out (VAL-03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from server.domain.sales.addresses import Place, undeliverable
from server.domain.sales.payments import KEEPS_UNITS, Hindrance

QUANTITY_MAX = 1_000_000


class Line(Protocol):
    """A line as the channel sold it; ``sku`` is ours."""

    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...


class Sold(Protocol):
    """An order as the channel sold it."""

    @property
    def lines(self) -> Sequence[Line]: ...
    @property
    def ship_to(self) -> Place: ...
    @property
    def carrier(self) -> str: ...
    @property
    def service(self) -> str: ...


class Known(NamedTuple):
    """What the order is held against. ``services``: the channel's words for a service; None where it maps none."""

    skus: Collection[str]
    carriers: Collection[str]
    services: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """A stable code, a sentence without personal data, and whether the units stay promised while a person settles it.

    ``told``: a person hears of it; money comes by itself.
    """

    code: str
    cause: str
    keeps_units: bool
    told: bool = True


_MONEY = {
    Hindrance.FRAUD: "the order is suspected of fraud",
    Hindrance.PAYMENT_FAILED: "the payment failed",
    Hindrance.PART_PAID: "only a part of the money has come",
    Hindrance.UNPAID: "the channel has not seen the money yet",
}


def first_defect(order: Sold, known: Known, hindrance: Hindrance | None = None) -> Defect | None:
    """The most pressing thing that is wrong, or None: what leaves nothing to reserve comes first, money last."""
    return _in_lines(order.lines, known.skus) or _barred(hindrance) or _in_shipping(order, known) or _money(hindrance)


def _in_lines(lines: Sequence[Line], skus: Collection[str]) -> Defect | None:
    if not lines:
        return Defect("no_lines", "the order has no lines", False)
    for line in lines:
        if not 0 < line.quantity <= QUANTITY_MAX or line.sku not in skus:
            return _in_line(line)
    return None


def _in_line(line: Line) -> Defect:
    name = repr(line.sku[:40])
    if line.quantity <= 0:
        return Defect("bad_quantity", f"expected at least 1 unit of {name}, found {line.quantity}", False)
    if line.quantity > QUANTITY_MAX:
        found = f"found {line.quantity}" if line.quantity < 10**15 else "found far more"
        return Defect("too_many_units", f"expected at most {QUANTITY_MAX} units of {name}, {found}", False)
    if not line.sku.strip():
        return Defect("no_sku", "a line names no SKU", False)
    return Defect("unknown_sku", f"no product has the SKU {name}", False)


def _in_shipping(order: Sold, known: Known) -> Defect | None:
    bad = undeliverable(order.ship_to)
    if bad is not None:
        return Defect(bad.code, bad.why, True)
    if order.carrier and order.carrier not in known.carriers:
        choice = ", ".join(known.carriers)
        return Defect("unknown_carrier", f"no carrier has the code {order.carrier[:40]!r}; there are {choice}", True)
    if order.service and known.services is not None and order.service not in known.services:
        choice = ", ".join(sorted(known.services))
        return Defect(
            "unknown_service", f"the service {order.service[:64]!r} is mapped to none; mapped: {choice}", True
        )
    return None


def _barred(hindrance: Hindrance | None) -> Defect | None:
    """Fraud and failed payments: nobody mends an address for these."""
    if hindrance is None or hindrance in KEEPS_UNITS:
        return None
    return Defect(hindrance.value, _MONEY[hindrance], False)


def _money(hindrance: Hindrance | None) -> Defect | None:
    return None if hindrance is None else Defect(hindrance.value, _MONEY[hindrance], True, told=False)


DEFECT_CODES: Mapping[str, str] = {
    "no_lines": "nothing was sold",
    "no_sku": "a line names no product",
    "unknown_sku": "a product nobody knows",
    "bad_quantity": "no units, or fewer",
    "too_many_units": "more units than can be meant",
    "no_name": "nobody to deliver to",
    "no_street": "no street",
    "no_city": "no city",
    "no_country": "no country",
    "bad_country": "no such country",
    "no_postcode": "no postcode where each address has one",
    "bad_postcode": "no postcode of that country",
    "unknown_carrier": "no such carrier",
    "unknown_service": "a service that is mapped to none",
    "unpaid": "no money yet",
    "part_paid": "not all of the money yet",
    "payment_failed": "the payment failed",
    "fraud": "suspected of fraud",
}
"""Every code an order can be held with, and what it means."""
