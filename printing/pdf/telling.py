"""Slips on office paper."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from printing.documents import PrintedCode, SlipLine
from printing.kinds import Stock, telling
from printing.pdf.code_sheets import inner_width, whole
from printing.pdf.paper import BLACK, GREY, Frame, Item, PaperSize, Sheet, measured, pdf, printable
from printing.pdf.symbols import symbol
from printing.slips.blocks import Block, Choices, Facts, Goods, Lines, Logo, Scan, Title, Words

_BOTTOM = 18.0
_UNITS, _RIGHT, _STEP = 16.0, 34.0, 4.4


def told(kind: str, document: Any, stock: Stock) -> bytes:
    """The slip as pages."""
    blocks = tuple(telling(kind)(document))
    title = next((block.text for block in blocks if isinstance(block, Title)), kind)
    return pdf(title, _items(blocks, stock.paper), Frame(_frame(title), _BOTTOM), stock.paper)


def _frame(title: str) -> Callable[[Sheet, int, int], float]:
    def head(sheet: Sheet, number: int, pages: int) -> float:
        foot = sheet.height - 9
        if pages > 1:
            sheet.text(sheet.right - 40, foot, f"page {number} of {pages}", 7.5, grey=GREY, align="right", width=40)
        if number > 1:
            sheet.text(sheet.left, 17, title, 11, bold=True, width=120)
            return 22.0
        return 14.0

    return head


def _items(blocks: Iterable[Block], paper: PaperSize) -> Iterator[Item]:
    inner = inner_width(paper)
    for block in blocks:
        yield from _DRAWERS[type(block)](block, inner)


def _logo(logo: Logo, inner: float) -> Iterator[Item]:
    yield Item(22, lambda sheet, y: sheet.picture((sheet.left, y, inner / 2, 18), logo.bitmap))


def _title(title: Title, inner: float) -> Iterator[Item]:
    size = 34 if title.loud else 22

    def draw(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + size * 0.36, title.text, size, bold=True, width=inner, size_min=12)
        if title.under:
            sheet.text(sheet.left, y + size * 0.36 + 6.5, title.under, 11, width=inner, size_min=7)
        sheet.rule(sheet.left, y + size * 0.36 + 9.5, inner, weight=1.2 if title.loud else 0.5)

    yield Item(size * 0.36 + 13, draw, keeps_next=True)


def _facts(facts: Facts, inner: float) -> Iterator[Item]:
    size = 30.0 if facts.large else 13.0
    width = inner / max(len(facts.pairs), 2)

    def draw(sheet: Sheet, y: float) -> None:
        for index, (caption, value) in enumerate(facts.pairs):
            x = sheet.left + index * width
            sheet.text(x, y + 3, caption, 6.5, grey=GREY, width=width - 4)
            sheet.text(x, y + 4 + size * 0.36, value, size, bold=True, width=width - 4, size_min=7)

    yield Item(8 + size * 0.36, draw)


def _lines(lines: Lines, inner: float) -> Iterator[Item]:
    rows = [part for line in lines.lines for part in whole(line, 10, inner - 30)[:3]]

    def draw(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 4, lines.caption, 6.5, grey=GREY, width=28)
        for index, row in enumerate(rows):
            sheet.text(sheet.left + 30, y + 4 + index * 4.8, row, 10, bold=not index)

    yield Item(6 + 4.8 * len(rows), draw)


def _goods(goods: Goods, inner: float) -> Iterator[Item]:
    yield Item(3, lambda sheet, y: sheet.rule(sheet.left, y + 1, inner, weight=0.5), keeps_next=True)
    for number, line in enumerate(goods.lines):
        yield _line(line, goods.right[number] if goods.right else "", inner, ticked=goods.ticked)
    yield Item(4, lambda sheet, y: sheet.rule(sheet.left, y + 1, inner, weight=0.5))
    if goods.total:
        yield Item(
            9, lambda sheet, y: sheet.text(sheet.left, y + 4, goods.total, 12, bold=True, align="right", width=inner)
        )


def _line(line: SlipLine, right: str, inner: float, *, ticked: bool) -> Item:
    room = inner - _UNITS - _RIGHT
    names = whole(f"{line.name} {line.variant}".strip(), 10, room, bold=True)
    small = whole("  ".join(part for part in (line.sku, line.lot) if part), 7.5, room)
    height = max(_STEP * len(names) + 3.4 * len(small), _STEP) + 3

    def draw(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 4, f"{line.units} ×", 11, bold=True, width=_UNITS - 2, size_min=7)
        for index, text in enumerate(names):
            sheet.text(sheet.left + _UNITS, y + 4 + index * _STEP, text, 10, bold=True)
        for index, text in enumerate(small):
            sheet.text(sheet.left + _UNITS, y + 4 + len(names) * _STEP + index * 3.4, text, 7.5, grey=GREY)
        if ticked:
            sheet.tick_box(sheet.right - 6, y + 0.5, 4.5)
        elif right:
            sheet.text(sheet.right - _RIGHT, y + 4, right, 10, align="right", width=_RIGHT, size_min=6)

    return Item(height, draw)


def _choices(choices: Choices, inner: float) -> Iterator[Item]:
    yield Item(6, lambda sheet, y: sheet.text(sheet.left, y + 4, choices.caption, 6.5, grey=GREY), keeps_next=True)
    for text in choices.texts:
        yield _choice(text, inner)


def _choice(text: str, inner: float) -> Item:
    def draw(sheet: Sheet, y: float) -> None:
        sheet.tick_box(sheet.left, y, 4)
        sheet.text(sheet.left + 7, y + 3.4, text, 9.5, width=inner - 8, size_min=6)

    return Item(6, draw)


def _words(words: Words, inner: float) -> Iterator[Item]:
    size, step = (15.0, 6.6) if words.large else (9.0, 4.2)
    rows = whole(words.text, size, inner)
    yield Item(2, lambda _sheet, _y: None)
    for row in rows:
        yield _row(row, size, step)
    yield Item(2, lambda _sheet, _y: None)


def _row(text: str, size: float, step: float) -> Item:
    return Item(step, lambda sheet, y: sheet.text(sheet.left, y + step * 0.75, text, size, grey=BLACK))


def _scan(scan: Scan, inner: float) -> Iterator[Item]:
    bars = symbol(PrintedCode(scan.text, scan.caption), inner - 10, 14)

    def draw(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 5, scan.caption, 6.5, grey=GREY)
        sheet.place(bars.drawing, sheet.left + bars.quiet, y + 7, bars.height)
        width = max(bars.width, measured(printable(scan.text), 10))
        sheet.text(sheet.left + bars.quiet, y + 12 + bars.height, scan.text, 10, width=width)

    yield Item(bars.height + 15, draw)


_DRAWERS: dict[type[Block], Callable[[Any, float], Iterator[Item]]] = {
    Logo: _logo,
    Title: _title,
    Facts: _facts,
    Lines: _lines,
    Goods: _goods,
    Choices: _choices,
    Words: _words,
    Scan: _scan,
}
