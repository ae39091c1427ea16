"""A short pick: the shelf held less than the book said. What is written off and what the order tries next (RTE-21)."""

from enum import StrEnum
from typing import NamedTuple


class Remedy(StrEnum):
    """What becomes of an order whose units are missing, the least work first.

    STAY   other units at the same site are taken; what lies in the tote and the label stay good
    SPLIT  the rest leaves from another site, as a part of its own with its own label
    MOVE   the whole order leaves from another site; what was picked goes back to its shelf
    LOSE   it holds nothing any more and goes the way of orders that found no stock: it waits, or a person decides
    """

    STAY = "stay"
    SPLIT = "split"
    MOVE = "move"
    LOSE = "lose"


KEEPS_LABEL = frozenset({Remedy.STAY})
"""Every other remedy changes what the parcel holds, where it leaves from or when: a label bought for it is voided."""


def to_try(*, split: bool, move: bool, keeps_units: bool) -> tuple[Remedy, ...]:
    """The remedies in the order in which they are tried; the last one always works.

    ``split`` and ``move`` are what the order's channel allows. ``keeps_units``: some unit of the order is still good
    here; without any, the rest is the whole order, and that moves as one.
    """
    wanted = {Remedy.SPLIT: split and keeps_units, Remedy.MOVE: move}
    return tuple(remedy for remedy in Remedy if wanted.get(remedy, True))


class Written(NamedTuple):
    """What the book learns from a short pick, in units: ``missing`` were promised, ``unsold`` were still for sale."""

    missing: int
    unsold: int

    @property
    def units(self) -> int:
        """Units by which on hand falls."""
        return self.missing + self.unsold


def write_off(wanted: int, found: int, available: int) -> Written:
    """What leaves the book after a person fetched ``found`` of ``wanted`` promised units from a shelf.

    ``available`` are the row's units that nobody was promised. A shelf that could not give a promised unit cannot give
    one that is for sale either: they go too. Units promised to others are left to their own picks, and units in
    checkouts to their holds.
    """
    missing = max(0, wanted - found)
    return Written(missing, max(0, available) if missing else 0)
