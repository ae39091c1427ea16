"""Goods at a dock: which paper, how many so far, what is missing, and that it is booked."""

from functools import partial

from station.goods_sheet import GoodsRow, GoodsSheet, GoodsStep
from station.screens.dock import pointed
from station.screens.page import page, top_bar
from station.text import wrap
from station.views import GoodsView
from station.widgets.band import BandSays
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Row, Rows, blank, block, indented, row
from station.widgets.totals import Total, totals
from station.wording import Ways, say

_S = GoodsStep
_BLIND = frozenset({"count"})
"""Whoever counts a shelf must not see what the book says before they are done."""


def goods(view: GoodsView, sheet: Sheet) -> Rows:
    """The paper, the count, the question, the wait, or the outcome."""
    of = view.sheet
    named = view.names.get(of.ref, of.ref)
    top = top_bar(sheet, [say.GOODS_KINDS.get(of.kind, of.kind), named], say.UNSENT if view.waits else "", view.waits)
    body = {_S.PAPER: _paper, _S.FETCHING: _wait, _S.BOOKING: _wait, _S.BOOKED: _booked}.get(of.step, _counting)
    says = BandSays(idle="" if of.step is _S.PAPER else say.GOODS_LOT_DO if of.asks_lot else say.GOODS_DO)
    return page(sheet, top, partial(body, view), view.flash, says=says, ways=_ways(of))


def _ways(of: GoodsSheet) -> Ways:
    if of.step in (_S.FETCHING, _S.BOOKING):
        return say.AT_GOODS_WAIT
    if of.step is _S.BOOKED:
        return say.AT_GOODS_BOOKED
    return say.AT_GOODS_PAPER if of.step is _S.PAPER else say.AT_GOODS


def _paper(view: GoodsView, sheet: Sheet, width: int, height: int) -> Rows:
    kind = view.sheet.kind
    return _large(say.GOODS_SCAN.get(kind, kind), say.GOODS_PAPERS.get(kind, ""), sheet, width)[:height]


def _wait(view: GoodsView, sheet: Sheet, width: int, height: int) -> Rows:
    booking = view.sheet.step is _S.BOOKING
    do = say.GOODS_KEPT if view.waits else say.GOODS_WAIT
    rows = _large(say.GOODS_BOOKING if booking else say.GOODS_ASKS, do, sheet, width)
    return [*rows, *_list(view, sheet, width, height - len(rows))] if booking else rows


def _large(word: str, do: str, sheet: Sheet, width: int) -> Rows:
    look, room = sheet.look, width - 8
    cuts = (LARGE, BOLD, MEDIUM, THIN) if sheet.tall else (BOLD, MEDIUM, THIN)
    rows = [
        *blank(room, 2 if sheet.tall else 1, look.text),
        *big(word, room, 15 if sheet.tall else 9, look.strong, cuts),
    ]
    rows += [row(room, look.text), *(row(room, look.text, [(text, look.text)]) for text in wrap(do, room))]
    return indented([*rows, row(room, look.text)], 4, width, look.text)


def _counting(view: GoodsView, sheet: Sheet, width: int, height: int) -> Rows:
    of, look, room = view.sheet, sheet.look, width - 8
    counts: list[Total] = [(of.units, say.COUNTED, look.accent)]
    if of.expected:
        pen = look.variant if of.missing and of.step is _S.ASKED else look.strong
        counts.append((of.missing, say.STILL_MISSING, pen))
        if of.surplus:
            counts.append((of.surplus, say.TOO_MANY, look.variant))
    rows = [*blank(room, 1, look.text), *totals(counts, sheet, room)]
    asked = _card(say.goods_ask(of.kind, of.missing), sheet, width) if of.step is _S.ASKED else []
    head = indented(rows, 4, width, look.text)
    return [*head, *_list(view, sheet, width, height - len(head) - len(asked)), *asked]


def _card(text: str, sheet: Sheet, width: int) -> Rows:
    edge = blank(width, 1, sheet.look.hint)
    return [*edge, *pointed(text, width, sheet.look.hint), *edge]


def _list(view: GoodsView, sheet: Sheet, width: int, height: int) -> Rows:
    """What is not right first, then the others; the product scanned last is marked."""
    of, look, room = view.sheet, sheet.look, width - 8
    last = (of.scans[-1].sku, of.scans[-1].lot) if of.scans else None
    rows = sorted(of.rows, key=lambda each: ((each.sku, each.lot) != last, each.counted == each.expected))
    shown = rows if len(rows) <= height else rows[: max(0, height - 1)]
    drawn = [_line(each, view, sheet, room, marked=(each.sku, each.lot) == last) for each in shown]
    if len(shown) < len(rows):
        drawn.append(row(room, look.text, [(say.and_more(len(rows) - len(shown)), look.quiet)]))
    return block(indented(drawn, 4, width, look.text), width, max(0, height), look.text)


def _line(each: GoodsRow, view: GoodsView, sheet: Sheet, width: int, *, marked: bool) -> Row:
    look = sheet.look
    known = each.expected is not None and view.sheet.kind not in _BLIND
    full = known and each.counted == each.expected
    count = f"{each.counted:>4} / {each.expected:<4}" if known else f"{each.counted:>4}       "
    pen = look.quiet if full else look.variant if known and each.counted > (each.expected or 0) else look.strong
    lot: list[Piece] = [(f"   {say.LOT} {each.lot}", look.variant)] if each.lot else []
    lead = "▶" if marked else "✔" if full else " "
    name = view.names.get(each.sku, each.sku)
    return row(width, look.text, [(f"{lead} {count} ", pen), (name, pen), *lot], right=[(each.sku, look.quiet)])


def _booked(view: GoodsView, sheet: Sheet, width: int, height: int) -> Rows:
    of, look, room = view.sheet, sheet.look, width - 8
    done = of.booked
    counts: list[Total] = [(of.units, say.COUNTED, look.accent)]
    if done is not None and done.before is not None:
        counts.append((done.before, say.BY_THE_BOOK, look.strong if done.before == done.after else look.variant))
    elif done is not None and (done.missing or done.surplus):
        counts += [(done.missing, say.STILL_MISSING, look.variant), (done.surplus, say.TOO_MANY, look.variant)]
    word = big(say.GOODS_BOOKED, room, 5, look.accent, (BOLD, MEDIUM, THIN))
    rows = [*blank(room, 1, look.text), *word, row(room, look.text), *totals(counts, sheet, room)]
    rows += [row(room, look.text, [(say.goods_after(of.kind, done.missing if done else 0), look.text)])]
    head = indented(rows, 4, width, look.text)
    return [*head, *_list(view, sheet, width, height - len(head))]
