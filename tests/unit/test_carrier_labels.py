"""A label that its carrier made is printed as it came."""

import sys
from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from printing.documents import CarrierLabel
from printing.kinds import Stock, write
from printing.pictures import zpl_png
from printing.samples import sample

ZPL = b"^XA\n^FO50,50^BY3^BCN,100,Y,N,N^FD>;1234\x1d5678^FS\xff~DGsomething^XZ\r\n"
LABEL = sample("label")


def of(kind: str, data: bytes) -> object:
    return replace(LABEL, ready=CarrierLabel(kind, data))  # type: ignore[arg-type]


def test_the_bytes_of_a_carrier_pass_untouched() -> None:
    assert write("label", of("zpl", ZPL), "zpl") == ZPL
    assert write("label", of("zpl", ZPL), "zpl", Stock(12)) == ZPL
    assert write("label", of("pdf", b"%PDF-1.4 anything"), "pdf") == b"%PDF-1.4 anything"


def test_zpl_for_an_office_printer_is_refused_with_the_printer_it_needs() -> None:
    with pytest.raises(ValueError, match=r"^expected a printer of zpl for the carrier's label, found one of pdf$"):
        write("label", of("zpl", ZPL), "pdf")


@pytest.mark.parametrize("dots", [8, 12])
def test_a_pdf_becomes_a_picture_that_a_scanner_reads(dots: int) -> None:
    zpl = write("label", of("pdf", write("label", LABEL, "pdf")), "zpl", Stock(dots))
    image = Image.open(BytesIO(zpl_png(zpl))).convert("L")
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [LABEL.tracking]
    assert abs(image.width - 101.5 * dots) < dots


def test_a_pdf_that_lies_on_its_side_is_turned() -> None:
    lying = pypdfium2.PdfDocument(write("label", LABEL, "pdf"))
    lying[0].set_rotation(90)
    kept = BytesIO()
    lying.save(kept)
    zpl = write("label", of("pdf", kept.getvalue()), "zpl")
    image = Image.open(BytesIO(zpl_png(zpl))).convert("L")
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [LABEL.tracking]
    assert image.width < image.height


def test_a_page_that_a_label_printer_would_cut_is_refused_with_what_helps() -> None:
    page = write("slip", sample("slip"), "pdf")
    with pytest.raises(ValueError, match=r"4 x 6 inches.* found pages of 210 x 297 mm.*ask the carrier for that size"):
        write("label", of("pdf", page), "zpl")


def test_without_the_converter_a_pdf_is_refused_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zebrafy", None)
    monkeypatch.setitem(sys.modules, "zebrafy.zebrafy_pdf", None)
    with pytest.raises(ValueError, match=r"this printer takes ZPL: .*packproof\[carrier-pdf\]"):
        write("label", of("pdf", b"%PDF-1.4"), "zpl")


def test_a_broken_pdf_is_refused() -> None:
    with pytest.raises(ValueError, match="the carrier's PDF cannot be turned into ZPL"):
        write("label", of("pdf", b"not a pdf"), "zpl")
