"""Barcodes to scan from: on sheets, and on labels of their own."""

from dataclasses import dataclass
from typing import Literal

from printing.documents.parts import check_barcode_text


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """One barcode on a sheet: `text` is what it holds, `caption` what a person reads, `hint` a smaller second line."""

    text: str
    caption: str
    hint: str = ""
    kind: Literal["code128", "ean13", "qr"] = "code128"


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Codes which belong together under one heading."""

    title: str
    note: str
    codes: tuple[PrintedCode, ...]


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """Pages of barcodes to scan from: commands for a bench, badges, everything of the demo."""

    title: str
    groups: tuple[CodeGroup, ...]


@dataclass(frozen=True, slots=True)
class CodeLabel:
    """One code on a label of its own: for an item, a shelf, a tote, or a badge. ValueError as a tracking number's."""

    code: PrintedCode

    def __post_init__(self) -> None:
        check_barcode_text("code", self.code.text)
