"""Counting a shelf: what the book should say afterwards, and how many promised units are not there.

On hand includes units that are no longer on the shelf but have not left the building: picked into a tote, verified at
a bench, packed and waiting for their truck. A count of the shelf must not lose those, nor count them twice (LOC-06).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    """One lot at one site as the book sees it; ``away`` are units on hand which are not on the shelf."""

    on_hand: int
    reserved: int
    held: int
    away: int

    @property
    def expected(self) -> int:
        """Units a person should find on the shelf."""
        return self.on_hand - self.away


@dataclass(frozen=True, slots=True)
class Counted:
    """The result: ``difference`` to add to on hand, and the promised units that exist no longer."""

    difference: int
    on_hand: int
    shortfall: int


@dataclass(frozen=True, slots=True)
class MovedMeanwhile:
    """Units left or came to the shelf between looking and telling; nobody can say which were counted."""

    expected_then: int
    expected_now: int


def counted(shelf: Shelf, units: int, expected_then: int | None = None) -> Counted | MovedMeanwhile:
    """What a count of so many units on the shelf means; ``expected_then`` is what was expected when counting began."""
    if expected_then is not None and expected_then != shelf.expected:
        return MovedMeanwhile(expected_then, shelf.expected)
    on_hand = units + shelf.away
    return Counted(on_hand - shelf.on_hand, on_hand, max(0, shelf.reserved + shelf.held - on_hand))
