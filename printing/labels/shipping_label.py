"""The label which goes on the parcel, 4 x 6 inches.

There is exactly one barcode on it, so that scanning it back cannot hit the wrong one.
"""

from collections.abc import Callable

from printing.documents import Address, Place, ShippingLabel
from printing.documents.label_parts import arranged
from printing.labels.parts import (
    BOTTOM,
    HEIGHT,
    INNER,
    LEFT,
    PAD,
    RIGHT,
    TOP,
    WIDTH,
    barcode,
    captioned,
    of_boxes,
    town,
)
from printing.labels.parts import weight as weighed
from printing.plain_text import clean
from printing.surface import Pad, Surface
from printing.text_fit import Fitted

_INDENT = 90
_STREET_LINES_MAX = 3
_HEAVY = frozenset({"recipient", "tracking"})


def draw(pad: Pad, label: ShippingLabel) -> None:
    """Draw it. Raises ValueError where its parts cannot stand as its look wants."""
    places = arranged(label.look)
    page = pad.page(WIDTH, HEIGHT, label.parcel_id)
    page.box(LEFT, TOP, INNER, BOTTOM - TOP, 4)
    for name, place in places.items():
        _frame(page, place)
        _PARTS[name](page, place, label)


def _frame(page: Surface, place: Place) -> None:
    """Each part has one; where two meet, their rules lie on each other."""
    thick = 6 if place.part in _HEAVY else 3
    width, height = min(place.width + thick, RIGHT - place.x), min(place.height + thick, BOTTOM - place.y)
    if thick == 3:
        page.box(place.x, place.y, width, height)
        return
    for y in (place.y, place.y + height - thick):
        page.solid(place.x, y, place.width, thick)
    for x in (place.x, place.x + width - 3):
        page.solid(x, place.y, 3, height)


def _logo(page: Surface, place: Place, label: ShippingLabel) -> None:
    """The shop's, or else the first letter of the service."""
    if label.look.logo is not None:
        page.picture(Place("logo", place.x + 8, place.y + 8, place.width - 16, place.height - 16), label.look.logo)
        return
    initial = next((c for c in page.printable(label.service).upper() if c.isalnum()), "")
    height = min(150, place.height - 10)
    page.text(place.x, place.y + (place.height - height) // 2 + 10, height, initial, align="centre", width=place.width)


def _carrier(page: Surface, place: Place, label: ShippingLabel) -> None:
    room = place.width - 2 * PAD
    name = page.fit(label.carrier, room, min(76, place.height // 2), 24)
    page.lines(place.x + PAD, place.y + 22, name)
    page.lines(place.x + PAD, place.y + place.height - 54, page.fit(label.routing, room, 46, 20))


def _service(page: Surface, place: Place, label: ShippingLabel) -> None:
    page.solid(place.x, place.y, place.width, place.height)
    title = page.fit(page.printable(label.service).upper(), place.width - 2 * PAD, min(76, place.height - 20), 26)
    top = place.y + (place.height - title.height) // 2 + 4
    page.lines(place.x, top, title, align="centre", white=True, width=place.width)


def _sender(page: Surface, place: Place, label: ShippingLabel) -> None:
    sender = label.ship_from
    page.text(place.x + PAD, place.y + 14, 20, "FROM")
    phone = f"Tel {sender.phone}" if clean(sender.phone) else ""
    last = " ".join(part for part in (town(sender), sender.country) if part)
    rows = (sender.name, sender.company, ", ".join(sender.lines), last, phone)
    y = place.y + 12
    for row in rows:
        fitted = page.fit(row, place.width - _INDENT - PAD, 22, 16)
        if y + fitted.depth <= place.y + place.height:
            y = page.lines(place.x + _INDENT, y, fitted)


def _box(page: Surface, place: Place, label: ShippingLabel) -> None:
    page.text(place.x + PAD, place.y + 10, 20, "BOX")
    count = page.fit(of_boxes(label.box, label.boxes), place.width - 2 * PAD, min(84, place.height - 50), 24)
    page.lines(place.x, place.y + 44, count, align="centre", width=place.width)


def _recipient(page: Surface, place: Place, label: ShippingLabel) -> None:
    x, top = place.x + PAD, place.y + 24
    page.solid(x, top, 56, 76)
    page.text(x, top + 10, 26, "SHIP", align="centre", white=True, width=56)
    page.text(x, top + 40, 26, "TO", align="centre", white=True, width=56)
    room = place.height - 30
    for percent in range(100, 40, -5):
        rows = _recipient_rows(page, label.ship_to, place.width - _INDENT - PAD, percent)
        if all(row.whole for row in rows) and sum(row.depth for row in rows) <= room:
            break
    spare = room - sum(row.depth for row in rows)
    y = top + max(0, min(spare // 3, 30))
    for row in rows:
        if y + row.depth <= place.y + place.height:
            y = page.lines(place.x + _INDENT, y, row)


def _recipient_rows(page: Surface, to: Address, width: int, percent: int) -> list[Fitted]:
    """The address at a size; at the smallest, 45 %, all rows together take less than the usual place has."""

    def row(text: str, height: int, lines: int) -> Fitted:
        size = height * percent // 100
        size_min = max(size * 3 // 4, 22)
        # One line a little smaller reads better than two.
        one_line = page.fit(text, width, size, size_min)
        return one_line if one_line.whole else page.fit(text, width, size, size_min, lines)

    streets = [line for line in to.lines if clean(line)]
    if len(streets) > _STREET_LINES_MAX:
        streets = [*streets[: _STREET_LINES_MAX - 1], ", ".join(streets[_STREET_LINES_MAX - 1 :])]
    return [
        row(to.name, 64, 2),
        row(to.company, 48, 1),
        *(row(street, 54, 2) for street in streets),
        row(town(to), 66, 2),
        row(page.printable(to.country).upper(), 50, 1),
        row(f"Tel {to.phone}" if clean(to.phone) else "", 34, 1),
    ]


def _tracking(page: Surface, place: Place, label: ShippingLabel) -> None:
    inside = Place("tracking", place.x, place.y + 16, place.width, place.height - 16)
    barcode(page, inside, label.tracking, "TRACKING NUMBER")


def _notes(page: Surface, place: Place, label: ShippingLabel) -> None:
    said = " / ".join(part for part in (*label.notes, label.look.footer) if part)
    size = min(26, (place.height - 18) * 5 // 18)
    page.lines(place.x + PAD, place.y + 12, page.fit(said, place.width - 2 * PAD, size, min(size, 16), lines=3))


def _caption_of(caption: str, text: Callable[[ShippingLabel], str]) -> Callable[[Surface, Place, ShippingLabel], None]:
    def part(page: Surface, place: Place, label: ShippingLabel) -> None:
        captioned(page, place, caption, text(label))

    return part


_PARTS: dict[str, Callable[[Surface, Place, ShippingLabel], None]] = {
    "logo": _logo,
    "carrier": _carrier,
    "ship_date": _caption_of("SHIP DATE", lambda label: label.ship_date),
    "weight": _caption_of("WEIGHT", lambda label: weighed(label.weight_grams)),
    "service": _service,
    "sender": _sender,
    "box": _box,
    "recipient": _recipient,
    "tracking": _tracking,
    "order": _caption_of("ORDER", lambda label: label.order_number),
    "parcel": _caption_of("PARCEL", lambda label: label.parcel_id),
    "notes": _notes,
}
