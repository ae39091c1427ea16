"""What the layouts have in common: the stock, captions, an address, a code with its text."""

from printing.documents import Address, Place
from printing.plain_text import clean
from printing.surface import Surface

WIDTH, HEIGHT = 812, 1218
"""4 x 6 inches."""
LEFT, TOP, RIGHT, BOTTOM = 20, 20, 792, 1198
INNER = RIGHT - LEFT
PAD = 16


def captioned(page: Surface, place: Place, caption: str, text: str) -> None:
    """Small caption over large text."""
    page.text(place.x + PAD, place.y + 10, 20, caption)
    page.lines(place.x + PAD, place.y + 36, page.fit(text, place.width - 2 * PAD, 42, 18))


def barcode(page: Surface, place: Place, text: str, caption: str) -> None:
    """Caption, bars as wide as the place allows, and the text in large letters.

    Bars below 0.25 mm do not print reliably at 203 dpi; a long code of letters becomes a QR code.
    """
    said = page.fit(caption, place.width - 2 * PAD, 24, 16)
    page.lines(place.x, place.y, said, align="centre", width=place.width)
    height = place.height - 90
    code = page.code_fitting(text, place.width - 8)
    if code is None:
        page.qr(place.x + place.width // 2 - 90, place.y + 24, 6, text)
    else:
        page.bars(place.x + (place.width - code.width) // 2, place.y + 36, height, code)
    readable = page.fit(grouped(text), place.width - 2 * PAD, 46, 18)
    page.lines(place.x, place.y + height + 44, readable, align="centre", width=place.width)


def town(address: Address) -> str:
    """City, region and postcode."""
    return " ".join(part for part in (address.city, address.region, address.postcode) if part)


def address_lines(address: Address) -> tuple[str, ...]:
    """An address as it is read, line by line."""
    found = (address.name, address.company, *address.lines, town(address), address.country)
    return tuple(line for line in found if clean(line))


def weight(grams: int | None) -> str:
    """As people say it; a dash where nobody knows."""
    return "-" if grams is None else f"{grams / 1000:.2f} kg" if grams >= 1000 else f"{grams} g"


def of_boxes(box: int, boxes: int | None) -> str:
    """1 of 3, or 1 while nobody knows how many there will be."""
    return f"{box} of {boxes}" if boxes else f"{box}"


def grouped(text: str) -> str:
    """Letters and digits in groups of four, easier to read out; a code with signs of its own stays as it is."""
    if len(text) < 10 or not text.isalnum():
        return text
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
