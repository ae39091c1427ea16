"""One file per sales channel, found by its kind. An adapter never imports its neighbour."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from server.domain.errors import DomainError


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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed POST, ready to be sent. ``body`` stays the same over all tries."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Channel(Protocol):
    """What the module of a kind must offer. ``settings`` are those of one channel of this kind."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise DomainError("invalid") when the settings cannot work."""

    def tells(self, settings: Mapping[str, Any]) -> bool:
        """Whether this channel can be told of stock and shipments."""

    def verify(self, settings: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str:
        """The message's own id; raise DomainError("bad_signature") unless the channel sent exactly this."""

    def read_order(self, body: bytes) -> IncomingOrder:
        """The order in a verified body; raise DomainError("malformed") naming the field."""

    def outgoing(
        self, settings: Mapping[str, Any], message_id: str, at: float, kind: str, payload: Mapping[str, Any]
    ) -> Outgoing:
        """What to send for an outbox row; ``message_id`` is stable over retries, ``at`` is the time of this try."""


@cache
def kinds() -> tuple[str, ...]:
    """Every kind there is a file for."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem != "__init__"))


@cache
def of_kind(kind: str) -> Channel:
    """The adapter of this kind; raise DomainError("not_found") listing those there are."""
    if not re.fullmatch("[a-z][a-z0-9_]*", kind) or kind not in kinds():
        raise DomainError("not_found", f"there is no kind of channel {kind!r}; there are: {', '.join(kinds())}")
    adapter: Any = importlib.import_module(f"server.channels.{kind}")
    found: Channel = adapter
    return found
