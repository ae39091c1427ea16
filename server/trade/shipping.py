"""What carriers are asked and what they answer, in the words of no carrier.

Money is Decimal with an ISO 4217 currency, weights are grams, lengths millimetres, times seconds since the epoch.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from printing.documents import Address, CarrierLabel
from server.trade.customs import CustomsItem, crosses


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """One parcel as a carrier prices it. ``weight_grams`` and ``size_mm`` (length, width, height) may be unknown."""

    ship_from: Address
    ship_to: Address
    weight_grams: int | None = None
    size_mm: tuple[int, int, int] | None = None
    hazmat: bool = False
    """Dangerous goods are inside; what they are is decided by our own tables, no carrier's declaration is made."""
    reference: str = ""
    """The order's number, printed on the label where the carrier allows it."""
    customs: tuple[CustomsItem, ...] = ()
    """What is inside, where it crosses a border; as far as anybody has said (see ``customs.lacking``)."""

    @property
    def crosses(self) -> bool:
        """Whether customs look at it."""
        return crosses(self.ship_from.country, self.ship_to.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a carrier would take a parcel for. ``service`` is the carrier's code as it is bought."""

    service: str
    price: Decimal
    currency: str
    name: str = ""
    """The service as people call it."""
    days: int | None = None
    """Working days in transit; None where the carrier does not say."""
    arrives_by: float | None = None
    guaranteed: bool = False
    quote_id: str = ""
    """The carrier's own name of this offer, where it can be named when it is bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyRequest(Consignment):
    """One parcel to be shipped. ``number`` counts our parcels (1 to 9,999,999,999)."""

    parcel_id: str
    number: int
    service: str
    quote_id: str = ""
    """The offer by which its way was chosen; a carrier that sells by its offers sells by this one while it holds."""


@dataclass(frozen=True, slots=True)
class Purchased:
    """A label that was bought. ``tracking`` is 8 to 40 printable ASCII characters, as its barcode is scanned."""

    tracking: str
    service: str
    cost: Decimal
    currency: str
    shipment_id: str = ""
    """The carrier's own id, by which it voids and hands over; empty where the tracking number does."""
    label: CarrierLabel | None = None
    """The carrier's own label; None where we draw one."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A label that was bought before, as its carrier knows it."""

    parcel_id: str
    tracking: str
    shipment_id: str = ""
    service: str = ""


class VoidState(StrEnum):
    """What became of a request to void a label.

    VOIDED   it is void and its cost comes back, or it never cost anything
    PENDING  the carrier took the request and has not decided
    REFUSED  the carrier will not: it was used, or it is too old
    """

    VOIDED = "voided"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Voiding:
    """The answer to a void; ``text`` is what the carrier said."""

    state: VoidState
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing a carrier says of a parcel. ``code`` and ``words`` are the carrier's own; nothing is judged here.

    ``event_id`` is the carrier's own id of it, empty where it has none.
    """

    tracking: str
    at: float
    code: str
    words: str = ""
    where: str = ""
    eta: float | None = None
    """When the carrier now means to deliver."""
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What a carrier says of a day's parcels (SCAN form, ground close).

    ``closed`` carries the carrier's ``reference`` and maybe a paper; ``pending`` is asked again by ``reference``;
    ``refused`` names in ``text`` what it will not take.
    """

    state: Literal["closed", "pending", "refused"]
    reference: str = ""
    text: str = ""
    paper: CarrierLabel | None = None
    left_out: tuple[str, ...] = field(default=())
    """Tracking numbers that are not on it: void, or handed over already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupWish:
    """A driver is to fetch these between two moments; ``note`` is for the driver."""

    address: Address
    earliest: float
    latest: float
    shipments: tuple[Shipment, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """What became of it: ``booked`` under the carrier's own ``reference``, ``cancelled``, or ``refused``: ``text``."""

    state: Literal["booked", "cancelled", "refused"]
    reference: str = ""
    confirmation: str = ""
    """What the driver is asked for."""
    cost: Decimal | None = None
    currency: str = ""
    text: str = ""
