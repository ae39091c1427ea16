"""What lies in a box, or goes with goods on foot.

`code` is what a scanner is to read, 1 to 40 printable ASCII characters; ValueError names it where it cannot be one.
"""

from dataclasses import dataclass

from printing.documents.look import PLAIN, Look
from printing.documents.parts import Address, check_barcode_text


@dataclass(frozen=True, slots=True)
class SlipLine:
    """So many units of an item. `lot` may hold several lots or serial numbers, as they are to be read."""

    name: str
    variant: str
    sku: str
    units: int
    lot: str = ""


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """What the buyer finds in the box. `prices` are one for each line, or none; they print as given."""

    order_number: str
    code: str
    date: str
    sender: Address
    ship_to: Address
    lines: tuple[SlipLine, ...]
    prices: tuple[str, ...] = ()
    total: str = ""
    channel: str = ""
    channel_order: str = ""
    box: int = 1
    boxes: int | None = None
    look: Look = PLAIN

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)
        if self.prices and len(self.prices) != len(self.lines):
            raise ValueError(f"prices: expected {len(self.lines)}, one for each line, found {len(self.prices)}")


@dataclass(frozen=True, slots=True)
class GiftSlip:
    """What somebody finds who was given this. It has no place for a price, so none can get on it."""

    order_number: str
    code: str
    message: str
    sender: Address
    ship_to: Address
    lines: tuple[SlipLine, ...]
    box: int = 1
    boxes: int | None = None
    look: Look = PLAIN

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class BoxContents:
    """What is in one of several boxes; `code` is the parcel's tracking number."""

    order_number: str
    code: str
    parcel_id: str
    ship_to: Address
    box: int
    boxes: int | None
    lines: tuple[SlipLine, ...]
    weight_grams: int | None = None
    look: Look = PLAIN

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class PullSlip:
    """A parcel that must not leave: where to look for it and what to do. `code` is its tracking number."""

    order_number: str
    code: str
    reason: str
    where: str
    action: str
    at: str

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class ReturnSlip:
    """What a buyer sends back with goods; `code` finds the order again."""

    order_number: str
    code: str
    return_to: Address
    lines: tuple[SlipLine, ...]
    reasons: tuple[str, ...] = ()
    note: str = ""
    look: Look = PLAIN

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class PalletSlip:
    """One code for all that stands on a pallet; `code` is 00 and its SSCC."""

    code: str
    where: str
    at: str

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)


@dataclass(frozen=True, slots=True)
class FetchSlip:
    """In front of paper that prints at another bench: whose it is."""

    bench: str
    order_number: str


@dataclass(frozen=True, slots=True)
class TestSlip:
    """What a printer prints to be looked at and scanned."""

    __test__ = False

    printer: str
    at: str
    code: str

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code)
