"""One file per carrier provider, found by its name. An adapter never imports its neighbour.

An adapter author writes one class with the five members of ``Carrier`` and adds its provider's module to nothing: a
provider named ``own_van`` is ``carriers/own_van.py`` with a function ``carrier(account) -> Carrier``.
Money is Decimal with a currency, weights are grams, lengths millimetres; text is what people typed.
"""

from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Protocol

from printing.documents import Address
from server.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that nobody offers what it cannot."""

    look_up: bool = True
    """It can tell what was bought under a key. Without it a crashed purchase is repeated under the same key."""
    void: bool = False
    track: bool = False
    allot: bool = False
    """Numbers may be allotted beforehand: a purchase costs nothing until its parcel is handed over, and one that is
    never used may simply be forgotten. A bench may then print a label with no server in sight (SYN-12)."""


@dataclass(frozen=True, slots=True)
class BuyRequest:
    """One parcel to be shipped. ``number`` counts our parcels (1 to 9,999,999,999), ``weight_grams`` may be unknown."""

    parcel_id: str
    number: int
    service: str
    ship_from: Address
    ship_to: Address
    weight_grams: int | None = None
    size_mm: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Purchased:
    """A label that was bought. ``tracking`` is 8 to 40 printable ASCII characters, as its barcode is scanned."""

    tracking: str
    service: str
    cost: Decimal
    currency: str


class Carrier(Protocol):
    """What the product asks of a carrier. Called from several threads and processes at once, never in a transaction."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """Buy a label.

        The same key must give the same purchase, however often and from wherever it is asked, also at the same time:
        pass it on to a provider that knows such keys, else look up by reference first.
        Raise DomainError("label_refused") when the carrier says no: nothing was bought, and its words are the detail.
        Raise Unavailable when it is not known whether the label was bought; the same key is tried again later.
        """

    def look_up(self, idempotency_key: str) -> Purchased | None:
        """What was bought under this key, or None when certainly nothing was. Raise Unavailable when unknown."""


@dataclass(frozen=True, slots=True)
class Account:
    """A carrier as this company uses it: the code on orders and dock lanes, its name, and the provider behind it."""

    code: str
    name: str
    provider: str
    max_grams: int | None = None
    """What a parcel may weigh; None where nobody has said."""


ACCOUNTS: dict[str, Account] = {
    a.code: a for a in (Account("own-van", "Own van", "own_van"), Account("city-bikes", "City Bikes", "own_van"))
}


def account(code: str) -> Account:
    """The account with this code; raise DomainError("unknown_carrier") naming those there are."""
    found = ACCOUNTS.get(code)
    if found is None:
        raise DomainError("unknown_carrier", f"there is no carrier {code!r}; there are {', '.join(ACCOUNTS)}")
    return found


def carrier(code: str) -> Carrier:
    """The carrier behind an account."""
    found = account(code)
    made: Carrier = import_module(f"server.carriers.{found.provider}").carrier(found)
    return made
