"""A document as the bytes of a file: for a printer, for a screen, for a person."""

from typing import TYPE_CHECKING, Any

from server.domain.errors import DomainError

if TYPE_CHECKING:
    from printing.kinds import Language, Stock

LANGUAGES = {".zpl": "zpl", ".pdf": "pdf", ".bin": "escpos", ".png": None}
"""By the ending of a file; a picture is made of whatever the kind is written in."""
DOTS_PER_MM = {"203": 8, "300": 12}


def written(kind: str, document: Any, language: "Language | None", stock: "Stock", suffix: str) -> bytes:
    """The document, as a picture where the file ends in .png; raise DomainError("invalid" | "unavailable")."""
    from printing.kinds import KINDS, write

    data = checked(lambda: write(kind, document, language, stock))
    if suffix != ".png":
        return bytes(data)
    from printing.pictures import NoPicture
    from printing.previews import png

    try:
        return png(data, language or KINDS[kind][0], 300 if stock.dots_per_mm > 8 else 203)
    except NoPicture as error:
        raise DomainError("unavailable", str(error)) from error


def checked(make: Any) -> Any:
    """What it makes; a document that cannot be drawn raises DomainError("invalid")."""
    try:
        return make()
    except ValueError as error:
        raise DomainError("invalid", str(error)) from error
