"""An order as a channel sold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTo:
    """Where a parcel goes and whom to ask: personal data, kept byte for byte."""

    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """One line as the channel sold it; ``price`` is text in the order's currency."""

    sku: str
    quantity: int
    line_id: str = ""
    title: str = ""
    price: str = ""
    personalisation: str = ""
    """What is made for this buyer: the packer compares it before the label (SPC-02)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingOrder:
    """An order in the words of no channel. Times are seconds since the epoch; ``raw`` is all that the channel said."""

    order_id: str
    placed_at: float | None
    paid: bool
    currency: str
    ship_by: float | None
    carrier: str
    service: str
    note: str
    ship_to: ShipTo
    lines: tuple[SoldLine, ...]
    raw: Mapping[str, Any] = field(default_factory=dict)
    fulfilment: str = "own"
    """"channel": the marketplace ships it from its own warehouse (FBA)."""
    gift_message: str = ""
    """A message that goes into the box."""
    hold: str = ""
    """The key of the checkout's hold whose units this order takes."""
    customer_value: int = 0
    """The buyer's life-time value in minor units; 0 where nobody knows it."""
    payment: str = ""
    """unpaid | part_paid | paid | failed; empty: as ``paid`` says."""
    amount_due: int | None = None
    """Minor units; None where the channel does not say."""
    amount_paid: int = 0
    fraud: bool = False
    deliver_by: float | None = None
    """When the channel promised it to be there."""
    unmapped: bool = False
    """The channel maps its words for services, and this order's is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """An order as its platform shows it at ``changed_at``, the platform's own time of the last change.

    The quantities of ``order.lines`` are what is wanted of us in all, what has left included: ordered, less cancelled,
    less refunded before it left. A line with nothing left of it is not there.
    """

    order: IncomingOrder
    changed_at: float
    cancelled: bool = False
    """The whole order is cancelled there."""
    handed_over: bool = False
    """All of it has left, by whatever hands: a till's sale, or shipped before we were connected."""
    acknowledged: bool = True
    """False: the platform waits for our word that we took it."""
    asks: str = ""
    """What a person must decide, in a sentence without personal data: the buyer asks to cancel, money went back ..."""
    tracking: frozenset[str] = frozenset()
    """Tracking numbers the platform knows already."""
    paid_back: bool = False
    """Money went back after it had left: what account health may count as a defect."""
