"""Our own vans and couriers: a fixed table of zones and weights, and a tracking number of our own making.

``own_van.csv``: country (ISO code or *), postcode prefix, upper weight in grams, price, currency. The longest prefix
wins, then the lightest class that holds the parcel.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from server.calls.line import Line
from server.calls.troubles import Refused
from server.carriers import Account, Capabilities, Carrier
from server.trade.shipping import (
    BuyRequest,
    Consignment,
    HandedOver,
    Pickup,
    PickupWish,
    Purchased,
    Quote,
    Seen,
    Shipment,
    Voiding,
    VoidState,
)

_PREFIX = "PV"
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the table."""

    country: str
    postcode: str
    up_to_grams: int
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OwnVan:
    """Nothing is bought from anybody: the same parcel has the same number and price for ever."""

    account: Account

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """One price for each service the account names (setting ``services``; "standard" where it names none)."""
        services = self.account.settings.get("services") or {"standard": 1}
        rate = _price_of(consignment)
        return [
            Quote(service=code, price=rate.price, currency=rate.currency, name=code.replace("-", " "), days=days)
            for code, days in services.items()
        ]

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:  # noqa: ARG002
        """Price the parcel and number it; raise Refused when no row fits."""
        rate = _price_of(request)
        return Purchased(tracking(request.number), request.service, rate.price, rate.currency)

    def look_up(self, idempotency_key: str) -> Purchased | None:  # noqa: ARG002
        """Nothing to look up: buying again gives the same."""
        return None

    def void(self, shipment: Shipment) -> Voiding:  # noqa: ARG002
        """A number of our own costs nothing until its parcel leaves."""
        return Voiding(VoidState.VOIDED, "our own number")

    def track(self, shipments: Sequence[Shipment]) -> Sequence[Seen]:  # noqa: ARG002
        """Our vans do not scan."""
        return ()

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Seen]:  # noqa: ARG002
        """Our vans send no messages."""
        return ()

    def manifest(self, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:  # noqa: ARG002
        """Our own manifest is all there is."""
        return HandedOver(state="closed")

    def book_pickup(self, wish: PickupWish, key: str) -> Pickup:  # noqa: ARG002
        """Our vans come without being asked."""
        return Pickup(state="refused", text="our own vans come without being asked")

    def cancel_pickup(self, key: str) -> Pickup:  # noqa: ARG002
        """Nothing was booked."""
        return Pickup(state="cancelled")


def capabilities(account: Account) -> Capabilities:  # noqa: ARG001
    """Nothing to look up: asking again is the same as asking. A number that is never used is no loss."""
    return Capabilities(quote=True, look_up=False, void=True, allot=True, offline=True)


def carrier(account: Account, line: Line) -> Carrier:  # noqa: ARG001 - nobody is called
    """The carrier of this file."""
    return OwnVan(account)


def _price_of(consignment: Consignment) -> Rate:
    return price(consignment.ship_to.country, consignment.ship_to.postcode, consignment.weight_grams or 0)


def tracking(number: int) -> str:
    """``PV``, ten digits and a check digit. It begins with letters, so that no scanner takes it for a GTIN."""
    if not 0 < number < 10**_DIGITS:
        raise Refused(f"expected a parcel number of at most {_DIGITS} digits, found {number}")
    digits = f"{number:0{_DIGITS}d}"
    return f"{_PREFIX}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """GS1 modulo 10 (GS1 General Specifications, 7.9.1): weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return -total % 10


def price(country: str, postcode: str, weight_grams: int) -> Rate:
    """The row for this destination and weight; raise Refused saying what is missing."""
    where = country.strip().upper()
    zone = [r for r in rates() if r.country in (where, "*") and postcode.strip().upper().startswith(r.postcode)]
    fits = [r for r in zone if weight_grams <= r.up_to_grams]
    if not fits:
        most = max((r.up_to_grams for r in zone), default=0)
        raise Refused(f"expected at most {most} g to this destination, found {weight_grams} g")
    return min(fits, key=lambda r: (r.country == "*", -len(r.postcode), r.up_to_grams))


@lru_cache(maxsize=1)
def rates() -> tuple[Rate, ...]:
    """The table."""
    text = files("server.carriers").joinpath("own_van.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Rate(r["country"], r["postcode"], int(r["up_to_grams"]), Decimal(r["price"]), r["currency"]) for r in rows
    )
