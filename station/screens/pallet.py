"""A pallet: its code, how many parcels stand on it, and which."""

from functools import partial

from station.screens.dock import pointed
from station.screens.page import page, top_bar
from station.text import wrap
from station.views import PalletView
from station.widgets.band import BandSays
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.parcels import parcel_list
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, blank, indented, row
from station.widgets.totals import totals
from station.wording import say


def pallet(view: PalletView, sheet: Sheet) -> Rows:
    """Its code is asked for, or its parcels."""
    top = top_bar(sheet, [text for text in (say.PALLET, view.sscc) if text])
    ways = say.AT_PALLET if view.sscc else say.AT_PALLET_CODE
    says = BandSays(idle=say.PALLET_DO if view.sscc else "")
    return page(sheet, top, partial(_parcels if view.sscc else _code, view), view.flash, says=says, ways=ways)


def _code(_view: PalletView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room = sheet.look, width - 8
    cuts = (LARGE, BOLD, MEDIUM, THIN) if sheet.tall else (BOLD, MEDIUM, THIN)
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *big(say.PALLET_SCAN, room, 7, look.strong, cuts)]
    rows += [row(room, look.text), *(row(room, look.text, [(text, look.text)]) for text in wrap(say.PALLET_HOW, room))]
    return indented(rows, 4, width, look.text)[:height]


def _parcels(view: PalletView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room = sheet.look, width - 8
    rows = [*blank(room, 1, look.text), *totals([(len(view.parcels), say.ON_PALLET, look.accent)], sheet, room)]
    head = indented([*rows, row(room, look.text)], 4, width, look.text)
    pen = look.hint
    card = [*blank(width, 1, pen), *pointed(say.PALLET_AGAIN, width, pen), *blank(width, 1, pen)] if view.asked else []
    names = [f"{p.order_number}  {p.tracking}" for p in reversed(view.parcels)]
    space = max(1, height - len(head) - len(card))
    listed = parcel_list(say.PALLET, names, sheet, (room, space), look.strong)
    return [*head, *indented(listed, 4, width, look.text), *card]
