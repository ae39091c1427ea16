"""A label that its carrier made goes to the printer untouched, where the printer speaks the same language."""

from printing.documents import CarrierLabel

_NO_ZEBRAFY = (
    "the carrier's label is a PDF and this printer takes ZPL: ask the carrier for ZPL, print it on an office printer "
    '(language=pdf), or install the converter: pip install "packproof[carrier-pdf]"'
)


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
        zpl = ZebrafyPDF(pdf, dpi=round(dots_per_mm * 25.4), format="Z64", dither=False, set_label_size=True).to_zpl()
    except Exception as error:
        # Whatever a carrier sends, the bench must hear that it cannot be printed.
        raise ValueError(f"the carrier's PDF cannot be turned into ZPL: {error}") from error
    return str(zpl).encode("ascii")
