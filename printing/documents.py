"""What goes on paper: frozen values of plain types, which travel as JSON.

Text fields hold whatever people typed, in Unicode; the writers make it safe. Only what a barcode must hold is judged
here.
"""

from dataclasses import dataclass
from typing import Literal

BARCODE_TEXT_MAX = 40


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as it is to be read; `lines` are street lines, `country` is printed as given."""

    name: str
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


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

    def __post_init__(self) -> None:
        _check_barcode_text("tracking", self.tracking)


@dataclass(frozen=True, slots=True)
class ParkingSlip:
    """The slip that lies in a parked box; scanning `code` (as `ShippingLabel.tracking`) takes the box up again."""

    order_number: str
    code: str
    bench: str
    reason: str
    at: str

    def __post_init__(self) -> None:
        _check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One parcel on a load. `assumed`: somebody closed the load with it although it was not scanned on."""

    parcel_id: str
    tracking: str
    order_number: str
    weight_grams: int | None
    loaded_at: str
    loaded_by: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class LoadManifest:
    """What one vehicle took, frozen at closing; `left_behind` are tracking numbers expected and not loaded."""

    load_id: str
    carrier: str
    site: str
    opened_at: str
    closed_at: str
    closed_by: str
    lines: tuple[ManifestLine, ...]
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """One barcode on a sheet: `text` is what it holds, `caption` what a person reads, `hint` a smaller second line."""

    text: str
    caption: str
    hint: str = ""
    kind: Literal["code128", "ean13", "qr"] = "code128"


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Codes which belong together under one heading."""

    title: str
    note: str
    codes: tuple[PrintedCode, ...]


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """Pages of barcodes to scan from: commands for a bench, badges, everything of the demo."""

    title: str
    groups: tuple[CodeGroup, ...]


@dataclass(frozen=True, slots=True)
class PickGive:
    """Units of a stop that go into one slot of the cart."""

    slot: int
    units: int


@dataclass(frozen=True, slots=True)
class PickStop:
    """One halt on the walk: so many units of a lot from this shelf. `gives` is empty where all goes into one tote."""

    bin: str
    sku: str
    name: str
    variant: str
    lot: str
    units: int
    gives: tuple[PickGive, ...] = ()


@dataclass(frozen=True, slots=True)
class PickSlip:
    """What is scanned with a tote: `code` (as `ShippingLabel.tracking`) stands for an order or a whole wave."""

    slot: int | None
    number: str
    code: str
    units: int
    ship_by: str = ""

    def __post_init__(self) -> None:
        _check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class PickList:
    """What one person fetches on one walk: `stops` in walking order, and the slips of the orders to be carried."""

    wave: str
    site: str
    carrier: str
    due: str
    """When the truck leaves, as it is to be read; empty without one."""
    stops: tuple[PickStop, ...]
    slips: tuple[PickSlip, ...]
    orders: int


def _check_barcode_text(field: str, text: str) -> None:
    if not 1 <= len(text) <= BARCODE_TEXT_MAX:
        raise ValueError(f"{field}: expected 1 to {BARCODE_TEXT_MAX} characters, found {len(text)}")
    strange = [character for character in text if not " " <= character <= "~"]
    if strange:
        raise ValueError(f"{field}: expected printable ASCII, found {strange[0]!a} in {text!a}")
