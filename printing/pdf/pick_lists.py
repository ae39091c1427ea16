"""What a picker carries: the stops in walking order, and slips to scan together with the totes."""

from collections.abc import Iterator

from printing.documents import PickList, PickSlip, PickStop, PrintedCode
from printing.pdf.code_sheets import code_rows, inner_width, whole
from printing.pdf.paper import GREY, Align, Frame, Item, PaperSize, Sheet, pdf, wrapped

_BOTTOM = 18.0
_ROW, _STEP = 12.0, 4.2
_STRIPE = 0.96
# Where the columns begin and end, in shares of the inner width: box to tick, bin, product, lot, units, slots.
_EDGES = (0.0, 0.05, 0.22, 0.58, 0.72, 0.8, 1.0)
_TICK, _BIN, _PRODUCT, _LOT, _UNITS, _SLOTS = range(6)
_TITLES = ("", "Bin", "Product", "Lot", "Take", "Slot × units")
_GAP = 2.0


def pick_list(p: PickList, paper: PaperSize = "a4") -> bytes:
    """The list as PDF; every stop shows its shelf, and none is broken over pages."""
    inner = inner_width(paper)
    items = [*_stops(p, inner), *_slips(p, inner)]
    return pdf(f"Pick list {p.wave}", items, Frame(lambda sheet, n, of: _head(sheet, p, n, of), _BOTTOM), paper)


def _head(sheet: Sheet, p: PickList, number: int, pages: int) -> float:
    foot = sheet.height - 9
    sheet.rule(sheet.left, foot - 5, sheet.inner, weight=0.2, grey=GREY)
    sheet.text(sheet.left, foot, f"{p.site}  ·  wave {p.wave}", 7.5, grey=GREY, width=130)
    sheet.text(sheet.right - 40, foot, f"page {number} of {pages}", 7.5, grey=GREY, align="right", width=40)
    if number > 1:
        sheet.text(sheet.left, 17, f"Pick list {p.wave}", 11, bold=True, width=120)
        return _titles(sheet, 20)
    sheet.text(sheet.left, 16, "PICK LIST", 8, grey=GREY)
    sheet.text(sheet.left, 26, p.wave, 22, bold=True, width=sheet.inner * 0.5, size_min=11)
    truck = f"{p.carrier}, {p.due}" if p.due else p.carrier
    half = sheet.inner / 2
    sheet.text(sheet.right - half, 20, truck, 12, bold=True, align="right", width=half, size_min=7)
    units = sum(stop.units for stop in p.stops)
    facts = f"{p.orders} orders  ·  {units} units  ·  {len(p.stops)} stops"
    sheet.text(sheet.right - half, 26, facts, 9, align="right", width=half)
    return _titles(sheet, 30)


def _column(inner: float, index: int) -> tuple[float, float]:
    """Left edge and width of the text, mm."""
    return _EDGES[index] * inner, (_EDGES[index + 1] - _EDGES[index]) * inner - _GAP


def _titles(sheet: Sheet, y: float) -> float:
    for index, title in enumerate(_TITLES):
        x, width = _column(sheet.inner, index)
        align: Align = "right" if index == _UNITS else "left"
        sheet.text(sheet.left + x, y + 4, title, 7.5, bold=True, align=align, width=width)
    sheet.rule(sheet.left, y + 6, sheet.inner, weight=0.5)
    return y + 6.5


def _stops(p: PickList, inner: float) -> Iterator[Item]:
    if not p.stops:
        yield Item(_ROW, lambda sheet, y: sheet.text(sheet.left, y + 5, "Nothing is left to pick.", 9, grey=GREY))
    for number, stop in enumerate(p.stops, start=1):
        yield _stop(number, stop, inner)


def _stop(number: int, stop: PickStop, inner: float) -> Item:
    room = _column(inner, _PRODUCT)[1]
    slots = wrapped("  ".join(f"{give.slot}×{give.units}" for give in stop.gives), 9, _column(inner, _SLOTS)[1], 99)
    # Look-alikes differ in the variant: it is never cut short.
    product = [(text, False) for text in wrapped(stop.name, 8.5, room, 2)]
    product += [(text, True) for text in whole(stop.variant, 8.5, room, bold=True)]
    # Two lots may differ in their last figure alone.
    lot = whole(stop.lot, 9, _column(inner, _LOT)[1])
    height = max(_ROW, max(len(slots), len(product) + 1, len(lot)) * _STEP + 3)

    def draw(sheet: Sheet, y: float) -> None:
        if number % 2 == 0:
            sheet.fill(sheet.left, y, sheet.inner, height, _STRIPE)
        sheet.cut_frame(sheet.left + 1, y + 2, 4, 4)
        _put(sheet, _BIN, y + 6.5, stop.bin or "no bin", 13, bold=True, size_min=6)
        for index, (text, bold) in enumerate(product):
            _put(sheet, _PRODUCT, y + 4.6 + index * _STEP, text, 8.5, bold=bold)
        _put(sheet, _PRODUCT, y + 4.6 + len(product) * _STEP, stop.sku, 7, size_min=5)
        for index, text in enumerate(lot):
            _put(sheet, _LOT, y + 5.6 + index * _STEP, text, 9)
        _put(sheet, _UNITS, y + 6.5, str(stop.units), 14, bold=True, size_min=7)
        for index, text in enumerate(slots):
            _put(sheet, _SLOTS, y + 5.6 + index * _STEP, text, 9)

    return Item(height, draw)


def _put(
    sheet: Sheet, column: int, y: float, text: str, size: float, *, bold: bool = False, size_min: float = 0
) -> None:
    x, width = _column(sheet.inner, column)
    align: Align = "right" if column == _UNITS else "left"
    sheet.text(sheet.left + x, y, text, size, bold=bold, align=align, width=width, size_min=size_min)


def _slips(p: PickList, inner: float) -> Iterator[Item]:
    if not p.slips:
        return

    def heading(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 9, "Scan a slip together with its tote", 10, bold=True)
        sheet.rule(sheet.left, y + 11, sheet.inner, weight=0.3)

    yield Item(13, heading, keeps_next=True)
    yield from code_rows((_printed(slip) for slip in p.slips), inner)


def _printed(slip: PickSlip) -> PrintedCode:
    where = f"slot {slip.slot}  ·  " if slip.slot is not None else ""
    until = f"  ·  {slip.ship_by}" if slip.ship_by else ""
    return PrintedCode(slip.code, slip.number, f"{where}{slip.units} unit{'' if slip.units == 1 else 's'}{until}")
