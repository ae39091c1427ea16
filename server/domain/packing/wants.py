"""What an order asks of a bench beside its units: things to confirm, boxes, weights. Plain values, kept as JSON."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.benchwork.reasons import Reason

NO_BOX = "NONE"
"""The box type of goods that travel in the maker's own box; its code is ``PPX-NONE``."""


class StepKind(StrEnum):
    """What can be open before the label, in the order in which it is asked."""

    SECOND_LOOK = "second_look"
    """Personalised goods: compare what lies there with ``text`` (SPC-02)."""
    HAZMAT = "hazmat"
    NOTE = "note"
    GIFT = "gift"
    INSERT = "insert"
    BOX = "box"
    WEIGHT = "weight"
    CLOSE = "close"
    """A box that a supervisor opened again is to be closed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to confirm. ``text`` is somebody else's, shown as plain text; ``code`` confirms it besides PPC-YES.

    ``per_box``: asked for each box, else once, with the last unit. ``item`` names the goods it is about, ``skus`` says
    which they are: then it is asked for each box they lie in, and again when one of them was taken out.
    """

    key: str
    kind: StepKind
    text: str = ""
    code: str = ""
    item: str = ""
    per_box: bool = False
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxChoice:
    """A box type at this site. ``allowed``: the order's carrier takes it. Grams; None where nobody has said."""

    code: str
    tare_grams: int | None = None
    max_grams: int | None = None
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Expected:
    """What one unit of a SKU weighs: mean and standard deviation in grams."""

    sku: str
    grams: float
    spread: float


@dataclass(frozen=True, slots=True)
class Wants:
    """All of it. An order with an empty one is sealed and labelled with its last unit."""

    steps: tuple[Step, ...] = ()
    prepare: tuple[str, ...] = ()
    """Shown before the first scan: material to fetch, how to handle the goods (PCK-10)."""
    boxes: tuple[BoxChoice, ...] = ()
    """Empty: no box is ever asked for."""
    suggested: str | None = None
    """The box type preselected for the first box, or NO_BOX."""
    own_box: tuple[str, ...] = ()
    """SKUs that travel in the maker's box."""
    weigh: bool = False
    """The bench that opened the order has a scale."""
    expected: tuple[Expected, ...] = ()
    max_grams: int | None = None
    """What the carrier takes."""
    profile: str = ""
    """The channel's way of packing; empty for the usual one. Shown before the first scan."""


@dataclass(frozen=True, slots=True)
class PackedBox:
    """A sealed box. ``contents`` in units, parallel to the order's lines; ``labelled``: its label was scanned on it."""

    contents: tuple[int, ...]
    box_type: str | None = None
    weight_grams: int | None = None
    released: str = ""
    parcel_id: str | None = None
    tracking: str | None = None
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class WeightTrouble:
    """A weight that was not taken. ``off`` in grams, negative when light; ``sku`` and ``units`` name the likely cause.

    ``rescan``: the lines of that SKU were emptied and are to be scanned again.
    """

    reason: Reason
    grams: int
    off: int = 0
    sku: str = ""
    units: int = 0
    rescan: bool = False
