"""Signed in, no order open: what to scan next."""

from functools import partial

from rich.cells import cell_len

from server.wire import QueueItem
from station.screens.page import page, top_bar
from station.text import fit
from station.views import QueueView
from station.widgets.band import BandSays
from station.widgets.blocks import BOLD, MEDIUM, THIN, big
from station.widgets.parked import parked_boxes
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Row, Rows, beside, blank, block, indented, row
from station.widgets.times import SOON_SECONDS, left
from station.wording import say


def queue(view: QueueView, sheet: Sheet) -> Rows:
    """Large: scan an order, and how many wait. Below: the next orders and the parked boxes."""
    closed = say.just_closed(view.just_closed) if view.just_closed else ""
    top, says = top_bar(sheet, [sheet.status.bench, closed]), BandSays(idle=say.SCAN_ORDER_HOW)
    ways = say.AT_TOTE_END if view.tote_ended else say.AT_TOTE if view.tote else say.AT_QUEUE
    return page(sheet, top, partial(_body, view), view.flash, says=says, ways=ways)


def _body(view: QueueView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    head_height, right = (14, 34) if sheet.tall else (10, 20)
    room = width - right - 8
    call = block(_call(view, sheet, room, head_height - int(sheet.tall)), room, head_height, look.text)
    waiting = block(_waiting(view, sheet, right, head_height), right, head_height, look.text)
    pad = blank(4, head_height, look.text)
    head = beside(pad, call, pad, waiting)
    below = height - head_height
    parked = parked_boxes(view.parked, sheet, width - 8, max(0, below - 4))
    orders = _orders(view, sheet, width - 8, below - len(parked) - (1 if parked and sheet.tall else 0))
    return head + indented([*orders, *parked], 4, width, look.text)


def _call(view: QueueView, sheet: Sheet, width: int, height: int) -> Rows:
    look, cuts = sheet.look, (BOLD, MEDIUM, THIN)
    top = [row(width, look.text)]
    word, what = _asks(view)
    if what:
        small = row(width, look.text, [(word, look.accent)])
        return [*top, small, row(width, look.text), *big(what, width, 5, look.accent, cuts)]
    return [*top, *big(say.SCAN_ORDER, width, height - len(top), look.strong, cuts)]


def _asks(view: QueueView) -> tuple[str, str]:
    """What stands in place of the call for an order: what is opened, or the tote on the table."""
    if view.opening:
        return say.OPENING, view.opening
    if view.tote_ended:
        return say.TOTE_EMPTY, view.tote_ended
    return (say.ITEM_OUT_OF, view.tote) if view.tote else ("", "")


def _waiting(view: QueueView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    top = [row(width, look.text)]
    number, words = ("-", say.NOT_KNOWN_YET) if view.waiting is None else (str(view.waiting), say.WAITING)
    digits = big(number, width - 2, 10 if sheet.tall else 4, look.accent)
    rows = [*top, *digits, row(width, look.text), row(width, look.text, [(words, look.accent)])]
    return block(rows, width, height, look.text)


def _orders(view: QueueView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    if not view.items:
        known = say.NOTHING_GIVEN if view.alone else say.NOTHING_WAITING
        empty = say.WAITING_NOT_KNOWN if view.waiting is None else known
        return block([row(width, look.text, [(empty, look.quiet)])], width, height, look.text)
    rows = [row(width, look.text, [(say.NEXT_ORDERS, look.quiet)])]
    spread = 2 if sheet.tall and 2 * len(view.items) < height - 3 else 1
    for item in view.items[: max(1, (height - 2) // spread)]:
        rows += [_order(item, sheet, width), *([_more(item, sheet, width)] * (spread - 1))]
    hidden = (view.waiting or 0) - min(len(view.items), max(1, (height - 2) // spread))
    if hidden > 0:
        rows.append(row(width, look.text, [(say.and_more(hidden), look.quiet)]))
    return block(rows, width, height, look.text)


def _order(item: QueueItem, sheet: Sheet, width: int) -> Row:
    look = sheet.look
    seconds = left(item.ship_by, sheet.now)
    time = "" if seconds is None else say.until(seconds)
    late = seconds is not None and seconds < SOON_SECONDS
    number, shelf, method = (14, 10, 26) if sheet.wide else (8, 8, 12)
    room = max(1, width - number - shelf - method - 28)
    first = item.goods[0] if item.goods else None
    pieces: list[Piece] = [
        (_wide(item.number, number), look.strong),
        (f"{say.units(item.units):>9}  ", look.text),
        (_wide(first.bin if first else "", shelf), look.strong),
        (_wide(_named(item), room), look.text),
        (_wide(f"{item.carrier} {item.service}", method), look.quiet),
    ]
    return row(width, look.text, pieces, right=[(time, look.variant if late else look.text)])


def _more(item: QueueItem, sheet: Sheet, width: int) -> Row:
    """Below an order where there is room: whose it is, and the shelves of its other lines."""
    look = sheet.look
    others = "   ".join(f"{line.bin}  {line.units} × {line.name} {line.variant}".strip() for line in item.goods[1:])
    return row(width, look.text, [(_wide(item.channel, 26), look.quiet), (others, look.quiet)])


def _named(item: QueueItem) -> str:
    """The first line, and how many more there are."""
    if not item.goods:
        return say.lines(item.lines)
    name = f"{item.goods[0].name} {item.goods[0].variant}".strip()
    return f"{say.plus(item.lines - 1)}{name}" if item.lines > 1 else name


def _wide(text: str, width: int) -> str:
    """Cut or padded to these cells, with one free behind it."""
    cut = fit(text.strip(), width - 1)
    return cut + " " * (width - cell_len(cut))
