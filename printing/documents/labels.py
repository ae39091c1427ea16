"""What is stuck on a box."""

from dataclasses import dataclass
from typing import Literal

from printing.documents.look import PLAIN, Look
from printing.documents.parts import Address, check_barcode_text


@dataclass(frozen=True, slots=True)
class CarrierLabel:
    """A label as its carrier made it: these bytes are printed, none is added or taken away."""

    format: Literal["zpl", "pdf"]
    data: bytes


@dataclass(frozen=True, slots=True)
class ShippingLabel:
    """The label on a parcel. Raises ValueError if `tracking` cannot be a barcode on it."""

    parcel_id: str
    tracking: str
    """1 to 40 printable ASCII characters, exactly as the scanner must read them back."""
    carrier: str
    service: str
    ship_from: Address
    ship_to: Address
    order_number: str
    box: int
    boxes: int | None
    """None while the packer does not know yet how many boxes there will be."""
    weight_grams: int | None
    ship_date: str
    """ISO 8601, for instance 2026-03-04."""
    routing: str = ""
    notes: tuple[str, ...] = ()
    look: Look = PLAIN
    ready: CarrierLabel | None = None
    """Prints in place of all the rest, which then only says whose label it is."""

    def __post_init__(self) -> None:
        check_barcode_text("tracking", self.tracking)


@dataclass(frozen=True, slots=True)
class ParkingSlip:
    """The slip that lies in a parked box; scanning `code` (as `ShippingLabel.tracking`) takes the box up again."""

    order_number: str
    code: str
    bench: str
    reason: str
    at: str

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """Which of several boxes this is, for whoever carries them; `code` is the parcel's tracking number."""

    order_number: str
    code: str
    ship_to: Address
    box: int
    boxes: int

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)
