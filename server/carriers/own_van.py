"""Our own vans and couriers: a fixed table of zones and weights, and a tracking number of our own making.

``own_van.csv``: country (ISO code or *), postcode prefix, upper weight in grams, price, currency. The longest prefix
wins, then the lightest class that holds the parcel.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from server.carriers import Account, BuyRequest, Capabilities, Carrier, Purchased
from server.domain.errors import DomainError

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

    @property
    def capabilities(self) -> Capabilities:
        """Nothing to look up: asking again is the same as asking. A number that is never used is no loss."""
        return Capabilities(look_up=False, allot=True)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.account.name

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:  # noqa: ARG002
        """Price the parcel and number it; raise DomainError("label_refused") when no row fits."""
        rate = price(request.ship_to.country, request.ship_to.postcode, request.weight_grams or 0)
        return Purchased(tracking(request.number), request.service, rate.price, rate.currency)

    def look_up(self, idempotency_key: str) -> Purchased | None:  # noqa: ARG002
        """Nothing to look up: buying again gives the same."""
        return None


def carrier(account: Account) -> Carrier:
    """The carrier of this file."""
    return OwnVan(account)


def tracking(number: int) -> str:
    """``PV``, ten digits and a check digit. It begins with letters, so that no scanner takes it for a GTIN."""
    if not 0 < number < 10**_DIGITS:
        raise DomainError("label_refused", f"expected a parcel number of at most {_DIGITS} digits, found {number}")
    digits = f"{number:0{_DIGITS}d}"
    return f"{_PREFIX}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """GS1 modulo 10 (GS1 General Specifications, 7.9.1): weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return -total % 10


def price(country: str, postcode: str, weight_grams: int) -> Rate:
    """The row for this destination and weight; raise DomainError("label_refused") saying what is missing."""
    where = country.strip().upper()
    zone = [r for r in rates() if r.country in (where, "*") and postcode.strip().upper().startswith(r.postcode)]
    fits = [r for r in zone if weight_grams <= r.up_to_grams]
    if not fits:
        most = max((r.up_to_grams for r in zone), default=0)
        raise DomainError("label_refused", f"expected at most {most} g to this destination, found {weight_grams} g")
    return min(fits, key=lambda r: (r.country == "*", -len(r.postcode), r.up_to_grams))


@lru_cache(maxsize=1)
def rates() -> tuple[Rate, ...]:
    """The table."""
    text = files("server.carriers").joinpath("own_van.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Rate(r["country"], r["postcode"], int(r["up_to_grams"]), Decimal(r["price"]), r["currency"]) for r in rows
    )
