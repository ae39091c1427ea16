"""Codes on labels of their own, or on a sheet to cut up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from server.domain.errors import DomainError

if TYPE_CHECKING:
    from printing.documents import PrintedCode


def code_labels(kind: str, codes: Sequence["PrintedCode"], suffix: str, title: str, dots_per_mm: int = 8) -> bytes:
    """The file by its ending, .zpl or .pdf. Raise DomainError("invalid") for another, ValueError for a code."""
    from printing.documents import CodeGroup, CodeLabel, CodeSheet
    from printing.kinds import Stock, write

    if suffix == ".zpl":
        return b"".join(write(kind, CodeLabel(code), "zpl", Stock(dots_per_mm)) for code in codes)
    if suffix == ".pdf":
        return write("command-sheet", CodeSheet(title, (CodeGroup(title, "", tuple(codes)),)))
    raise DomainError("invalid", f"expected a file that ends in .zpl or .pdf, found {suffix or 'no ending'}")
