"""At a wrong item: what is in the hand and what the box needs as pictures, one above the other at the right."""

from rich.style import Style

from station.widgets.photo import photo
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block

SIZE = (16, 8)
"""Cells; about square, and no higher than the words beside it."""
GAP = 2


def stop_photos(sheet: Sheet, have: str, need: str, pen: Style) -> tuple[Rows, Rows] | None:
    """Of two SKUs. None where one has no picture: half a comparison misleads. None too where there is no room."""
    if not (sheet.tall and sheet.wide) or have == need:
        return None
    first, second = photo(sheet, have, SIZE, pen), photo(sheet, need, SIZE, pen)
    return (first, second) if first is not None and second is not None else None


def with_photos(words: Rows, photos: tuple[Rows, Rows], at: tuple[int, int], width: int, pen: Style) -> Rows:
    """The words with the pictures beside them, from these rows on."""
    first, second = photos
    side, space = SIZE[0], max(0, at[1] - at[0] - len(first))
    column = [*blank(side, at[0], pen), *first, *blank(side, space, pen), *second]
    height = max(len(words), len(column))
    left = block(words, width - side - GAP, height, pen)
    return beside(left, blank(GAP, height, pen), block(column, side, height, pen))
