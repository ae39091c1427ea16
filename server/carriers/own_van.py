"""Our own vans and couriers: a fixed table of zones and weights, and a tracking number of our own making.

A zone has a country (ISO code or *), a postcode prefix, an upper weight in grams, a price and its currency. The longest
prefix wins, then the lightest class that holds the parcel. Setting ``zones``; without it the table is ``own_van.csv``.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import files
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused
from server.carriers import Account, Capabilities, Carrier
from server.domain.errors import DomainError
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
    table: tuple[Rate, ...]

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """One price for each service the account names (setting ``services``; "standard" where it names none)."""
        services = _services_of(self.account)
        rate = self._price_of(consignment)
        return [
            Quote(service=code, price=rate.price, currency=rate.currency, name=code.replace("-", " "), days=days)
            for code, days in services.items()
        ]

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:  # noqa: ARG002
        """Price the parcel and number it; raise Refused when no row fits."""
        rate = self._price_of(request)
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

    def _price_of(self, consignment: Consignment) -> Rate:
        to = consignment.ship_to
        return price(to.country, to.postcode, consignment.weight_grams or 0, self.table)


def capabilities(account: Account) -> Capabilities:
    """Nothing to look up: asking again is the same as asking. A number that is never used is no loss.

    Raise DomainError("invalid") for settings that cannot work.
    """
    _services_of(account)
    _table_of(account)
    return Capabilities(quote=True, look_up=False, void=True, allot=True, offline=True)


def carrier(account: Account, line: Line) -> Carrier:  # noqa: ARG001 - nobody is called
    """The carrier of this file."""
    return OwnVan(account, _table_of(account))


def _services_of(account: Account) -> Mapping[str, int]:
    """The account's services with their working days in transit."""
    found = account.settings.get("services") or {"standard": 1}
    good = isinstance(found, Mapping) and all(type(days) is int and days >= 0 for days in found.values())
    if not good:
        what = f"services: expected days for each, as {{ standard = 1 }}, found {str(found)[:80]!r}"
        raise DomainError("invalid", what)
    return found


def _table_of(account: Account) -> tuple[Rate, ...]:
    zones = account.settings.get("zones")
    if zones is None:
        return rates()
    if not isinstance(zones, list) or not zones:
        raise DomainError("invalid", f"zones: expected at least one table [[zones]], found {str(zones)[:80]!r}")
    return tuple(_zone(number, each) for number, each in enumerate(zones, 1))


def _zone(number: int, told: Any) -> Rate:
    names = ("country", "postcode", "up_to_grams", "price", "currency")
    if not isinstance(told, Mapping) or set(told) - set(names) or not {*names} - {"postcode"} <= set(told):
        raise DomainError("invalid", f"zones: {number}: expected {', '.join(names)}, found {str(told)[:80]!r}")
    country, currency = str(told["country"]).strip().upper(), str(told["currency"]).strip().upper()
    try:
        cost = Decimal(str(told["price"]))
    except InvalidOperation:
        cost = Decimal("NaN")
    wrong = {
        "country (two letters, or *)": not (country == "*" or (len(country) == 2 and country.isalpha())),
        "up_to_grams above 0": type(told["up_to_grams"]) is not int or told["up_to_grams"] <= 0,
        "price of at least 0": not cost.is_finite() or cost < 0,
        "currency of three letters": not (len(currency) == 3 and currency.isalpha()),
    }
    for expected, is_wrong in wrong.items():
        if is_wrong:
            found = told[expected.split()[0]]
            raise DomainError("invalid", f"zones: {number}: expected {expected}, found {str(found)[:40]!r}")
    return Rate(country, str(told.get("postcode") or "").strip().upper(), told["up_to_grams"], cost, currency)


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


def price(country: str, postcode: str, weight_grams: int, table: Sequence[Rate] = ()) -> Rate:
    """The row for this destination and weight; raise Refused saying what is missing."""
    where = country.strip().upper()
    zone = [
        r for r in table or rates() if r.country in (where, "*") and postcode.strip().upper().startswith(r.postcode)
    ]
    if not zone:
        raise Refused(f"expected a place in one of the zones, found {where} {postcode.strip()[:3]}")
    fits = [r for r in zone if weight_grams <= r.up_to_grams]
    if not fits:
        most = max(r.up_to_grams for r in zone)
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
