"""What the owner allows: by channel, by carrier and service, by destination, weight, size and goods."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.domain.rates.values import Level

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """What holds for the orders of one channel (RAT-07)."""

    shop: bool = False
    """Whether its parcels take the cheapest way that qualifies, or the one they came with."""
    ways: tuple[str, ...] = ()
    """``carrier`` or ``carrier/service`` that may be taken; empty: all."""
    economy: bool = False
    """Whether a buyer who paid for standard may get economy."""
    expedite: bool = True
    """Whether the day it was promised for counts, also where that takes a faster service than was paid for."""
    default: str = ""
    """The account that savings are told against; empty: the company's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one carrier, one of its services (``carrier/service``) or any (``*``) will not take.

    Places are ``US`` (country), ``US-HI`` (region) or ``US:967`` (first letters of the postcode).
    """

    way: str = ANY
    max_grams: int | None = None
    max_side_mm: int | None = None
    max_girth_mm: int | None = None
    """The longest side and twice the two others."""
    only_to: tuple[str, ...] = ()
    never_to: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    """Only parcels with one of these; empty: all."""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One version of everything. ``accounts`` are the codes that may be used now, in their order."""

    version: int = 0
    accounts: tuple[str, ...] = ()
    currency: str = "USD"
    """Only offers in this currency compete; no exchange rate is invented."""
    default: str = ""
    deadline_seconds: float = 2.5
    cached_days: int = 14
    channels: Mapping[str, ChannelRule] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    """By a word of an order, in lower case."""
    services: Mapping[str, Level] = field(default_factory=dict)
    """By ``carrier/service``."""
    limits: tuple[Limit, ...] = ()

    def channel(self, code: str) -> ChannelRule:
        """The rule of a channel; by the rule of one nobody wrote about, nothing is shopped for."""
        return self.channels.get(code, _UNWRITTEN)

    def default_of(self, channel: str) -> str:
        """The account that savings are told against; empty when nobody said."""
        return self.channel(channel).default or self.default


_UNWRITTEN = ChannelRule()


def is_of(way: str, account: str, service: str) -> bool:
    """Whether ``way`` of a rule means this service."""
    return way in (ANY, account, f"{account}/{service}")


def is_at(place: str, country: str, region: str, postcode: str) -> bool:
    """Whether a place of a rule holds this destination."""
    where = country.upper()
    if ":" in place:
        of, _, begins = place.partition(":")
        return of == where and postcode.upper().startswith(begins)
    of, dash, part = place.partition("-")
    return of == where and (not dash or part == region.upper())
