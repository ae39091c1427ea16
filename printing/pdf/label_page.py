"""A surface that becomes a page in the size of the label, for office printers and for sending."""

from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics

from printing.documents import Bitmap, Place
from printing.pdf.bitmaps import draw_bitmap
from printing.pdf.paper import font, new_canvas, printable
from printing.surface import UNITS_PER_MM, Align, Code, Surface, scaled
from printing.text_fit import width_of

_UNIT = mm / UNITS_PER_MM
_CONDENSED = 74.0
"""Per cent: Vera is wider than the font 0 that the layouts are measured with."""
_LETTER_HEIGHT, _BASE = 0.86, 0.8
"""Size of letters, and the base line below the top, in shares of the height of a line."""
_PLANNED_DOTS = 12


class PdfLabelPage(Surface):
    """One page of a canvas."""

    def __init__(self, canvas: Any, width: int, height: int) -> None:
        super().__init__(width, height, _PLANNED_DOTS)
        self._canvas = canvas

    def printable(self, text: str) -> str:
        """What the page's font holds."""
        return printable(text)

    def box(self, x: int, y: int, width: int, height: int, thickness: int = 3) -> None:
        """A frame."""
        if 2 * thickness >= min(width, height):
            self._ink(x, y, width, height)
            return
        for side in ((x, y, width, thickness), (x, y + height - thickness, width, thickness)):
            self._ink(*side)
        for side in ((x, y, thickness, height), (x + width - thickness, y, thickness, height)):
            self._ink(*side)

    def text(
        self, x: int, y: int, height: int, text: str, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> None:
        """One line, condensed to what the layout measured."""
        shown = printable(text)
        size = height * _LETTER_HEIGHT * _UNIT
        room = width_of(shown, height) * _UNIT
        wide = pdfmetrics.stringWidth(shown, font(True), size)
        percent = min(_CONDENSED, 100 * room / wide) if wide else _CONDENSED
        spare = max(0.0, width * _UNIT - wide * percent / 100) if width else 0.0
        left = x * _UNIT + {"left": 0.0, "centre": spare / 2, "right": spare}[align]
        line = self._canvas.beginText(left, self._up(y + height * _BASE))
        line.setFont(font(True), size)
        line.setFillGray(1.0 if white else 0.0)
        line.setHorizScale(percent)
        line.textOut(shown)
        # Canvas state goes on into the next text.
        line.setHorizScale(100)
        self._canvas.drawText(line)

    def bars(self, x: int, y: int, height: int, code: Code) -> None:
        """Bars as wide as planned."""
        modules = float(Code128(code.text, barWidth=1, quiet=0).width)
        bars = Code128(
            code.text, barWidth=code.width * _UNIT / modules, barHeight=height * _UNIT, quiet=0, humanReadable=0
        )
        self._canvas.setFillGray(0)
        bars.drawOn(self._canvas, x * _UNIT, self._up(y + height))

    def qr(self, x: int, y: int, module: int, text: str) -> None:
        """A QR code."""
        widget = QrCodeWidget(text, barLevel="M", barBorder=0)
        widget.qr.make()
        side = widget.qr.getModuleCount() * module * _UNIT
        widget.barWidth = widget.barHeight = side
        self._place(widget, x, y, side, side)

    def ean13(self, x: int, y: int, height: int, digits: str) -> None:
        """Bars only."""
        size = height * _UNIT
        module = self.ean_width * _UNIT / 95
        widget = Ean13BarcodeWidget(digits, barWidth=module, barHeight=size, humanReadable=0, quiet=0)
        self._place(widget, x, y, self.ean_width * _UNIT, size)

    def picture(self, place: Place, bitmap: Bitmap) -> None:
        """A bitmap."""
        width, height = scaled(place, bitmap)
        x, y = place.x + (place.width - width) / 2, place.y + (place.height - height) / 2
        draw_bitmap(self._canvas, bitmap, x * _UNIT, self._up(y + height), width / bitmap.width * _UNIT)

    def _place(self, widget: Any, x: int, y: int, width: float, height: float) -> None:
        drawing = Drawing(width, height)
        drawing.add(widget)
        drawing.drawOn(self._canvas, x * _UNIT, self._up(y) - height)

    def _ink(self, x: int, y: int, width: int, height: int) -> None:
        self._canvas.setFillGray(0)
        self._canvas.rect(x * _UNIT, self._up(y + height), width * _UNIT, height * _UNIT, stroke=0, fill=1)

    def _up(self, y: float) -> float:
        return float((self.height - y) * _UNIT)


class PdfPad:
    """Pages of one document."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self._canvas: Any = None

    def page(self, width: int, height: int, job_id: str) -> PdfLabelPage:
        """The next page."""
        size = (width * _UNIT, height * _UNIT)
        if self._canvas is None:
            self._canvas = new_canvas(self._buffer, job_id, size)
        else:
            self._canvas.showPage()
            self._canvas.setPageSize(size)
        return PdfLabelPage(self._canvas, width, height)

    def finished(self) -> bytes:
        """All pages."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()
