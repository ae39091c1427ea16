"""After the last unit: what to do with the box, a running clock, four steps, and what is true of the purchase."""

from rich.style import Style

from station.screens.open_step import box_of
from station.text import wrap
from station.views import LabelStage, PackView
from station.widgets.blocks import BOLD, HUGE, LARGE, MEDIUM, THIN, big
from station.widgets.number import number
from station.widgets.parked import parked_boxes
from station.widgets.sheet import Sheet
from station.widgets.steps import steps
from station.widgets.strips import Piece, Rows, beside, blank, block, indented, row
from station.wording import Says, device, noted, said, say

_CUTS = (LARGE, BOLD, MEDIUM, THIN)


def label_steps(view: PackView, sheet: Sheet, width: int, height: int) -> Rows:
    """Large: the one thing to do. At the right: seconds since this step began."""
    look, room = sheet.look, width - 8
    says, failed = say.stage(view.stage, view.stage_detail), view.stage is LabelStage.FAILED
    # Where another tool prints, nothing is bought here.
    ours = view.stage is not LabelStage.OUTSIDE
    gap = blank(room, int(sheet.tall), look.text)
    clock_width, words_height = (38, 13) if sheet.tall else (20, 9)
    words = _words(says, sheet, (room - clock_width, words_height), look.variant if failed else look.strong)
    bought: list[Piece] = [(say.BOUGHT[view.bought], look.strong)] if ours else []
    title = "   ".join(filter(None, (box_of(view.session), says.title)))
    rows = [row(room, look.text), row(room, look.text, [(title, look.accent)], bought), *gap]
    rows += [*beside(words, _clock(view, sheet, (clock_width, words_height))), *gap]
    rows += [row(room, look.text, [(text, look.strong)]) for text in wrap(says.do, room, 2)]
    rows += [
        row(room, look.text, [(text, look.hint)]) for text in wrap(say.fetch(view.fetch_at), room, 2) if view.fetch_at
    ]
    rows += blank(room, 1, look.text)
    if ours and not failed:
        rows += [*steps(sheet, view.stage, view.bought, room), *gap]
    rows += [row(room, look.text, [(text, look.text)]) for text in wrap(_why(view), room, 2)]
    rows += [*gap, *parked_boxes(view.parked, sheet, room, height - len(rows) - len(gap))]
    return indented(block(rows, room, height, look.text), 4, width, look.text)


def _why(view: PackView) -> str:
    return said(dict(view.stage_facts), view.stage_detail) or device(noted(view.stage_detail))


def _words(says: Says, sheet: Sheet, size: tuple[int, int], pen: Style) -> Rows:
    width, height = size
    return block(big(says.word, width - 2, height, pen, _CUTS), width, height, sheet.look.text)


def _clock(view: PackView, sheet: Sheet, size: tuple[int, int]) -> Rows:
    """Whole seconds, large."""
    if not view.stage_since:
        return blank(*size, sheet.look.text)
    seconds = max(0, int(sheet.now - view.stage_since))
    cuts = (HUGE, *_CUTS) if sheet.tall else _CUTS[1:]
    digits = number(min(seconds, 999), say.SECONDS, (size[0], 10 if sheet.tall else 5), sheet.look.accent, cuts)
    return block(digits, *size, sheet.look.text)
