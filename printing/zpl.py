"""Labels for the printer on the bench, 4 x 6 inches, in ZPL II.

There is exactly one barcode on each, so that scanning a label back cannot hit the wrong one.
"""

from printing.documents import Address, ParkingSlip, ShippingLabel
from printing.plain_text import clean
from printing.text_fit import Fitted, fit
from printing.zpl_writer import UNITS_PER_MM, ZplPage

_WIDTH, _HEIGHT = 812, 1218
_LEFT, _TOP, _RIGHT, _BOTTOM = 20, 20, 792, 1198
_INNER = _RIGHT - _LEFT
_PAD, _INDENT = 16, 90
_STREET_LINES_MAX = 3


def shipping_label(label: ShippingLabel, dots_per_mm: int = UNITS_PER_MM) -> bytes:
    """The label which goes on the parcel. Raises ValueError for a printer that is neither 8 nor 12 dots/mm."""
    page = ZplPage(_WIDTH, _HEIGHT, dots_per_mm, label.parcel_id)
    page.box(_LEFT, _TOP, _INNER, _BOTTOM - _TOP, 4)
    _header(page, label)
    _service(page, label.service)
    _sender(page, label)
    _recipient(page, label.ship_to)
    _tracking(page, label.tracking, dots_per_mm)
    _footer(page, label)
    return page.finished()


def parking_slip(slip: ParkingSlip, dots_per_mm: int = UNITS_PER_MM) -> bytes:
    """The slip for a box that waits, on the same stock. Raises ValueError as `shipping_label` does."""
    page = ZplPage(_WIDTH, _HEIGHT, dots_per_mm, f"parking {slip.code}")
    page.box(_LEFT, _TOP, _INNER, _BOTTOM - _TOP, 4)
    page.solid(_LEFT, _TOP, _INNER, 200)
    page.text(_LEFT, 46, 150, "PARKED", align="centre", white=True, width=_INNER)
    page.text(_LEFT, 236, 34, "not a shipping label: do not load", align="centre", width=_INNER)
    page.solid(_LEFT, 290, _INNER, 3)
    page.text(_LEFT + _PAD, 306, 26, "ORDER")
    page.lines(_LEFT, 340, fit(slip.order_number, _INNER - 2 * _PAD, 120, 30), align="centre", width=_INNER)
    page.solid(_LEFT, 490, _INNER, 3)
    page.text(_LEFT + _PAD, 506, 26, "WHY")
    page.lines(_LEFT + _PAD, 540, fit(slip.reason, _INNER - 2 * _PAD, 60, 30, lines=3))
    page.solid(_LEFT, 770, _INNER, 6)
    _barcode(page, slip.code, "SCAN TO GO ON WITH THIS BOX", top=790, height=200, dots_per_mm=dots_per_mm)
    page.solid(_LEFT, 1100, _INNER, 6)
    _captioned(page, (_LEFT, 1112, _INNER // 2), "BENCH", slip.bench)
    page.solid(_LEFT + _INNER // 2, 1100, 3, _BOTTOM - 1100)
    _captioned(page, (_LEFT + _INNER // 2, 1112, _INNER // 2), "SINCE", slip.at)
    return page.finished()


def _header(page: ZplPage, label: ShippingLabel) -> None:
    top, bottom, icon, right = _TOP, 180, 180, 560
    initial = next((c for c in clean(label.service).upper() if c.isalnum()), "")
    page.text(_LEFT, top + 20, 150, initial, align="centre", width=icon - _LEFT)
    page.solid(icon, top, 3, bottom - top)
    middle = right - icon - 2 * _PAD
    page.lines(icon + _PAD, top + 22, fit(label.carrier, middle, 76, 24))
    page.lines(icon + _PAD, top + 106, fit(label.routing, middle, 46, 20))
    page.solid(right, top, 3, bottom - top)
    _captioned(page, (right, top + 10, _RIGHT - right), "SHIP DATE", label.ship_date)
    page.solid(right, 100, _RIGHT - right, 3)
    _captioned(page, (right, 108, _RIGHT - right), "WEIGHT", _weight(label.weight_grams))


def _service(page: ZplPage, service: str) -> None:
    page.solid(_LEFT, 180, _INNER, 96)
    title = fit(service.upper(), _INNER - 2 * _PAD, 76, 26)
    page.lines(_LEFT, 180 + (96 - title.height) // 2 + 4, title, align="centre", white=True, width=_INNER)


def _sender(page: ZplPage, label: ShippingLabel) -> None:
    sender, top, bottom, right = label.ship_from, 276, 424, 560
    page.text(_LEFT + _PAD, top + 14, 20, "FROM")
    y = top + 12
    town = " ".join(part for part in (_town(sender), sender.country) if part)
    phone = f"Tel {sender.phone}" if clean(sender.phone) else ""
    for row in (sender.name, sender.company, ", ".join(sender.lines), town, phone):
        y = page.lines(_LEFT + _INDENT, y, fit(row, right - _LEFT - _INDENT - _PAD, 22, 16))
    page.solid(right, top, 3, bottom - top)
    page.text(right + _PAD, top + 10, 20, "BOX")
    count = f"{label.box} of {label.boxes}" if label.boxes else f"{label.box}"
    page.lines(right, top + 44, fit(count, _RIGHT - right - 2 * _PAD, 84, 24), align="centre", width=_RIGHT - right)


def _recipient(page: ZplPage, to: Address) -> None:
    top, bottom = 424, 810
    page.solid(_LEFT, top, _INNER, 6)
    page.solid(_LEFT + _PAD, top + 24, 56, 76)
    page.text(_LEFT + _PAD, top + 34, 26, "SHIP", align="centre", white=True, width=56)
    page.text(_LEFT + _PAD, top + 64, 26, "TO", align="centre", white=True, width=56)
    room = bottom - top - 30
    for percent in range(100, 40, -5):
        rows = _recipient_rows(to, _RIGHT - _LEFT - _INDENT - _PAD, percent)
        if all(row.whole for row in rows) and sum(row.depth for row in rows) <= room:
            break
    spare = room - sum(row.depth for row in rows)
    y = top + 24 + max(0, min(spare // 3, 30))
    for row in rows:
        y = page.lines(_LEFT + _INDENT, y, row)


def _recipient_rows(to: Address, width: int, percent: int) -> list[Fitted]:
    """The address at a size; at the smallest, 45 %, all rows together take less than the place has."""

    def row(text: str, height: int, lines: int) -> Fitted:
        size = height * percent // 100
        size_min = max(size * 3 // 4, 22)
        # One line a little smaller reads better than two.
        one_line = fit(text, width, size, size_min)
        return one_line if one_line.whole else fit(text, width, size, size_min, lines)

    streets = [line for line in to.lines if clean(line)]
    if len(streets) > _STREET_LINES_MAX:
        streets = [*streets[: _STREET_LINES_MAX - 1], ", ".join(streets[_STREET_LINES_MAX - 1 :])]
    return [
        row(to.name, 64, 2),
        row(to.company, 48, 1),
        *(row(street, 54, 2) for street in streets),
        row(_town(to), 66, 2),
        row(to.country.upper(), 50, 1),
        row(f"Tel {to.phone}" if clean(to.phone) else "", 34, 1),
    ]


def _tracking(page: ZplPage, tracking: str, dots_per_mm: int) -> None:
    page.solid(_LEFT, 810, _INNER, 6)
    _barcode(page, tracking, "TRACKING NUMBER", top=826, height=184, dots_per_mm=dots_per_mm)
    page.solid(_LEFT, 1100, _INNER, 6)


def _barcode(page: ZplPage, text: str, caption: str, *, top: int, height: int, dots_per_mm: int) -> None:
    """Caption, bars as wide as the label allows, and the text in large letters."""
    page.text(_LEFT, top, 24, caption, align="centre", width=_INNER)
    code = page.code_fitting(text, _INNER - 8, bar_dots_max=dots_per_mm // 2)
    if code is None:
        # Bars below 0.25 mm do not print reliably at 203 dpi; a long code of letters becomes a QR code.
        page.qr(_LEFT + _INNER // 2 - 90, top + 24, 6, text)
    else:
        page.code128(_LEFT + (_INNER - code.width) // 2, top + 36, height, code)
    readable = fit(_grouped(text), _INNER - 2 * _PAD, 46, 22)
    page.lines(_LEFT, top + height + 44, readable, align="centre", width=_INNER)


def _footer(page: ZplPage, label: ShippingLabel) -> None:
    top, first, second = 1106, 310, 560
    _captioned(page, (_LEFT, top + 8, first - _LEFT), "ORDER", label.order_number)
    page.solid(first, top, 3, _BOTTOM - top)
    _captioned(page, (first, top + 8, second - first), "PARCEL", label.parcel_id)
    page.solid(second, top, 3, _BOTTOM - top)
    notes = fit(" / ".join(label.notes), _RIGHT - second - 2 * _PAD, 26, 18, lines=3)
    page.lines(second + _PAD, top + 12, notes)


def _captioned(page: ZplPage, place: tuple[int, int, int], caption: str, text: str) -> None:
    """Small caption over large text; `place` is x, y and width."""
    x, y, width = place
    page.text(x + _PAD, y, 20, caption)
    page.lines(x + _PAD, y + 26, fit(text, width - 2 * _PAD, 42, 18))


def _town(address: Address) -> str:
    return " ".join(part for part in (address.city, address.region, address.postcode) if part)


def _weight(grams: int | None) -> str:
    return "-" if grams is None else f"{grams / 1000:.2f} kg" if grams >= 1000 else f"{grams} g"


def _grouped(text: str) -> str:
    """Letters and digits in groups of four, easier to read out; a code with signs of its own stays as it is."""
    if len(text) < 10 or not text.isalnum():
        return text
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
