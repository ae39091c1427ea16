"""Which of several boxes this is, large enough to be read across a pallet."""

from printing.documents import BoxLabel, Place
from printing.labels.parts import BOTTOM, HEIGHT, INNER, LEFT, PAD, TOP, WIDTH, address_lines, barcode, of_boxes
from printing.surface import Pad, Surface
from printing.text_fit import Fitted

_TO, _END = 626, 900
_ROWS_MAX = 10


def draw(pad: Pad, label: BoxLabel) -> None:
    """Draw it."""
    page = pad.page(WIDTH, HEIGHT, f"box {label.code}")
    page.box(LEFT, TOP, INNER, BOTTOM - TOP, 4)
    page.text(LEFT + PAD, TOP + 14, 30, "BOX")
    count = page.fit(of_boxes(label.box, label.boxes), INNER - 2 * PAD, 300, 60)
    page.lines(LEFT, TOP + 60 + (300 - count.height) // 2, count, align="centre", width=INNER)
    page.solid(LEFT, 400, INNER, 6)
    page.text(LEFT + PAD, 416, 26, "ORDER")
    page.lines(LEFT, 446, page.fit(label.order_number, INNER - 2 * PAD, 110, 30), align="centre", width=INNER)
    page.solid(LEFT, 580, INNER, 3)
    page.text(LEFT + PAD, 594, 26, "TO")
    y = _TO
    for row in _address(page, address_lines(label.ship_to)[:_ROWS_MAX]):
        y = page.lines(LEFT + PAD, y, row)
    page.solid(LEFT, _END, INNER, 6)
    barcode(page, Place("code", LEFT, 914, INNER, 270), label.code, "TRACKING NUMBER")


def _address(page: Surface, lines: tuple[str, ...]) -> list[Fitted]:
    """All rows, as large as they find room for; the last ones, town and country, are the ones that must not go."""
    rows: list[Fitted] = []
    for height in range(44, 21, -2):
        rows = [page.fit(line, INNER - 2 * PAD, height, min(height, 22)) for line in lines]
        if _TO + sum(row.depth for row in rows) <= _END:
            break
    return rows
