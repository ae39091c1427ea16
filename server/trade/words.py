"""What we tell a platform, and what it answers; what it sells, and what it tells us by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from server.calls.troubles import Trouble
from server.trade.orders import ChannelOrder

Kind = Literal["stock", "shipment", "cancel", "refund", "ack", "split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One thing that a platform sells. ``ref`` is the platform's own id of it, ``sku`` what the seller calls it there.

    ``data`` is what the adapter needs to find it again (its product, its place, its offer). ``quantity`` is the live
    number, None where the platform keeps none.
    """

    ref: str
    sku: str
    gtin: str = ""
    title: str = ""
    quantity: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One thing to tell. ``id`` stays the same over all tries; ``tried``: an earlier try may have been carried out.

    ``data`` of a stock word: sku, available, version; ``listings`` are those that mean this SKU, ``before`` the number
    the platform last took. Of a shipment: order_id, tracking_number, carrier, carrier_name, service, shipped_at,
    lines [{line_id, sku, quantity}], parcel_id. Of a cancel: order_id, cancelled_at, reason, lines. Of a refund,
    of units that left: order_id, refunded_at, reason, lines. Of an ack: order_id. Of a split: see split_notices.
    """

    id: str
    kind: str
    key: str
    data: Mapping[str, Any]
    timestamp: str = ""
    """When this version was made, ISO 8601."""
    tried: bool = False
    before: int | None = None
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one word; ``trouble`` is None when the platform has it, ``text`` what it said, for the record."""

    text: str
    trouble: Trouble | None = None

    @property
    def ok(self) -> bool:
        """Whether the platform has it."""
        return self.trouble is None


def failed(trouble: Trouble) -> Answer:
    """The answer for a word that met trouble."""
    return Answer(trouble.detail, trouble)


@dataclass(frozen=True, slots=True)
class Ref:
    """Something to look at: an order by its platform's id, a listing whose number moved, or the account itself."""

    kind: Literal["order", "stock", "account"]
    ref: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that the platform sent and signed. ``event`` is its own id, the same on every retry.

    ``refs`` is empty for a ping. ``answer`` is the body to answer with, where the platform expects one.
    """

    event: str
    refs: tuple[Ref, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Orders that changed, oldest change first. ``cursor`` continues; ``more``: there is another page right now.

    The cursor of a last page begins the next look: it overlaps what was seen, as the platform's clock demands.
    """

    orders: tuple[ChannelOrder, ...]
    cursor: Mapping[str, Any]
    more: bool = False
    unread: tuple[str, ...] = ()
    """Ids of orders on this page that could not be read: each is fetched alone, and put aside if need be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """Listings; ``cursor`` continues, empty at the end."""

    listings: tuple[Listing, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are there, as the platform says it. ``places``: its locations or ship nodes, id to name.

    ``expires_at``: when the connection must be renewed by a person, None where it need not.
    """

    name: str
    places: Mapping[str, str] = field(default_factory=dict)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a kind of channel: what `channels add` asks for, and a line of the commented example."""

    name: str
    help: str
    secret: bool = False
    default: str | None = None
    """None: it must be given."""
    example: str = ""
