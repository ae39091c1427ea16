"""What a bench is given to pack."""

from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.packing.wants import Wants


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot of a product as the book has it at the order's site; ``expires_on`` is an ISO date or "".

    ``reserved`` units are promised to this order (over all its lines of the product), ``free`` ones to nobody.
    """

    lot: str
    expires_on: str = ""
    reserved: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What goes in the box; ``quantity`` in units, ``bin`` is the shelf.

    What is said of the product (lots, serials, codes ...) is the same on each of its lines.
    """

    line_no: int
    sku: str
    name: str
    variant: str
    quantity: int
    bin: str = ""
    by_lot: bool = False
    """The lot of each unit must be known before it counts."""
    by_serial: bool = False
    lots: tuple[Lot, ...] = ()
    life_days: int | None = None
    """Days it must still be good for when packed: the stricter of product and channel; None: see ``booking.life``."""
    typed_quantity: bool = False
    """How many may be typed after one scan."""
    differs_by: str = ""
    """Of a product with look-alikes: what tells it apart. Each unit is scanned."""
    codes: tuple[str, ...] = ()
    """Its barcodes in normal form: what a cut-off scan is compared with."""
    kit_sku: str = ""
    """A component is shown under its kit, whose own code is no item of this order."""
    kit_name: str = ""

    @property
    def label(self) -> str:
        """Name and variant as a packer reads it."""
        return f"{self.name} {self.variant}".strip()

    def record_of(self, lot: str) -> Lot | None:
        """What the book knows of this lot; its case does not matter."""
        wanted = lot.strip().casefold()
        return next((one for one in self.lots if one.lot.casefold() == wanted), None)


class Mode(StrEnum):
    """How much a bench is trusted to stop (FLR-09); set for each bench at the server.

    BLOCK        what is wrong stops the bench
    WARN         what would stop for an item only warns, and is counted: for roll-out and training
    VERIFY_ONLY  goods are checked as with BLOCK; the label comes from another tool and is scanned back
    """

    BLOCK = "block"
    WARN = "warn"
    VERIFY_ONLY = "verify"


@dataclass(frozen=True, slots=True)
class ToteMate:
    """What another order in the same tote still waits for."""

    number: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True)
class PackOrder:
    """Everything a bench needs to pack an order with no server in sight. Holds no address."""

    order_id: int
    number: str
    channel: str
    version: int
    carrier: str
    service: str
    lines: tuple[OrderLine, ...]
    ship_by: str | None = None
    note: str = ""
    time_zone: str = "UTC"
    """Of the site: by its days lots expire."""
    day: str = ""
    """The day there by the server's clock when the order was given out, ISO."""
    deliver_by: str = ""
    """The promised delivery day, ISO; empty when nobody promised one."""
    mates: tuple[ToteMate, ...] = ()
    """What lies in the same tote for other orders."""
    mode: Mode = Mode.BLOCK
    """Of the bench when it opened the order."""
    wants: Wants = field(default_factory=Wants)
