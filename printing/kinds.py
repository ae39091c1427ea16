"""Every kind of document, and which printer languages it is written in.

``write("label", document, "zpl")`` finds the writer by name. A label is drawn by a layout in `printing.labels`, a slip
is told in blocks by a file of `printing.slips`, a sheet is a function of `printing.pdf`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from printing.carrier_labels import passed_on
from printing.documents.look import PLAIN
from printing.slips.blocks import worded

Language = Literal["zpl", "escpos", "pdf"]
Paper = Literal["a4", "letter"]
LANGUAGES: tuple[Language, ...] = ("zpl", "escpos", "pdf")
_DRAWN: dict[str, str] = {
    "label": "shipping_label",
    "parking": "parking_slip",
    "box": "box_label",
    "item": "code_label",
    "shelf": "code_label",
    "tote": "code_label",
    "badge": "code_label",
}
"""Stuck on something: one layout for label printers and for PDF in the size of the label."""
_TOLD: dict[str, str] = {
    "slip": "packing_slip",
    "gift-slip": "gift_slip",
    "box-contents": "box_contents",
    "pull": "pull_slip",
    "driver": "driver_slip",
    "pallet": "pallet_slip",
    "return": "return_slip",
    "fetch": "fetch_slip",
    "test": "test_slip",
}
"""Laid beside goods: told in blocks, for every printer."""
_SHEETS: dict[str, str] = {"pick-list": "pick_list", "manifest": "manifest", "command-sheet": "code_sheet"}
"""Whole pages: office paper alone."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies in the printer: `dots_per_mm` of a label printer (8 or 12), columns of a receipt printer, paper."""

    dots_per_mm: int = 8
    columns: int = 42
    paper: Paper = "a4"


Writer = Callable[[str, Any, Stock], bytes]
_WRITERS: dict[tuple[str, Language], str] = (
    {(kind, "zpl"): "printing.zpl.drawing:drawn" for kind in _DRAWN}
    | {(kind, "pdf"): "printing.pdf.drawing:drawn" for kind in _DRAWN}
    | {(kind, "zpl"): "printing.zpl.drawing:told" for kind in _TOLD}
    | {(kind, "pdf"): "printing.pdf.telling:told" for kind in _TOLD}
    | {(kind, "escpos"): "printing.escpos.telling:told" for kind in (*_TOLD, "parking")}
    | {(kind, "pdf"): "printing.pdf:sheet" for kind in _SHEETS}
)
KINDS: dict[str, tuple[Language, ...]] = {
    kind: tuple(language for language in LANGUAGES if (kind, language) in _WRITERS)
    for kind in (*_DRAWN, *_TOLD, *_SHEETS)
}
"""The languages of each kind, the usual one first."""


def write(kind: str, document: Any, language: Language | None = None, stock: Stock = Stock()) -> bytes:
    """The document as a printer takes it, in the kind's usual language unless another is named.

    Raise ValueError for a kind or language there is not, and for a document that cannot be drawn.
    """
    if kind not in KINDS:
        raise ValueError(f"expected a kind of document ({', '.join(KINDS)}), found {kind!r}")
    language = language or KINDS[kind][0]
    if language not in KINDS[kind]:
        raise ValueError(f"{kind}: expected {' or '.join(KINDS[kind])}, found {language}")
    if (ready := getattr(document, "ready", None)) is not None:
        return passed_on(ready, language, stock.dots_per_mm)
    module, name = _WRITERS[kind, language].split(":")
    writer: Writer = getattr(import_module(module), name)
    return writer(kind, document, stock)


def layout(kind: str) -> Callable[..., None]:
    """How a kind stands on a label."""
    drawing: Callable[..., None] = import_module(f"printing.labels.{_DRAWN[kind]}").draw
    return drawing


def telling(kind: str) -> Callable[..., Any]:
    """How a kind is told in blocks."""
    name = _TOLD.get(kind) or _DRAWN[kind]
    blocks: Callable[..., Any] = import_module(f"printing.slips.{name}").blocks
    return lambda document: worded(blocks(document), getattr(document, "look", PLAIN).words)


def sheet(kind: str) -> str:
    """The name of a kind's function in `printing.pdf`."""
    return _SHEETS[kind]
