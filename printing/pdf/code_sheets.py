"""Pages of barcodes to scan from or to cut up: three in a row, or two or one where a code is long."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from printing.documents import CodeGroup, CodeSheet, PrintedCode
from printing.pdf.paper import (
    BLACK,
    GREY,
    MARGIN,
    PALE,
    Frame,
    Item,
    PaperSize,
    Sheet,
    fitted,
    fitting,
    measured,
    pdf,
    printable,
    wrapped,
)
from printing.pdf.symbols import Symbol, symbol

_COLUMNS_MAX = 3
_BAR_HEIGHT = 13.0
_PAD = 2.5
_BELOW = 1.5
_CAPTION, _CAPTION_MIN, _HINT, _CODE = 9.5, 8.0, 7.5, 6.0


@dataclass(frozen=True, slots=True)
class _Cell:
    code: PrintedCode
    symbol: Symbol
    needed: float
    """Width with quiet zones, mm."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text in a cell; `size` in points, `step` in mm from the line above."""

    text: str
    size: float
    step: float
    bold: bool = False


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
    inner = inner_width(paper)
    note = wrapped(group.note, 8, inner, 3)

    def heading(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 9, group.title, 12, bold=True, width=sheet.inner)
        for index, line in enumerate(note):
            sheet.text(sheet.left, y + 13.5 + 3.8 * index, line, 8, grey=GREY)

    yield Item(12.5 + 3.8 * len(note), heading, keeps_next=True)
    yield from code_rows(group.codes, inner)


def code_rows(codes: Iterable[PrintedCode], inner: float) -> Iterator[Item]:
    """Rows of codes to scan or to cut out, over `inner` mm; ValueError as `code_sheet`."""
    for row, width in _rows([_cell(code, inner) for code in codes], inner):
        yield _row_item(row, width)


def inner_width(paper: PaperSize) -> float:
    """Between the margins, mm."""
    return {"a4": 210.0, "letter": 215.9}[paper] - 2 * MARGIN


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
    room = max(cell.symbol.height for cell in row) + 2 * _PAD
    texts = [_lines(cell.code, width - 2 * _PAD) for cell in row]
    height = room + max(sum(line.step for line in lines) for lines in texts) + _BELOW + _PAD / 4

    def draw(sheet: Sheet, y: float) -> None:
        for index, (cell, lines) in enumerate(zip(row, texts, strict=True)):
            x, bars = sheet.left + index * width, cell.symbol
            sheet.cut_frame(x, y, width, height)
            sheet.place(bars.drawing, x + (width - bars.width) / 2, y + (room - bars.height) / 2 + 0.8, bars.height)
            _draw_lines(sheet, lines, x, y + room, width)

    return Item(height, draw)


def _draw_lines(sheet: Sheet, lines: Sequence[_Line], x: float, y: float, width: float) -> None:
    for line in lines:
        y += line.step
        if line.size == _CODE:
            sheet.rule(x + width / 2 - 4, y - 2.8, 8, weight=0.15, grey=PALE)
        grey, inner = BLACK if line.bold else GREY, width - 2 * _PAD
        sheet.text(x + _PAD, y, line.text, line.size, bold=line.bold, grey=grey, align="centre", width=inner)


def _lines(code: PrintedCode, width: float) -> list[_Line]:
    """Caption, hint and the code itself. Captions of look-alikes differ in their last word, so none is ever cut."""
    small = whole(code.caption, _CAPTION_MIN, width, bold=True)
    size, captions = _CAPTION, whole(code.caption, _CAPTION, width, bold=True)
    while len(captions) > 1 and len(small) == 1:
        size -= 0.5
        captions = whole(code.caption, size, width, bold=True)
    lines = [_Line(text, size, 3.8 if n else 3.2, bold=True) for n, text in enumerate(captions)]
    lines += [_Line(text, _HINT, 3.2 if n else 4.0) for n, text in enumerate(whole(code.hint, _HINT, width))]
    return lines if code.text == code.caption else [*lines, _Line(fitted(code.text, _CODE, width), _CODE, 4.2)]


def whole(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """All of a text in as many lines as it needs; only a single word wider than a line is broken inside."""
    lines, words = [""], printable(text).split()
    while words:
        word = words.pop(0)
        longer = f"{lines[-1]} {word}".strip()
        if measured(longer, size, bold=bold) <= width:
            lines[-1] = longer
        elif lines[-1]:
            lines.append("")
            words.insert(0, word)
        else:
            fits = max(1, fitting(word, size, width, bold=bold))
            lines[-1:] = [word[:fits], ""]
            words.insert(0, word[fits:])
    return [line for line in lines if line]
