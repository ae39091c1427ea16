"""Label layouts written as PDF."""

from typing import Any

from printing.kinds import Stock, layout
from printing.pdf.label_page import PdfPad


def drawn(kind: str, document: Any, stock: Stock) -> bytes:
    """A label as a page of its own size; ValueError as its layout."""
    del stock
    pad = PdfPad()
    layout(kind)(pad, document)
    return pad.finished()
