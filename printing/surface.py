"""A label to draw on, whatever becomes of it: rules, text which stays in its place, barcodes whose width is known.

Everything is measured in units of 1/8 mm from the upper left corner, so that a layout is the same on printers of 8 and
12 dots/mm and in a PDF. A layout is a function of a surface and a document.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, Protocol

from printing import code128, text_fit
from printing.documents import Bitmap, Place
from printing.text_fit import Fitted, width_of

UNITS_PER_MM = 8
Align = Literal["left", "centre", "right"]
_NARROWEST_BAR_MM = 0.25
_WIDEST_BAR_MM = 0.5


@dataclass(frozen=True, slots=True)
class Code:
    """A Code 128 fitted to a place: bar width in dots, width over all bars in units."""

    text: str
    plan: code128.Plan
    bar_dots: int
    width: int


class Surface(ABC):
    """One label. `width` and `height` are its size in units."""

    def __init__(self, width: int, height: int, dots_per_mm: int) -> None:
        """Raises ValueError for a resolution other than 8 or 12 dots/mm."""
        if dots_per_mm not in (8, 12):
            raise ValueError(f"dots_per_mm: expected 8 or 12, found {dots_per_mm}")
        self.width, self.height, self.dots_per_mm = width, height, dots_per_mm

    @abstractmethod
    def printable(self, text: str) -> str:
        """One line of what this printer has letters for; the rest visibly spelt."""

    @abstractmethod
    def box(self, x: int, y: int, width: int, height: int, thickness: int = 3) -> None:
        """A frame; a thickness of half the height or more makes it solid black."""

    @abstractmethod
    def text(
        self, x: int, y: int, height: int, text: str, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> None:
        """One line at its upper left corner; `width` is the place it is aligned in; `white` on black."""

    @abstractmethod
    def bars(self, x: int, y: int, height: int, code: Code) -> None:
        """The bars of a code; its text is drawn as text, so that it can be large."""

    @abstractmethod
    def qr(self, x: int, y: int, module: int, text: str) -> None:
        """A QR code of printable ASCII, error correction level M; `module` in units, at most 6."""

    @abstractmethod
    def ean13(self, x: int, y: int, height: int, digits: str) -> None:
        """The bars of 13 digits, `ean_width` units wide."""

    @abstractmethod
    def picture(self, place: Place, bitmap: Bitmap) -> None:
        """A bitmap in its proportions, as large as its place allows, in the middle of it."""

    def solid(self, x: int, y: int, width: int, height: int) -> None:
        """A black area or a rule."""
        self.box(x, y, width, height, min(width, height))

    def fit(self, text: str, width: int, height: int, height_min: int, lines: int = 1) -> Fitted:
        """The text as large as its place allows."""
        return text_fit.fit(text, width, height, height_min, lines, printable=self.printable)

    def lines(
        self, x: int, y: int, fitted: Fitted, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> int:
        """Lines below each other; returns the y below the last one."""
        for line in fitted.lines:
            self.text(x, y, fitted.height, line, align=align, white=white, width=width)
            y += fitted.pitch
        return y

    def code_fitting(self, text: str, width: int) -> Code | None:
        """The widest Code 128 with quiet zones in `width`; None if its bars would be too narrow to print well."""
        plan = code128.plan(text)
        room = self._dots(width) // (plan.modules + 2 * code128.QUIET_ZONE)
        bar_dots = min(int(_WIDEST_BAR_MM * self.dots_per_mm), room)
        if bar_dots / self.dots_per_mm < _NARROWEST_BAR_MM:
            return None
        return Code(text, plan, bar_dots, plan.modules * bar_dots * UNITS_PER_MM // self.dots_per_mm)

    @property
    def ean_width(self) -> int:
        """Of the bars of an EAN-13, in units: 95 modules of a third of a millimetre (GS1, X-dimension at 100 %)."""
        return 95 * self._ean_dots * UNITS_PER_MM // self.dots_per_mm

    @property
    def _ean_dots(self) -> int:
        return -(-self.dots_per_mm // 3)

    def _aligned(self, x: int, width: int, text: str, height: int, align: Align) -> int:
        spare = max(0, width - width_of(text, height))
        return x + {"left": 0, "centre": spare // 2, "right": spare}[align]

    def _dots(self, units: int) -> int:
        return units * self.dots_per_mm // UNITS_PER_MM


class Pad(Protocol):
    """Labels one after the other, all of one document."""

    def page(self, width: int, height: int, job_id: str) -> Surface:
        """The next label, of a size in units; `job_id` names the job for whoever reads the bytes."""

    def finished(self) -> bytes:
        """What is sent, for one copy of each."""


def qr_modules(text: str) -> int:
    """The side of a QR code of so much ASCII text at level M: at most this (ISO/IEC 18004, table 7, byte mode)."""
    version = next((n for n, holds in enumerate((14, 26, 42, 62, 84, 106), start=1) if len(text) <= holds), 10)
    return 17 + 4 * version


def scaled(place: Place, bitmap: Bitmap) -> tuple[float, float]:
    """Width and height in units of a bitmap as large as its place allows."""
    factor = min(place.width / bitmap.width, place.height / bitmap.height)
    return bitmap.width * factor, bitmap.height * factor
