"""Huge counts with their words, side by side."""

from rich.style import Style

from station.widgets.blocks import BOLD, HUGE, LARGE, MEDIUM, THIN, drawn, letters
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row

Total = tuple[int, str, Style]
"""A count, its word, its pen."""


def totals(counts: list[Total], sheet: Sheet, width: int) -> Rows:
    """One column for each count: digits as tall as there is room for, the word above."""
    height = 12 if sheet.tall else 6
    each = width // len(counts)
    # All in one size: a digit that is larger only because it is alone would look more important.
    for cut in (HUGE, LARGE, BOLD, MEDIUM, THIN):
        bitmaps = [letters(str(count), cut) for count, _, _ in counts]
        if cut.height < height and all(bitmap and len(bitmap[0]) < each - 1 for bitmap in bitmaps):
            break
    columns: list[Rows] = []
    for (count, word, pen), bitmap in zip(counts, bitmaps, strict=True):
        digits = drawn(bitmap, pen) if bitmap else [row(each, pen, [(str(count), pen)])]
        gap = blank(each, int(sheet.tall), sheet.look.text)
        rows = [row(each, sheet.look.text, [(word, pen)]), *gap, *indented(digits, 0, each, sheet.look.text)]
        columns.append(block(rows, each, height, sheet.look.text))
    return block(beside(*columns), width, height, sheet.look.text)
