"""The page all screens but a stop share: top bar, body, verdict band, hint, status line."""

from collections.abc import Callable
from dataclasses import replace

from station.views import Flash
from station.widgets.band import NOTHING_MORE, BandSays, band
from station.widgets.sheet import Sheet
from station.widgets.status import hint, status
from station.widgets.strips import Piece, Rows, block, row
from station.wording import Ways

NO_WAYS = Ways()
Body = Callable[[Sheet, int, int], Rows]
"""Draws into (sheet, width, height)."""


def top_bar(sheet: Sheet, left: list[str], right: str = "", warn: bool = False) -> Rows:
    """What this is about: the first word strong, and the time left at the right."""
    look = sheet.look
    pieces: list[Piece] = [(f" {'  ' if sheet.wide else ' '}{left[0]}", look.bar_strong)]
    pieces += [(f"   {text}", look.bar) for text in left[1:] if text]
    tail: list[Piece] = [(f"{right}  ", look.bar_warn if warn else look.bar_strong)] if right else []
    return [row(sheet.width, look.bar, pieces, right=tail)]


def page(
    sheet: Sheet, top: Rows, body: Body, flash: Flash | None, *, says: BandSays = NOTHING_MORE, ways: Ways = NO_WAYS
) -> Rows:
    """A picture of exactly the sheet's size. The ways out stand right above the verdict, where the eye is already."""
    below = [*hint(sheet), *status(sheet)]
    quiet = [row(sheet.width, sheet.look.idle, [(f"    {ways.line}", sheet.look.idle)])] if ways.line else []
    verdict = [*quiet, *band(sheet, flash, replace(says, instead=ways.instead))]
    height = max(0, sheet.height - len(top) - len(below) - len(verdict))
    rows = [*top, *block(body(sheet, sheet.width, height), sheet.width, height, sheet.look.text), *verdict, *below]
    # On a terminal that is far too small the verdict and the status matter more than the rest.
    return block(rows[-sheet.height :], sheet.width, sheet.height, sheet.look.text)
