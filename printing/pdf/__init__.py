"""Documents on office paper, A4 or letter, as PDF bytes. Imports reportlab and printing's own values only."""

from printing.pdf.code_sheets import code_sheet
from printing.pdf.load_manifests import manifest
from printing.pdf.paper import PaperSize
from printing.pdf.pick_lists import pick_list

__all__ = ["PaperSize", "code_sheet", "manifest", "pick_list"]
