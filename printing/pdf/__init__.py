"""Documents on office paper, A4 or letter, as PDF bytes. Imports reportlab and printing's own values only."""

from collections.abc import Callable
from typing import Any

from printing import kinds
from printing.pdf.code_sheets import code_sheet
from printing.pdf.load_manifests import manifest
from printing.pdf.paper import PaperSize
from printing.pdf.pick_lists import pick_list

__all__ = ["PaperSize", "code_sheet", "manifest", "pick_list", "sheet"]

_SHEETS: dict[str, Callable[..., bytes]] = {"pick_list": pick_list, "manifest": manifest, "code_sheet": code_sheet}


def sheet(kind: str, document: Any, stock: kinds.Stock) -> bytes:
    """A kind that is whole pages."""
    return _SHEETS[kinds.sheet(kind)](document, stock.paper)
