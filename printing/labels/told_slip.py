"""A slip on label stock: its blocks from top to bottom, on as many labels as they need."""

from collections.abc import Iterable

from printing.documents import Place, SlipLine
from printing.labels.parts import BOTTOM, HEIGHT, INNER, LEFT, PAD, RIGHT, TOP, WIDTH, barcode
from printing.slips.blocks import Block, Choices, Facts, Goods, Lines, Logo, Scan, Title, Words
from printing.surface import Pad, Surface
from printing.text_fit import Fitted

_X, _ROOM = LEFT + PAD, INNER - 2 * PAD
_FOOT = 40
_BARS, _SQUARE = 164, 290
_UNITS, _RIGHT, _LOGO, _LOGO_WIDE = 90, 150, 120, 320


def draw(pad: Pad, kind: str, blocks: Iterable[Block]) -> None:
    """Draw all of them; a block that finds no room goes to the next label as a whole, goods line by line."""
    flow = _Flow(pad, kind)
    for block in blocks:
        getattr(flow, type(block).__name__.lower())(block)


class _Flow:
    """Where the next block begins."""

    def __init__(self, pad: Pad, kind: str) -> None:
        self._pad, self._kind, self._number = pad, kind, 0
        self._page: Surface
        self._y = self._beside = 0
        self._next_label()

    def logo(self, logo: Logo) -> None:
        width = max(_LOGO, min(_LOGO_WIDE, _LOGO * logo.bitmap.width // logo.bitmap.height))
        self._page.picture(Place("logo", RIGHT - PAD - width, self._y, width, _LOGO), logo.bitmap)
        self._beside = width + 20

    def title(self, title: Title) -> None:
        if title.loud:
            y = self._taking(230)
            self._page.solid(LEFT, y, INNER, 150)
            name = self._fit(title.text, 110, 40)
            self._page.lines(LEFT, y + (150 - name.height) // 2 + 6, name, align="centre", white=True, width=INNER)
            self._page.lines(LEFT, y + 168, self._fit(title.under, 36, 20), align="centre", width=INNER)
            return
        room, self._beside = _ROOM - self._beside, 0
        name, under = self._page.fit(title.text, room, 60, 34), self._page.fit(title.under, room, 28, 20, lines=2)
        y = self._taking(max(name.depth + under.depth, _LOGO if room < _ROOM else 0) + 14)
        self._page.lines(_X, self._page.lines(_X, y, name), under)
        self._page.solid(LEFT, self._y - 8, INNER, 4)

    def facts(self, facts: Facts) -> None:
        size, size_min = (84, 26) if facts.large else (38, 18)
        y = self._taking(size + 46)
        width = _ROOM // len(facts.pairs)
        for index, (caption, value) in enumerate(facts.pairs):
            x = _X + index * width
            self._page.lines(x, y, self._page.fit(caption, width - 12, 20, 14))
            self._page.lines(x, y + 24, self._page.fit(value, width - 12, size, size_min))

    def lines(self, lines: Lines) -> None:
        rows = [self._page.fit(line, _ROOM - 130, 32, 18) for line in lines.lines]
        caption = self._page.fit(lines.caption, 120, 20, 14)
        y = self._taking(max(sum(row.depth for row in rows), caption.depth) + 12)
        self._page.lines(_X, y + 6, caption)
        for row in rows:
            y = self._page.lines(_X + 130, y, row)

    def goods(self, goods: Goods) -> None:
        self._rule()
        for index, line in enumerate(goods.lines):
            self._line(line, goods.right[index] if goods.right else "", ticked=goods.ticked)
        self._rule()
        if goods.total:
            total = self._fit(goods.total, 38, 22)
            self._page.lines(_X, self._taking(total.depth + 8), total, align="right", width=_ROOM)

    def choices(self, choices: Choices) -> None:
        rows = [self._page.fit(text, _ROOM - 50, 28, 18) for text in choices.texts]
        y = self._taking(28 + sum(max(row.depth, 32) for row in rows) + 10)
        self._page.lines(_X, y, self._fit(choices.caption, 20, 14))
        y += 26
        for row in rows:
            self._page.box(_X, y, 24, 24)
            self._page.lines(_X + 40, y, row)
            y += max(row.depth, 32)

    def words(self, words: Words) -> None:
        fitted = self._page.fit(words.text, _ROOM, *((54, 26, 8) if words.large else (28, 20, 8)))
        y = self._taking(fitted.depth + 14)
        self._page.lines(_X, y + 6, fitted)

    def scan(self, scan: Scan) -> None:
        # A code of many letters is a QR code, which is higher.
        height = _BARS if self._page.code_fitting(scan.text, INNER - 8) else _SQUARE
        y = self._taking(height + 6)
        barcode(self._page, Place("code", LEFT, y, INNER, height), scan.text, scan.caption)

    def _line(self, line: SlipLine, right: str, *, ticked: bool) -> None:
        width = _ROOM - _UNITS - (_RIGHT if right else 0) - (40 if ticked else 0)
        name = self._page.fit(f"{line.name} {line.variant}".strip(), width, 34, 22, lines=2)
        small = self._page.fit("  ".join(part for part in (line.sku, line.lot) if part), width, 22, 16, lines=8)
        y = self._taking(max(name.depth + small.depth, 44) + 12)
        if ticked:
            self._page.box(RIGHT - PAD - 30, y + 2, 28, 28)
        units = self._page.fit(f"{line.units} x", _UNITS - 10, 38, 18)
        self._page.lines(_X, y, units)
        self._page.lines(_X + _UNITS, self._page.lines(_X + _UNITS, y, name), small)
        price = self._page.fit(right, _RIGHT - 10, 34, 16)
        self._page.lines(RIGHT - PAD - _RIGHT, y, price, align="right", width=_RIGHT)

    def _rule(self) -> None:
        self._page.solid(_X, self._taking(12), _ROOM, 3)

    def _fit(self, text: str, height: int, height_min: int) -> Fitted:
        return self._page.fit(text, _ROOM, height, height_min)

    def _taking(self, height: int) -> int:
        """The y of a place of this height."""
        if self._y + height > BOTTOM - _FOOT:
            self._page.text(LEFT, BOTTOM - 34, 24, "more on the next label", align="right", width=_ROOM)
            self._next_label()
        y, self._y = self._y, self._y + height
        return y

    def _next_label(self) -> None:
        self._number += 1
        self._page = self._pad.page(WIDTH, HEIGHT, f"{self._kind} {self._number}")
        self._page.box(LEFT, TOP, INNER, BOTTOM - TOP, 4)
        self._y = TOP + 20
