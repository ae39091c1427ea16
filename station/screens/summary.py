"""Before a load is closed: what is on it and what is not. After: what was saved and who was told."""

from functools import partial

from station.screens.dock import parcel_columns
from station.screens.page import page, top_bar
from station.views import LoadSummaryView
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.widgets.totals import totals
from station.wording import Ways, say


def summary(view: LoadSummaryView, sheet: Sheet) -> Rows:
    """The question, the wait, or the outcome."""
    load = view.load
    top = top_bar(sheet, [load.carrier_name or load.carrier, say.LOAD_OF, load.load_id])
    ways = say.AT_CLOSED if view.closed else Ways() if view.closing else say.AT_CLOSE
    return page(sheet, top, partial(_closed if view.closed else _asking, view), view.flash, ways=ways)


def _asking(view: LoadSummaryView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room, load = sheet.look, width - 8, view.load
    word, does = (say.CLOSING, say.CLOSING_WAIT) if view.closing else (say.CLOSE_ASK, say.CLOSE_AGAIN)
    counts = [
        (len(load.loaded), say.LOADED, look.accent),
        (len(load.missing), say.MISSING_AT_CLOSE, look.variant if load.missing else look.strong),
        (len(load.set_aside), say.ASIDE, look.variant if load.set_aside else look.strong),
    ]
    rows = blank(room, 1, look.text)
    if sheet.tall:
        rows += [*big(word, room, 5, look.strong, (BOLD, MEDIUM, THIN)), *blank(room, 2, look.text)]
    rows += [*totals(counts, sheet, room), *blank(room, 1, look.text)]
    lists = parcel_columns(load, sheet, room, height - len(rows) - 4, say.MISSING_AT_CLOSE)
    card = [row(width, look.hint, [(f"  ▶ {does}", look.hint)])]
    return [*indented([*rows, *lists], 4, width, look.text), *blank(width, 1, look.text), *_padded(card, width, sheet)]


def _padded(card: Rows, width: int, sheet: Sheet) -> Rows:
    edge = blank(width, 1, sheet.look.hint)
    return [*edge, *card, *edge]


def _closed(view: LoadSummaryView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room, load = sheet.look, width - 8, view.load
    left = room - (40 if sheet.tall else 20)
    size = 7 if sheet.tall else 6
    words = [row(left, look.text), *big(say.CLOSED, left - 2, 7, look.accent, (LARGE, BOLD, MEDIUM))]
    words = block(words, left, size, look.text)
    digits = big(str(len(load.loaded)), room - left, 5, look.strong)
    count = [row(room - left, look.text, [(say.ON_TRUCK, look.strong)]), *digits]
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *beside(words, block(count, room - left, size, look.text))]
    rows += blank(room, 1, look.text)
    rows += [row(room, look.text, [(f"{say.MANIFEST} {view.manifest_path}", look.text)])] if view.manifest_path else []
    rows += blank(room, 1, look.text)
    for told in view.told[: height - len(rows) - 3]:
        well = told.told >= told.total
        rows.append(
            row(room, look.text, [(say.told(told.channel, told.told, told.total), look.text if well else look.variant)])
        )
    stock = (say.STOCK_TOLD, look.text) if view.stock_told else (say.STOCK_NOT_TOLD, look.variant)
    rows += [row(room, look.text, [stock]), row(room, look.text), row(room, look.text, [(say.CLOSED_DO, look.strong)])]
    return indented(rows, 4, width, look.text)[:height]
