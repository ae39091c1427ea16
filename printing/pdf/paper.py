"""A sheet measured in millimetres from its upper left corner, and how items flow over several of them.

Equal input gives equal bytes: no date, no random id (reportlab's invariant mode).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from printing.documents import Bitmap
from printing.pdf.bitmaps import draw_bitmap
from printing.plain_text import clean, transliterate

PaperSize = Literal["a4", "letter"]
Align = Literal["left", "centre", "right"]
MARGIN = 14.0
BLACK, GREY, PALE = 0.0, 0.42, 0.8
ELLIPSIS = "…"
_SIZES = {"a4": A4, "letter": LETTER}
_TEXT_MAX = 400


class Sheet:
    """The page being drawn on. All lengths are mm, `y` grows downwards; sizes of letters are points."""

    def __init__(self, canvas: Any, paper: PaperSize) -> None:
        self._canvas = canvas
        self.width, self.height = (float(side) / mm for side in _SIZES[paper])
        self.left, self.right = MARGIN, self.width - MARGIN
        self.inner = self.right - self.left

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        *,
        bold: bool = False,
        grey: float = BLACK,
        align: Align = "left",
        width: float = 0,
        size_min: float = 0,
    ) -> None:
        """One line on the baseline `y`; in a `width` it is aligned, shrinks to `size_min` and is then cut with "…"."""
        while size_min and size > size_min and measured(printable(text), size, bold=bold) > width:
            size -= 0.5
        shown = fitted(text, size, width, bold=bold) if width else printable(text)
        spare = width - measured(shown, size, bold=bold) if width else 0
        x += {"left": 0, "centre": spare / 2, "right": spare}[align]
        self._canvas.setFont(font(bold), size)
        self._canvas.setFillGray(grey)
        self._canvas.drawString(x * mm, self._up(y), shown)

    def rule(self, x: float, y: float, width: float, *, weight: float = 0.3, grey: float = BLACK) -> None:
        """A horizontal line; `weight` in mm."""
        self._canvas.setFillGray(grey)
        self._canvas.rect(x * mm, self._up(y + weight), width * mm, weight * mm, stroke=0, fill=1)

    def fill(self, x: float, y: float, width: float, height: float, grey: float) -> None:
        """A shaded area."""
        self._canvas.setFillGray(grey)
        self._canvas.rect(x * mm, self._up(y + height), width * mm, height * mm, stroke=0, fill=1)

    def cut_frame(self, x: float, y: float, width: float, height: float) -> None:
        """A dashed frame to cut along."""
        self._canvas.saveState()
        self._canvas.setStrokeGray(PALE - 0.1)
        self._canvas.setLineWidth(0.4)
        self._canvas.setDash(2, 2)
        self._canvas.rect(x * mm, self._up(y + height), width * mm, height * mm, stroke=1, fill=0)
        self._canvas.restoreState()

    def tick_box(self, x: float, y: float, side: float) -> None:
        """A box to tick by hand."""
        self._canvas.setStrokeGray(GREY)
        self._canvas.setLineWidth(0.8)
        self._canvas.rect(x * mm, self._up(y + side), side * mm, side * mm, stroke=1, fill=0)

    def picture(self, place: tuple[float, float, float, float], bitmap: Bitmap) -> None:
        """A bitmap in its proportions, as large as `place` (x, y, width, height) allows, at its upper left corner."""
        x, y, width, height = place
        factor = min(width / bitmap.width, height / bitmap.height)
        draw_bitmap(self._canvas, bitmap, x * mm, self._up(y + bitmap.height * factor), factor * mm)

    def place(self, symbol: Any, x: float, y: float, height: float) -> None:
        """A barcode of reportlab by the upper left corner of its ink."""
        self._canvas.setFillGray(BLACK)
        symbol.drawOn(self._canvas, x * mm, self._up(y + height))

    def _up(self, y: float) -> float:
        return float((self.height - y) * mm)


@dataclass(frozen=True, slots=True)
class Item:
    """Something of a height (mm) that is not broken over pages; `keeps_next`: not the last thing on a page."""

    height: float
    draw: Callable[[Sheet, float], None]
    keeps_next: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the items: `head(sheet, page, pages)` draws at the top and returns the y where items begin."""

    head: Callable[[Sheet, int, int], float]
    bottom: float
    """Room kept free below the items, mm."""


def pdf(title: str, items: Iterable[Item], frame: Frame, paper: PaperSize) -> bytes:
    """The items on as many pages as they need."""
    items = list(items)
    pages = _paginated(items, frame, paper)
    buffer = BytesIO()
    canvas = _canvas(buffer, title, paper)
    for number, page in enumerate(pages, start=1):
        sheet = Sheet(canvas, paper)
        y = frame.head(sheet, number, len(pages))
        for item in page:
            item.draw(sheet, y)
            y += item.height
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def printable(text: str) -> str:
    """Text the font has glyphs for; the rest is spelt, visibly."""
    return transliterate(clean(text[:_TEXT_MAX] + (ELLIPSIS if len(text) > _TEXT_MAX else "")), _has_glyph)


def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Width in mm of printable text."""
    return float(pdfmetrics.stringWidth(text, font(bold), size) / mm)


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """One printable line within `width` mm, cut with "…" if need be."""
    text = printable(text)
    if measured(text, size, bold=bold) <= width:
        return text
    kept = fitting(text, size, width - measured(ELLIPSIS, size, bold=bold), bold=bold)
    return text[:kept].rstrip() + ELLIPSIS


def fitting(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """How many of its first letters stand within `width` mm; found by halving, for a text may be long."""
    return bisect_right(range(1, len(text) + 1), width, key=lambda n: measured(text[:n], size, bold=bold))


def wrapped(text: str, size: float, width: float, lines: int) -> tuple[str, ...]:
    """At most so many printable lines; the last one ends in "…" if there is more."""
    words = printable(text).split()
    found: list[str] = []
    while words and len(found) < lines - 1:
        taken = 1
        while taken < len(words) and measured(" ".join(words[: taken + 1]), size) <= width:
            taken += 1
        found.append(fitted(" ".join(words[:taken]), size, width))
        words = words[taken:]
    return (*found, fitted(" ".join(words), size, width)) if words else tuple(found)


def _paginated(items: list[Item], frame: Frame, paper: PaperSize) -> list[list[Item]]:
    scratch = Sheet(_canvas(BytesIO(), "", paper), paper)
    pages: list[list[Item]] = [[]]
    y = frame.head(scratch, 1, 1)
    limit = scratch.height - frame.bottom
    for index, item in enumerate(items):
        needed = item.height + (items[index + 1].height if item.keeps_next and index + 1 < len(items) else 0)
        if pages[-1] and y + needed > limit:
            pages.append([])
            y = frame.head(scratch, len(pages), len(pages))
        pages[-1].append(item)
        y += item.height
    return pages


def _canvas(buffer: BytesIO, title: str, paper: PaperSize) -> Any:
    return new_canvas(buffer, title, _SIZES[paper])


def new_canvas(buffer: BytesIO, title: str, size: tuple[float, float]) -> Any:
    """Pages of a size in points."""
    register_fonts()
    canvas = Canvas(buffer, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(printable(title))
    return canvas


def font(bold: bool) -> str:
    """The name of the face."""
    return "VeraBd" if bold else "Vera"


@lru_cache(maxsize=1)
def register_fonts() -> frozenset[int]:
    """Bitstream Vera, which comes with reportlab; returns the characters both weights have."""
    faces = [TTFont(name, f"{name}.ttf") for name in ("Vera", "VeraBd")]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset(set(faces[0].face.charToGlyph) & set(faces[1].face.charToGlyph))


def _has_glyph(character: str) -> bool:
    return ord(character) in register_fonts()
