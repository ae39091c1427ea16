"""Any document as a picture, without a printer. ZPL and PDF are drawn by the optional extra "preview"."""

from io import BytesIO

from PIL import Image

from printing.kinds import Language
from printing.pictures import NoPicture, zpl_png

_GAP = 16
_END = b"^XZ"


def png(data: bytes, language: Language, dpi: int) -> bytes:
    """One PNG, pages below each other. Raise NoPicture where it cannot be drawn here, with what would help."""
    if language == "escpos":
        raise NoPicture("receipts have no picture: ask for the pdf of the same document, or write the bytes (.bin)")
    pages = _labels(data) if language == "zpl" else _pages(data, dpi)
    width, height = max(page.width for page in pages), sum(page.height + _GAP for page in pages) - _GAP
    whole = Image.new("L", (width, height), 160)
    y = 0
    for page in pages:
        whole.paste(page, (0, y))
        y += page.height + _GAP
    kept = BytesIO()
    whole.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _labels(zpl: bytes) -> list[Image.Image]:
    labels = [part + _END for part in zpl.split(_END) if part.strip()]
    return [Image.open(BytesIO(zpl_png(label))).convert("L") for label in labels]


def _pages(pdf: bytes, dpi: int) -> list[Image.Image]:
    try:
        import pypdfium2
    except ImportError:
        raise NoPicture('Pictures of PDF pages need pypdfium2: pip install "packproof[preview]"') from None
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]
