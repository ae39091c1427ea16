"""Where an error was made, as far as a scan can tell (PCK-11), and what it is worth to find it here (PCK-14)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from server.domain.benchwork.reasons import WARNED, Reason


class Stage(StrEnum):
    """In the order of the work."""

    RECEIVING = "receiving"
    PICKING = "picking"
    PACKING = "packing"
    LABELLING = "labelling"
    LOADING = "loading"


STAGES: Mapping[Reason, Stage] = {
    # What cannot be told from what it is came in like that.
    Reason.UNKNOWN_CODE: Stage.RECEIVING,
    Reason.UNREADABLE: Stage.RECEIVING,
    Reason.MISLABELLED: Stage.RECEIVING,
    Reason.UNKNOWN_LOT: Stage.RECEIVING,
    Reason.LABEL_DIFFERS: Stage.RECEIVING,
    # The wrong thing was fetched, or too little of the right one.
    Reason.WRONG_ITEM: Stage.PICKING,
    Reason.WARN_WRONG_ITEM: Stage.PICKING,
    Reason.WRONG_LOT: Stage.PICKING,
    Reason.EXPIRED: Stage.PICKING,
    Reason.SHORT_LIFE: Stage.PICKING,
    Reason.SHORT: Stage.PICKING,
    Reason.MISSING: Stage.PICKING,
    Reason.DAMAGED: Stage.PICKING,
    # The right thing went into the box in a wrong way.
    Reason.OVER_QUANTITY: Stage.PACKING,
    Reason.WARN_OVER_QUANTITY: Stage.PACKING,
    Reason.DUPLICATE_SERIAL: Stage.PACKING,
    Reason.BOX_NOT_ALLOWED: Stage.PACKING,
    Reason.OVERWEIGHT: Stage.PACKING,
    Reason.WEIGHT_MISMATCH: Stage.PACKING,
    Reason.FORCED: Stage.PACKING,
    Reason.WRONG_LABEL: Stage.LABELLING,
    Reason.HAZMAT: Stage.LABELLING,
    Reason.WRONG_CARRIER: Stage.LOADING,
    Reason.WRONG_LOAD: Stage.LOADING,
    Reason.NOT_PACKED: Stage.LOADING,
    Reason.LABEL_NOT_CONFIRMED: Stage.LOADING,
    Reason.WRONG_SERVICE: Stage.LOADING,
    Reason.PLANNED_ELSEWHERE: Stage.LOADING,
    Reason.NOT_PLANNED: Stage.LOADING,
    Reason.VOID_LABEL: Stage.LOADING,
}
"""Every reason that is an error of the work; the others are questions, refusals of the moment and misreads."""

CAUGHT = frozenset(
    {
        Reason.WRONG_ITEM,
        Reason.OVER_QUANTITY,
        Reason.WRONG_LOT,
        Reason.EXPIRED,
        Reason.SHORT_LIFE,
        Reason.DUPLICATE_SERIAL,
        Reason.WRONG_LABEL,
    }
)
"""Each of these would have reached a buyer as the wrong goods."""
ONLY_WARNED = frozenset(WARNED.values())
"""Each of these would have been caught at a bench that blocks."""

USUAL_COST = Decimal(25)
"""What one wrong parcel costs, return and replacement and all: the lower end of what shops report (25 to 50)."""


def worth(count: int, cost: Decimal) -> Decimal:
    """Money that so many caught errors would have cost."""
    return (count * cost).quantize(Decimal("0.01"))
