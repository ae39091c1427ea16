"""An open order: the line to scan now as a card, how many are left in large digits, and all lines below."""

from collections.abc import Callable
from functools import partial

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing import boxes
from server.domain.packing.order import OrderLine
from server.domain.packing.session import Phase, Session
from station.screens.label import label_steps
from station.screens.open_step import box_of, is_said, open_step, weight_text
from station.screens.page import page, top_bar
from station.text import wrap
from station.views import LabelStage, PackView
from station.widgets.band import BandSays
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.item_facts import do, large_word, small_print
from station.widgets.number import number
from station.widgets.order_lines import last_index, order_lines, working_index
from station.widgets.parked import parked_boxes
from station.widgets.photo import photo
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Rows, beside, blank, block, indented, row
from station.widgets.times import SOON_SECONDS, left
from station.wording import Ways, say

_CUTS = (LARGE, BOLD, MEDIUM, THIN)
_SIDE_HEAD = 9
"""Rows of the side before its notes: units to go, and the bar."""


def pack(view: PackView, sheet: Sheet) -> Rows:
    """Packing, or what follows the last unit."""
    order = view.session.order
    seconds = left(order.ship_by, sheet.now)
    time = "" if seconds is None else say.until(seconds, order.carrier if sheet.wide else "")
    head = [order.number, order.channel, f"{order.carrier} {order.service}".strip()]
    top = top_bar(sheet, head, time, warn=seconds is not None and seconds < SOON_SECONDS)
    body = partial(_body(view), view)
    # Beside a label that did not come, the tick of the last unit would look like success.
    outdated = view.stage is LabelStage.FAILED and view.flash is not None and view.flash.reason is Reason.OK
    flash = None if outdated else view.flash
    idle = say.STAGES[view.stage].do if view.stage is LabelStage.NONE else ""
    says = BandSays(_counted(view), idle=idle, no_items=view.session.phase is Phase.STEPS)
    return page(sheet, top, body, flash, says=says, ways=_ways(view))


def _body(view: PackView) -> Callable[[PackView, Sheet, int, int], Rows]:
    if view.session.phase is Phase.STEPS:
        return open_step
    return _packing if view.stage is LabelStage.NONE else label_steps


def _ways(view: PackView) -> Ways:
    """REPRINT works from the moment there is a label, YES only where buying it did not."""
    if view.stage is LabelStage.FAILED and view.session.phase is not Phase.LABEL:
        return say.AT_NO_LABEL
    if view.stage is LabelStage.OUTSIDE:
        return say.AT_OUTSIDE
    if view.session.phase is Phase.STEPS:
        return say.AT_STEPS if is_said(view.session) else say.AT_BOX
    return say.AT_LABEL if view.session.phase is Phase.LABEL else say.AT_PACK


def _counted(view: PackView) -> str:
    """What the last good item scan brought its line to."""
    flash = view.flash
    if flash is None or flash.reason is not Reason.OK or not flash.item or view.session.last_line is None:
        return ""
    if flash.tone not in (Tone.GOOD, Tone.LINE_FULL) and view.stage is not LabelStage.CHECKED:
        return ""
    index = last_index(view.session)
    line = view.session.order.lines[index]
    return say.of(view.session.counts[index], line.quantity) if flash.item.startswith(line.name) else ""


def _packing(view: PackView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    card = _card(view.session, sheet, width, _card_height(view, sheet, height))
    room = height - len(card) - 1
    rows = [*card, row(width, look.text)]
    side, pad = 34, blank(2, room, look.text)
    if not sheet.wide or _SIDE_HEAD + len(_first(view.session, sheet, side)) > room:
        notes = _fitting(_notes(view, sheet, width - 2), sheet, width - 2, room - 1)
        lines = order_lines(view.session, width - 2, room - len(notes), look)
        return rows + indented([*notes, *lines], 1, width, look.text)
    lines = order_lines(view.session, width - side - 4, room, look)
    return rows + beside(pad, lines, pad, block(_side(view, sheet, side, room), side, room, look.text))


def _card_height(view: PackView, sheet: Sheet, height: int) -> int:
    """Larger while the whole order can be seen below it. Never changes within an order, so nothing jumps."""
    if not sheet.tall:
        return 7
    return 14 if height - 15 >= 2 * len(view.session.order.lines) else 11


def _card(session: Session, sheet: Sheet, width: int, height: int) -> Rows:
    """The line to scan now, on the one bright ground of the screen."""
    look, index = sheet.look, working_index(session)
    line, edge = session.order.lines[index], 3 if sheet.tall else 2
    seen = _photo(line, sheet, height)
    right = 17 if not sheet.tall else 28 if seen else 40
    room = width - right - 2 * edge - (seen[0].width if seen else 0)
    name: list[Piece] = [(f"{do(session, line)}  ", look.card), (line.name, look.card_strong)]
    if line.variant:
        name.append((f"  {line.variant}", look.card_variant))
    if line.differs_by:
        name.append((f"  {say.LOOK_ALIKE}", look.card_strong))
    gap = blank(room, int(sheet.tall), look.card)
    letters = height - 2 - 4 * len(gap) if sheet.tall else 4
    pen = look.card_variant if line.variant or line.differs_by else look.card_strong
    words = indented(big(large_word(line), room, letters, pen, _CUTS), 0, room, look.card)
    words = block(words, room, max(len(words), letters), look.card)
    small = small_print(session, line)
    rows = [
        row(room, look.card),
        row(room, look.card, name),
        *gap,
        *words,
        *gap,
        row(room, look.card, [(small, look.card)]),
    ]
    digits = _digits(session, index, sheet, (right, height))
    pad = blank(edge, height, look.card)
    return beside(
        pad,
        *([seen] if seen else []),
        block(rows, room, height, look.card),
        pad,
        block(digits, right, height, look.card),
    )


def _photo(line: OrderLine, sheet: Sheet, height: int) -> Rows | None:
    """The item to scan, about square, as high as the card; on a smaller screen its words need the room."""
    if not (sheet.tall and sheet.wide):
        return None
    high, card = height - 2, sheet.look.card
    seen = photo(sheet, line.sku, (2 * high, high), card)
    return block([*blank(2 * high, 1, card), *seen], 2 * high + 3, height, card) if seen is not None else None


def _digits(session: Session, index: int, sheet: Sheet, size: tuple[int, int]) -> Rows:
    """How many more of this line, and how many are done."""
    look, (width, height) = sheet.look, size
    digits = number(session.open_of(index), say.MORE, (width, height - (4 if sheet.tall else 2)), look.card_strong)
    counts = say.of(session.counts[index], session.order.lines[index].quantity)
    rows = [row(width, look.card), *digits, *blank(width, int(sheet.tall), look.card)]
    return [*rows, row(width, look.card, [(counts, look.card)])]


def _side(view: PackView, sheet: Sheet, width: int, height: int) -> Rows:
    """Of the whole order: units to go, a bar, notes, parked boxes."""
    look, session = sheet.look, view.session
    total = sum(line.quantity for line in session.order.lines)
    rows = [*big(str(session.open_units), width, 5, look.accent, (BOLD, MEDIUM)), row(width, look.text)]
    rows.append(row(width, look.text, [(say.units_to_go(session.open_units, total), look.text)]))
    rows += [row(width, look.text, _bar(total - session.open_units, total, width - 2, sheet)), row(width, look.text)]
    rows += _notes(view, sheet, width)
    rows += [row(width, look.text)]
    return rows + parked_boxes(view.parked, sheet, width - 1, height - len(rows))


def _fitting(notes: Rows, sheet: Sheet, width: int, most: int) -> Rows:
    """As many rows as there is room for; what is not shown is never left out in silence (PCK-10)."""
    if len(notes) <= most:
        return notes
    return [*notes[: most - 1], row(width, sheet.look.text, [(say.MORE_NOTES, sheet.look.variant)])]


def _bar(done: int, total: int, width: int, sheet: Sheet) -> list[Piece]:
    filled = width * done // total if total else width
    return [("█" * filled, sheet.look.accent), ("░" * (width - filled), sheet.look.quiet)]


def _notes(view: PackView, sheet: Sheet, width: int) -> Rows:
    look, order, session = sheet.look, view.session.order, view.session
    rows = _first(session, sheet, width)
    rows += [
        row(width, look.text, [(f"{say.NOTE} {text}", look.variant)])
        for text in wrap(order.note, width - 3, 4 if sheet.wide else 1)
    ]
    box = "   ".join(part for part in (box_of(session), boxes.chosen(session) or "") if part)
    if box and sheet.wide:
        rows.append(row(width, look.text, [(f"{say.BOX} {box}" if not box_of(session) else box, look.text)]))
    return rows


def _first(session: Session, sheet: Sheet, width: int) -> Rows:
    """What comes before all else: goods to count again, and before the first scan how to handle them (PCK-10)."""
    off, wants = session.weighed_off, session.order.wants
    told = [f"{weight_text(session, off)} {say.SCAN_AGAIN}"] if off is not None and off.rescan else []
    if not any(session.counts):
        first = [say.pack_as(wants.profile)] if wants.profile else []
        told += [f"{say.FETCH} {text}" for text in (*first, *wants.prepare)]
    return [row(width, sheet.look.text, [(text, sheet.look.variant)]) for note in told for text in wrap(note, width)]
