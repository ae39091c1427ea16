"""Layouts and slips written as ZPL."""

from typing import Any

from printing.kinds import Stock, layout, telling
from printing.labels import told_slip
from printing.zpl.page import ZplPad


def drawn(kind: str, document: Any, stock: Stock) -> bytes:
    """A label. Raise ValueError for a resolution other than 8 or 12 dots/mm, and as its layout does."""
    pad = ZplPad(stock.dots_per_mm)
    layout(kind)(pad, document)
    return pad.finished()


def told(kind: str, document: Any, stock: Stock) -> bytes:
    """A slip on label stock, as many labels as it needs. Raise ValueError as `drawn`."""
    pad = ZplPad(stock.dots_per_mm)
    told_slip.draw(pad, kind, telling(kind)(document))
    return pad.finished()
