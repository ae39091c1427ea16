"""A label that its carrier made goes to the printer untouched, where the printer speaks the same language."""

from printing.documents import CarrierLabel

_NO_ZEBRAFY = (
    "the carrier's label is a PDF and this printer takes ZPL: ask the carrier for ZPL, print it on an office printer "
    '(language=pdf), or install the converter: pip install "packproof[carrier-pdf]"'
)
_WHICH_WOULD_BE_CUT = (
    "which it would cut: ask the carrier for that size, or print it on an office printer (language=pdf)"
)
_WIDEST_MM = 110.0
"""Printers of 4 inches print 104 mm; the page around a label may have a margin."""
_POINTS_PER_MM = 72 / 25.4


def passed_on(label: CarrierLabel, language: str, dots_per_mm: int) -> bytes:
    """The carrier's bytes. A PDF becomes a ZPL picture with the extra; ValueError says what else helps."""
    if label.format == language:
        return label.data
    if (label.format, language) == ("pdf", "zpl"):
        return _as_zpl(label.data, dots_per_mm)
    raise ValueError(f"expected a printer of {label.format} for the carrier's label, found one of {language}")


def _as_zpl(pdf: bytes, dots_per_mm: int) -> bytes:
    try:
        from zebrafy.zebrafy_pdf import ZebrafyPDF
    except ImportError:
        raise ValueError(_NO_ZEBRAFY) from None
    try:
        width, height = _size(pdf)
        turned = 90 if height <= _WIDEST_MM < width else 0
        dpi = round(dots_per_mm * 25.4)
        zpl = ZebrafyPDF(pdf, dpi=dpi, format="Z64", dither=False, set_label_size=True, rotation=turned).to_zpl()
    except Exception as error:
        # Whatever a carrier sends, the bench must hear that it cannot be printed.
        raise ValueError(f"the carrier's PDF cannot be turned into ZPL: {error}") from error
    if min(width, height) > _WIDEST_MM:
        found = f"found pages of {width:.0f} x {height:.0f} mm, {_WHICH_WOULD_BE_CUT}"
        raise ValueError(f"expected a carrier's label of 4 x 6 inches for this printer, {found}")
    return str(zpl).encode("ascii")


def _size(pdf: bytes) -> tuple[float, float]:
    """Width and height of its largest page as it is read, mm."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [page.get_size() for page in document]
    return max(width for width, _ in sizes) / _POINTS_PER_MM, max(height for _, height in sizes) / _POINTS_PER_MM
