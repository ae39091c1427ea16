"""What a picker carries."""

from dataclasses import dataclass

from printing.documents.parts import check_barcode_text


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
        check_barcode_text("code", self.code)


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
