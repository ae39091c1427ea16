"""A sheet measured in millimetres from its upper left corner, and how items flow over several of them.

Equal input gives equal bytes: no date, no random id (reportlab's invariant mode).
"""

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
        self._canvas.setFont(_font(bold), size)
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
    """Text the font has glyphs for; the rest shows as its nearest letter or "?"."""
    return transliterate(clean(text[:_TEXT_MAX] + (ELLIPSIS if len(text) > _TEXT_MAX else "")), _has_glyph)


def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Width in mm of printable text."""
    return float(pdfmetrics.stringWidth(text, _font(bold), size) / mm)


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """One printable line within `width` mm, cut with "…" if need be."""
    text = printable(text)
    if measured(text, size, bold=bold) <= width:
        return text
    while text and measured(text + ELLIPSIS, size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


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
    _register_fonts()
    canvas = Canvas(buffer, pagesize=_SIZES[paper], invariant=1, pageCompression=1)
    canvas.setTitle(printable(title))
    return canvas


def _font(bold: bool) -> str:
    return "VeraBd" if bold else "Vera"


@lru_cache(maxsize=1)
def _register_fonts() -> frozenset[int]:
    """Bitstream Vera, which comes with reportlab; returns the characters both weights have."""
    faces = [TTFont(name, f"{name}.ttf") for name in ("Vera", "VeraBd")]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset(set(faces[0].face.charToGlyph) & set(faces[1].face.charToGlyph))


def _has_glyph(character: str) -> bool:
    return ord(character) in _register_fonts()
