"""One file, or one small package, per carrier provider, found by its name. A provider never imports its neighbour.

Who adds a provider writes ``carriers/<provider>.py`` with the functions ``capabilities(account) -> Capabilities`` and
``carrier(account, line) -> Carrier``, and touches no other file. It may also have ``SETTINGS`` and ``who(line)``, which
says what the carrier calls us. Its calls go through the line, which counts limits,
renews tokens and turns every failure into a ``server.calls.troubles.Trouble``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

from server.calls.line import Line
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
)
from server.trade.words import Setting


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that nobody asks for what it cannot."""

    quote: bool = False
    look_up: bool = True
    """It can tell what was bought under a key. Without it a crashed purchase is repeated under the same key."""
    void: bool = False
    track: bool = False
    hear: bool = False
    """It sends messages of its own about parcels."""
    manifest: bool = False
    """It wants to be told what leaves (SCAN form, ground close)."""
    pickup: bool = False
    """It sends a driver to fetch parcels when it is asked."""
    allot: bool = False
    """Numbers may be allotted beforehand: a purchase costs nothing until its parcel is handed over, and one that is
    never used may simply be forgotten. A bench may then print a label with no server in sight (SYN-12)."""
    customs: bool = False
    """It takes parcels over a border, and tells customs what is inside. No other is asked to take one."""
    offline: bool = False
    """It needs no network at all."""
    words: str = ""
    """Whose words its scans are in; empty: the provider's own."""


class Carrier(Protocol):
    """What the product asks of a carrier. Called from several threads and processes at once, never in a transaction.

    Every method may raise a Trouble: Refused (it says no, and always will), Away (no answer; ``maybe_done`` where it
    may have been carried out), Throttled (too early), Denied (it does not let us in). Only what ``capabilities``
    names is asked.
    """

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """Every service that would take this parcel; none is an answer too."""

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """Buy a label. Refused: this asking bought nothing. Away with ``maybe_done``: it is not known.

        The same key must give the same purchase, however often and from wherever it is asked, also at the same time:
        pass it on to a provider that knows such keys, else look up by reference first.
        """

    def look_up(self, idempotency_key: str) -> Purchased | None:
        """What was bought under this key and is not void, or None when certainly nothing was.

        Raise Unsettled while an earlier purchase may still be carried out, and asking again is safe.
        """

    def void(self, shipment: Shipment) -> Voiding:
        """Void a label; voiding it again is harmless."""

    def track(self, shipments: Sequence[Shipment]) -> Sequence[Seen]:
        """Everything the carrier knows of these parcels, in any order, also what it said before."""

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Seen]:
        """What a message of the carrier's says; raise DomainError("bad_signature") unless it sent exactly this."""

    def manifest(self, shipments: Sequence[Shipment], key: str, reference: str = "") -> HandedOver:
        """Tell the carrier what leaves now, once under this key; ``reference`` of a pending answer asks after it.

        Carriers call it a manifest, a SCAN form or a ground close.
        """

    def book_pickup(self, wish: PickupWish, key: str) -> Pickup:
        """Have a driver come and fetch, once under this key: asked again it says what is booked."""

    def cancel_pickup(self, key: str) -> Pickup:
        """Nobody comes under this key any more; cancelling again is harmless."""


@dataclass(frozen=True, slots=True)
class Account:
    """A carrier as this company uses it: the code on orders and dock lanes, its name, and the provider behind it."""

    code: str
    name: str
    provider: str
    max_grams: int | None = None
    """What a parcel may weigh; None where nobody has said."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The owner's own credentials and choices. There is no field for a margin (RAT-03)."""
    active: bool = True
    """Whether new parcels may go with it; those it has are still tracked and voided."""


BUILT_IN: Mapping[str, Account] = {
    "own-van": Account("own-van", "Own van", "own_van"),
    "city-bikes": Account("city-bikes", "City Bikes", "own_van"),
}
"""What every company has from the start; a row of the same code takes its place."""


def providers() -> tuple[str, ...]:
    """The names of all providers."""
    return tuple(sorted(each.name for each in iter_modules(__path__)))


def settings_of(provider: str) -> Sequence[Setting] | None:
    """The settings a provider knows; None where it looks at its settings itself. Raise DomainError("invalid")."""
    found: Sequence[Setting] | None = getattr(_module(provider), "SETTINGS", None)
    return found


def who(account: Account, line: Line) -> str:
    """What the carrier calls us, asked with one cheap call; "" where there is nobody to ask. Raise a Trouble."""
    ask = getattr(_module(account.provider), "who", None)
    return str(ask(line)) if ask else ""


def can_be_asked(provider: str) -> bool:
    """Whether ``who`` calls anybody; False for a provider that is not there."""
    return provider in providers() and hasattr(_module(provider), "who")


def carrier(account: Account, line: Line) -> Carrier:
    """The carrier behind an account; raise DomainError("invalid") for a provider or settings that cannot work."""
    made: Carrier = _module(account.provider).carrier(account, line)
    return made


def capabilities(account: Account) -> Capabilities:
    """What the carrier behind an account can do; nobody is called for it. Raise DomainError("invalid")."""
    found: Capabilities = _module(account.provider).capabilities(account)
    return found


def _module(provider: str) -> Any:
    if provider not in providers():
        raise DomainError("invalid", f"provider: expected one of {', '.join(providers())}, found {provider!r}")
    return import_module(f"server.carriers.{provider}")
