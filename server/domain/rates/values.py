"""What a choice of carrier is made from, and the choice itself.

Money is Decimal with an ISO 4217 currency, weights are grams, lengths millimetres, times seconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Level(StrEnum):
    """What a buyer pays for, the slowest first."""

    ECONOMY = "economy"
    STANDARD = "standard"
    EXPEDITED = "expedited"
    TWO_DAY = "two_day"
    OVERNIGHT = "overnight"

    @property
    def rank(self) -> int:
        """0 is the slowest."""
        return RANKED.index(self)


RANKED = tuple(Level)
MOST_PRICE = Decimal(10**9)
"""Whatever costs more is a mistake, in any currency."""


class Verdict(StrEnum):
    """What became of an offer, or of an account that was asked. The first two qualify."""

    CHOSEN = "chosen"
    DEARER = "dearer"
    NOT_ALLOWED = "not_allowed"
    HAZMAT = "hazmat"
    REGION = "region"
    WEIGHT = "weight"
    SIZE = "size"
    BOX = "box"
    ONE_WAY = "one_way"
    CURRENCY = "currency"
    PRICE = "price"
    ECONOMY = "economy"
    TOO_SLOW = "too_slow"
    NO_DAYS = "no_days"
    TOO_LATE = "too_late"
    UNKNOWN_SERVICE = "unknown_service"
    PRINTED = "printed"
    NO_ANSWER = "no_answer"
    LEFT_OUT = "left_out"
    NOT_ASKED = "not_asked"
    DENIED = "denied"
    FAILED = "failed"
    REFUSED = "refused"


class By(StrEnum):
    """What a choice rests on: a price just asked for, one that is remembered, or the way the order came with."""

    LIVE = "live"
    CACHED = "cached"
    OWN = "own"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Dangerous:
    """Dangerous goods inside, and the ways they may take: ``carrier`` or ``carrier/service`` each."""

    name: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a parcel needs. It holds no more of an address than a zone does: ``postcode`` is its first three letters."""

    channel: str
    paid: str
    """The order's word for its service: what the buyer paid for."""
    carrier: str
    """The order's own carrier; ``paid`` is its service."""
    country: str
    region: str = ""
    postcode: str = ""
    grams: int | None = None
    size_mm: tuple[int, int, int] | None = None
    skus: tuple[str, ...] = ()
    hazmat: tuple[Dangerous, ...] = ()
    box_carriers: tuple[str, ...] = ()
    """Carriers that take the box; empty: all."""
    deliver_by: float | None = None
    days_left: int | None = None
    """Working days in transit that are left when it leaves next; negative when it is late already."""
    only: str = ""
    """``carrier/service`` that another box of the order has taken already."""

    @property
    def own(self) -> tuple[str, str]:
        """The carrier and service the order came with, or those of its other boxes."""
        carrier, _, service = self.only.partition("/")
        return (carrier, service) if self.only else (self.carrier, self.paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an account would take the parcel for. ``cached_at``: asked then, not now."""

    account: str
    service: str
    price: Decimal
    currency: str
    name: str = ""
    days: int | None = None
    """Working days in transit; None where the carrier does not say."""
    arrives_by: float | None = None
    quote_id: str = ""
    cached_at: float | None = None

    @property
    def way(self) -> str:
        """``carrier/service``."""
        return f"{self.account}/{self.service}"

    @property
    def priced(self) -> bool:
        """Whether its price is one."""
        return self.price.is_finite() and 0 <= self.price < MOST_PRICE


@dataclass(frozen=True, slots=True)
class Judged:
    """An offer with its verdict and the sentence for it."""

    offer: Offer
    verdict: Verdict
    text: str

    @property
    def qualifies(self) -> bool:
        """Whether it could have been taken."""
        return self.verdict in (Verdict.CHOSEN, Verdict.DEARER)


@dataclass(frozen=True, slots=True)
class Silent:
    """An account that made no offer now, or none that can be trusted.

    NO_ANSWER  it was asked and is silent, or failed
    LEFT_OUT   it failed before, or asks for a pause
    NOT_ASKED  there was no time for it; nothing is known against it
    DENIED     it does not let us in, or its settings cannot work: it sells nothing until somebody mends it
    REFUSED    it will not take this parcel
    FAILED     it answers, but sold no label for this parcel just now
    """

    account: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The way of a parcel with everything that was weighed. ``way`` is None when it has none."""

    need: Need
    way: tuple[str, str] | None
    by: By
    why: str
    judged: tuple[Judged, ...] = ()
    silent: tuple[Silent, ...] = ()
    chosen: Offer | None = None
    default: Offer | None = None
    """The default provider's cheapest qualifying offer."""
    level: Level | None = None

    @property
    def saving(self) -> Decimal | None:
        """What is saved against the default provider; None where one of both is not known."""
        return self.default.price - self.chosen.price if self.default and self.chosen else None

    @property
    def offers(self) -> Sequence[Offer]:
        """All of them."""
        return [each.offer for each in self.judged]
