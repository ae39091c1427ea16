"""Pages of barcodes to scan from or to cut up: three in a row, or two or one where a code is long."""

from collections.abc import Iterator
from dataclasses import dataclass

from printing.documents import CodeGroup, CodeSheet, PrintedCode
from printing.pdf.paper import GREY, MARGIN, PALE, Frame, Item, PaperSize, Sheet, pdf, wrapped
from printing.pdf.symbols import Symbol, symbol

_COLUMNS_MAX = 3
_BAR_HEIGHT = 13.0
_PAD = 2.5
_TEXT_ROOM = 13.5


@dataclass(frozen=True, slots=True)
class _Cell:
    code: PrintedCode
    symbol: Symbol
    needed: float
    """Width with quiet zones, mm."""


def code_sheet(sheet: CodeSheet, paper: PaperSize = "a4") -> bytes:
    """The sheet as PDF. Raises ValueError with the caption of a code whose text its kind cannot hold."""
    items = [item for group in sheet.groups for item in _group_items(group, paper)]
    return pdf(sheet.title, items, Frame(lambda page, n, of: _head(page, sheet.title, n, of), MARGIN), paper)


def _head(sheet: Sheet, title: str, number: int, pages: int) -> float:
    sheet.text(sheet.left, 21, title, 17 if number == 1 else 11, bold=True, width=sheet.inner - 34)
    sheet.text(sheet.right - 32, 21, f"page {number} of {pages}", 8, grey=GREY, align="right", width=32)
    sheet.rule(sheet.left, 24, sheet.inner, weight=0.6)
    return 25.0


def _group_items(group: CodeGroup, paper: PaperSize) -> Iterator[Item]:
    inner = _page_width(paper) - 2 * MARGIN
    note = wrapped(group.note, 8, inner, 3)

    def heading(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 9, group.title, 12, bold=True, width=sheet.inner)
        for index, line in enumerate(note):
            sheet.text(sheet.left, y + 13.5 + 3.8 * index, line, 8, grey=GREY)

    yield Item(12.5 + 3.8 * len(note), heading, keeps_next=True)
    for row, width in _rows([_cell(code, inner) for code in group.codes], inner):
        yield _row_item(row, width)


def _page_width(paper: PaperSize) -> float:
    return {"a4": 210.0, "letter": 215.9}[paper]


def _cell(code: PrintedCode, inner: float) -> _Cell:
    try:
        bars = symbol(code, inner - 2 * _PAD, _BAR_HEIGHT)
    except ValueError as problem:
        raise ValueError(f'code "{code.caption}": {problem}') from problem
    return _Cell(code, bars, bars.width + 2 * max(bars.quiet, _PAD))


def _rows(cells: list[_Cell], inner: float) -> Iterator[tuple[list[_Cell], float]]:
    """Rows in the order given, each with the width of its cells."""
    at = 0
    while at < len(cells):
        columns = _COLUMNS_MAX
        while columns > 1 and any(cell.needed > inner / columns for cell in cells[at : at + columns]):
            columns -= 1
        yield cells[at : at + columns], inner / columns
        at += columns


def _row_item(row: list[_Cell], width: float) -> Item:
    height = max(cell.symbol.height for cell in row) + 2 * _PAD + _TEXT_ROOM

    def draw(sheet: Sheet, y: float) -> None:
        for index, cell in enumerate(row):
            _draw_cell(sheet, cell, sheet.left + index * width, y, width=width, height=height)

    return Item(height, draw)


def _draw_cell(sheet: Sheet, cell: _Cell, x: float, y: float, *, width: float, height: float) -> None:
    sheet.cut_frame(x, y, width, height)
    bars = cell.symbol
    room = height - _TEXT_ROOM
    sheet.place(bars.drawing, x + (width - bars.width) / 2, y + (room - bars.height) / 2 + 0.8, bars.height)
    below, inner = y + room, width - 2 * _PAD
    sheet.text(x + _PAD, below + 3.2, cell.code.caption, 9.5, bold=True, align="centre", width=inner)
    sheet.text(x + _PAD, below + 7.2, cell.code.hint, 7.5, grey=GREY, align="centre", width=inner)
    if cell.code.text != cell.code.caption:
        sheet.rule(x + width / 2 - 4, below + 8.6, 8, weight=0.15, grey=PALE)
        sheet.text(x + _PAD, below + 11.4, cell.code.text, 6, grey=GREY, align="centre", width=inner)
