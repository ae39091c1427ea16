"""Labels in ZPL II, for printers of 203 and 300 dpi. Imports printing's own values and surfaces only."""

from printing.zpl.page import ZplPad, ZplPage, field

__all__ = ["ZplPad", "ZplPage", "field"]
