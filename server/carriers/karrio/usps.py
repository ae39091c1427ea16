"""What the library does not know of USPS: how our own box is called there, so that what was quoted is what is bought.

USPS prices each mail class for many kinds of packaging, and the library names each price as a service of its own, but
buys all of them as "dimensional rectangular" and "non machinable". We offer one price for a mail class, that of our
own box, and write the same kind into the label. Kinds and sizes: Domestic Mail Manual 201.7.0 and 223.1.0, Domestic
Labels 3.0 (``rateIndicator``, ``processingCategory``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from server.trade.shipping import Consignment

_EXPRESS = "PRIORITY_MAIL_EXPRESS"
_CUBIC_FOOT = 12 * 12 * 12
_INCH = 25.4
_OVERSIZED = 108.0
"""Inches of length and girth, above which only Ground Advantage takes it, at its own price."""
_MACHINE_MOST = (22.0, 18.0, 15.0)
_MACHINE_LEAST = (6.0, 3.0, 0.25)
_MACHINE_GRAMS = 11_340
"""25 lb."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``indicator`` and ``category`` as USPS writes them."""

    indicator: str
    category: str


def kind_of(consignment: Consignment, mail_class: str) -> Kind:
    """The kind of our own box in this mail class; its size is known by now."""
    sides = [side / _INCH for side in sorted(consignment.size_mm or (0, 0, 0), reverse=True)]
    fits = all(low <= side <= high for low, side, high in zip(_MACHINE_LEAST, sides, _MACHINE_MOST, strict=True))
    machinable = fits and (consignment.weight_grams or 0) <= _MACHINE_GRAMS
    return Kind(_indicator(sides, mail_class), "MACHINABLE" if machinable else "NONSTANDARD")


def _indicator(sides: Sequence[float], mail_class: str) -> str:
    if mail_class == _EXPRESS:
        return "PA"
    if sides[0] + 2 * (sides[1] + sides[2]) > _OVERSIZED:
        return "OS"
    return "DR" if sides[0] * sides[1] * sides[2] > _CUBIC_FOOT else "SP"


def service_of(mail_class: str) -> str:
    """USPS_GROUND_ADVANTAGE is usps_ground_advantage, PRIORITY_MAIL is usps_priority_mail: as the library buys them."""
    return f"usps_{mail_class.lower().removeprefix('usps_')}"


def own_box(rates: Iterable[Any], consignment: Consignment) -> list[Any]:
    """Of all prices the one of our own box for each mail class, under the name by which it is bought.

    Where USPS knows no price for our category the dearest of the others counts: nothing is promised below its price.
    """
    found: dict[str, list[Any]] = {}
    for rate in rates:
        mail_class = str(rate.meta.get("usps_mail_class") or "")
        if rate.meta.get("usps_rate_indicator") == kind_of(consignment, mail_class).indicator:
            found.setdefault(mail_class, []).append(rate)
    return [_one(mail_class, each, kind_of(consignment, mail_class)) for mail_class, each in found.items()]


def _one(mail_class: str, rates: Sequence[Any], kind: Kind) -> Any:
    same = [rate for rate in rates if rate.meta.get("usps_processing_category") == kind.category]
    one = min(same, key=lambda r: r.total_charge) if same else max(rates, key=lambda r: r.total_charge)
    one.service = service_of(mail_class)
    one.meta["service_name"] = f"USPS {mail_class.removeprefix('USPS_').replace('_', ' ').title()}"
    return one


def mended(bodies: Sequence[Any], consignment: Consignment) -> Any:
    """A label's body with the kind of our box, with whole names (the library keeps the first and the last word), and
    without the girth, which it gives in centimetres for inches."""
    whose = {"toAddress": consignment.ship_to.name, "fromAddress": consignment.ship_from.name}
    for body in bodies:
        parcel = body["packageDescription"]
        kind = kind_of(consignment, str(parcel.get("mailClass")))
        parcel.update(rateIndicator=kind.indicator, processingCategory=kind.category)
        parcel.pop("girth", None)
        for place, name in {**whose, "senderAddress": consignment.ship_from.name}.items():
            _name(body[place], name)
    return bodies


def _name(address: dict[str, Any], name: str) -> None:
    """First and last name, or where somebody has a single one, a firm of that name: USPS wants either."""
    for part in ("firstName", "lastName"):
        address.pop(part, None)
    first, _, last = " ".join(name.split()).rpartition(" ")
    if first:
        address.update(firstName=first, lastName=last)
    elif last:
        address.setdefault("firm", last)
