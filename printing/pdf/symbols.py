"""Barcodes for office printers: drawn by reportlab, at a module width which cheap scanners read.

0.33 mm is the nominal module of EAN (GS1 General Specifications, X-dimension at 100 %) and comfortable for Code 128.
"""

from dataclasses import dataclass
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm

from printing.documents import PrintedCode
from printing.gtin import check_ean13

MODULE_MIN = 0.33
_QUIET_MODULES = {"code128": 10, "ean13": 11, "qr": 4}
_QR_MODULE, _QR_SIDE_MAX = 0.6, 34.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode ready to be placed; sizes of its ink in mm, `quiet` the white it needs on either side."""

    drawing: Any
    width: float
    height: float
    quiet: float


def symbol(code: PrintedCode, width_max: float, bar_height: float) -> Symbol:
    """The barcode of `code`; Code 128 too long for `width_max` mm becomes a QR code. ValueError names a wrong text."""
    match code.kind:
        case "ean13":
            return _ean13(code.text, bar_height)
        case "qr":
            return qr(code.text)
        case "code128":
            bars = code128(code.text, bar_height, MODULE_MIN)
            return bars if bars.width + 2 * bars.quiet <= width_max else qr(code.text)


def code128(text: str, bar_height: float, module: float) -> Symbol:
    """Code 128 of ASCII text at a module width in mm."""
    if not text or not text.isascii():
        raise ValueError(f"Code 128: expected ASCII text, found {text!a}")
    bars = Code128(text, barWidth=module * mm, barHeight=bar_height * mm, quiet=0)
    return Symbol(bars, float(bars.width) / mm, bar_height, _QUIET_MODULES["code128"] * module)


def qr(text: str, side_max: float = _QR_SIDE_MAX) -> Symbol:
    """A QR code of any text; only a long text makes it larger than `side_max` mm."""
    if not text:
        raise ValueError("QR: expected some text, found none")
    widget = QrCodeWidget(text, barLevel="M", barBorder=0)
    widget.qr.make()
    modules = int(widget.qr.getModuleCount())
    side = max(min(modules * _QR_MODULE, side_max), modules * MODULE_MIN)
    widget.barWidth = widget.barHeight = side * mm
    return Symbol(_drawing(widget, side, side), side, side, _QUIET_MODULES["qr"] * side / modules)


def _ean13(text: str, bar_height: float) -> Symbol:
    check_ean13(text)
    widget = Ean13BarcodeWidget(text, barWidth=MODULE_MIN * mm, barHeight=bar_height * mm, humanReadable=0, quiet=0)
    width = 95 * MODULE_MIN
    return Symbol(_drawing(widget, width, bar_height), width, bar_height, _QUIET_MODULES["ean13"] * MODULE_MIN)


def _drawing(widget: Any, width: float, height: float) -> Any:
    drawing = Drawing(width * mm, height * mm)
    drawing.add(widget)
    return drawing
