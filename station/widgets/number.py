"""A number in block digits with its word small beside the foot of it."""

from collections.abc import Sequence

from rich.style import Style

from station.widgets.blocks import CUTS, Cut, big
from station.widgets.strips import Rows, beside, blank, block, row


def number(value: int, word: str, size: tuple[int, int], pen: Style, cuts: Sequence[Cut] = CUTS) -> Rows:
    """``size`` is width and height in cells; as many rows as the digits need."""
    width, height = size
    digits = big(str(value), max(1, width - len(word) - 2), height, pen, cuts)
    widest = max(one.width for one in digits)
    rest = max(0, width - widest)
    side = [*blank(rest, len(digits) - 1, pen), row(rest, pen, [(f"  {word}", pen)])]
    return beside(block(digits, widest, len(digits), pen), side)
