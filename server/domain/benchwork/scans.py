"""A scan as the rules see it: the raw text and everything it could mean."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.masterdata.catalog import Match

QUANTITY_PREFIX = "PPQ-"
"""How many of the item that was scanned last, or which of the numbered choices on the screen."""


class Command(StrEnum):
    """What a command barcode asks for. The printed code is ``PPC-`` and the name in capitals."""

    OK = "ok"
    """Acknowledge a stop; also the code on the bin for wrong items, a bare Enter and a foot pedal."""
    YES = "yes"
    PARK = "park"
    REPRINT = "reprint"
    DOCK = "dock"
    PACK = "pack"
    TAKE_OVER = "take-over"
    """Right after an order was refused because another bench has it."""
    RELABEL = "relabel"
    """A parcel gets another label: asks which, why, and for a supervisor's badge."""
    CLOSE = "close"
    """Ask for the load summary; a second time, a second later, closes the load."""
    SIGN_OUT = "sign-out"
    UNDO = "undo"
    """Take one unit out again: asks which; a second time, a second later, it is the last one."""
    EMPTY = "empty"
    """Take everything out again, or all of one item: asks first, as UNDO does."""
    PROBLEM = "problem"
    """The goods are not right: asks what is wrong with them; the order stands aside."""
    HOLD = "hold"
    CALL = "call"
    """Somebody is needed here; a second time takes the call back."""
    HELP = "help"
    PRINTER = "printer"
    """Paper comes out of the next printer set up for this bench; after the last one at its own again."""
    FORCE = "force"
    """Verify one unit by hand; a right of its own, with a reason."""
    ATTACH = "attach"
    """Teach an unknown barcode; a right of its own."""
    UNLOAD = "unload"
    """The next parcel comes off the load again."""
    REMAINING = "remaining"
    """Every parcel scanned from now on stays at the dock; again, or OK, ends it."""
    ASIDE_DONE = "aside-done"
    """Every parcel scanned from now on was set aside and is off the vehicle; again, or OK, ends it."""
    PICKUP = "pickup"
    """A driver took everything of a lane, at a site that scans nothing at its dock."""
    CANNOT_REACH = "cannot-reach"
    """The cancelled parcel on the screen is too deep in the vehicle to be pulled."""
    PALLET = "pallet"
    """Parcels are put on a pallet: its SSCC, then each of them, then DONE."""
    RECEIVE = "receive"
    """A delivery is counted; at a dock, as all that follow here."""
    PUT_BACK = "put-back"
    """The goods of a cancelled box go back to the shelf."""
    TRANSFER_OUT = "transfer-out"
    TRANSFER_IN = "transfer-in"
    COUNT = "count"
    """One product on one shelf is counted."""
    LOT = "lot"
    """The next code is the lot of what was scanned last, whatever it looks like."""
    DONE = "done"
    """That was all of it: asks; a second time, a second later, books what was counted."""


class Trouble(StrEnum):
    """What can be wrong with goods; the printed code is ``PPR-`` and the name in capitals. The reason has its value."""

    SHORT = "short"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    MISLABELLED = "mislabelled"


class RelabelWhy(StrEnum):
    """Why a box gets another label, as it is kept; scanned by number."""

    SERVICE = "wrong carrier or service"
    WEIGHT = "wrong weight or box"
    ADDRESS = "wrong address"
    UNREADABLE = "cannot be read"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Scan:
    """One framed code with all surviving readings. ``at`` is seconds since the epoch by the bench's clock."""

    raw: str
    at: float
    source: str = ""
    typed: bool = False
    bounce: bool = False
    problem: str | None = None
    """What the reader says went wrong (dropped, partial, too_long), or None."""
    payload: str = ""
    """The text without symbology prefix and blanks, upper case: what parcels, orders and loads are compared with."""
    matches: tuple[Match, ...] = ()
    command: Command | None = None
    trouble: Trouble | None = None
    badge: str | None = None
    """Digest of the badge; the badge's own text is never kept."""
    order_ref: str | None = None
    lane: str | None = None
    """Carrier code on a dock lane."""
    load_ref: str | None = None
    """The load's own code, LOAD000012."""
    box_type: str | None = None
    bad_read: str | None = None
    lot: str = ""
    """What the code says of its contents; the two dates are ISO, ``expires_on`` the last day of use (AI 17)."""
    serial: str = ""
    expires_on: str = ""
    best_before: str = ""
    weight_grams: int | None = None
    quantity: str = ""
    """What a quantity code says (``PPQ-12``: 12), or what looks like a typed number; may be no number at all."""
    clock_off: bool = False
    """The bench knew that its clock was wrong: the day is not taken from ``at``."""
    confirmed: bool = False
    """Set by the rules alone: the second of two scans that say "yes, this one"."""


def spoken(scan: Scan) -> str:
    """What a person calls this scan."""
    return scan.matches[0].label if scan.matches else scan.raw
