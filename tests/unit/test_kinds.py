"""Every kind of document in every language and resolution: drawn by programs that are not ours, and scanned."""

from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from printing import kinds
from printing.documents import CodeLabel, PrintedCode
from printing.kinds import KINDS, Stock, write
from printing.pictures import zpl_png
from printing.samples import sample
from tests import receipts

TRACKING, ORDER = "PPV0000012345678", "PPO-WEB-10482"
CODES = {
    **{kind: [TRACKING] for kind in ("label", "box", "box-contents", "pull")},
    **{kind: [ORDER] for kind in ("parking", "slip", "gift-slip", "return")},
    "fetch": [],
    "test": ["PPTEST-4711"],
    "item": ["4006381333931"],
    "shelf": ["A-07-3"],
    "tote": ["PPT-017"],
    "badge": ["PPB-9F3K2Q7XW4MA"],
    "pallet": ["00340123450000000017"],
    "pick-list": [ORDER, "PPO-WEB-10483"],
    "manifest": ["LD-20260304-1"],
    "driver": ["LD-20260304-1"],
    "command-sheet": ["PPC-OK", "PPC-PARK"],
}
"""What a scanner must read from each sample: this and nothing else."""
LABEL_MM, SMALL_MM, A4_MM = (101.5, 152.25), (57, 32), (210, 297)
OFFICE = 2000
"""Dots across that only office paper has; one resolution is enough for it."""
DPI = {8: 203.2, 12: 304.8}


def labels(zpl: bytes) -> list[Image.Image]:
    parts = [part + b"^XZ" for part in zpl.split(b"^XZ") if part.strip()]
    return [Image.open(BytesIO(zpl_png(part))).convert("L") for part in parts]


def pages(pdf: bytes, dpi: float) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def scanned(images: list[Image.Image]) -> list[str]:
    """What is read from them. One row of dots across large letters is no code: no scanner is that lucky."""
    found = [code for image in images for code in zxingcpp.read_barcodes(image)]
    return sorted(code.text for code in found if code.position.bottom_left.y - code.position.top_left.y > 4)


def margin(image: Image.Image) -> int:
    """White dots around the ink, the least of the four sides."""
    box = image.point(lambda value: 255 if value < 200 else 0).getbbox()
    assert box is not None
    return min(box[0], box[1], image.width - box[2], image.height - box[3])


def test_there_is_a_sample_of_every_kind_and_a_code_to_find_on_it() -> None:
    assert set(CODES) == set(KINDS)


@pytest.mark.parametrize("dots", [8, 12])
def test_every_label_and_slip_is_read_back_from_zpl_and_stays_within_its_paper(dots: int) -> None:
    for kind, languages in KINDS.items():
        if "zpl" not in languages:
            continue
        images = labels(write(kind, sample(kind), "zpl", Stock(dots)))
        assert scanned(images) == CODES[kind], kind
        size = SMALL_MM if images[0].width < 100 * dots else LABEL_MM
        assert {image.size for image in images} == {(round(size[0] * dots), int(size[1] * dots))}, kind
        assert min(map(margin, images)) >= dots, kind


@pytest.mark.parametrize("dots", [8, 12])
def test_every_document_is_read_back_from_pdf_and_stays_within_its_paper(dots: int) -> None:
    for kind, languages in KINDS.items():
        if "pdf" not in languages or (dots == 12 and "zpl" not in languages):
            continue
        images = pages(write(kind, sample(kind), "pdf"), DPI[dots])
        if dots == 12 and images[0].width > OFFICE:
            continue
        assert scanned(images) == CODES[kind], kind
        assert min(map(margin, images)) >= dots, kind


def test_every_slip_is_read_back_from_a_receipt_and_is_cut_off() -> None:
    for kind, languages in KINDS.items():
        if "escpos" not in languages:
            continue
        for columns in (32, 42, 48):
            receipt = receipts.read(write(kind, sample(kind), "escpos", Stock(columns=columns)))
            assert [text for _, text in receipt.codes] == CODES[kind], kind
            assert max(receipt.widths) <= columns, kind
            assert receipt.cut, kind


def test_a_long_slip_goes_on_on_the_next_label_and_says_so() -> None:
    slip = sample("slip")
    long = replace(slip, lines=slip.lines * 9, prices=slip.prices * 9)
    zpl = write("slip", long)
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 4
    assert zpl.count(b"more on the next label") == 3
    assert zpl.count(b"143.40 USD") == 9
    assert scanned(labels(zpl)) == [ORDER]


def test_a_gift_slip_has_no_place_for_a_price() -> None:
    for language in KINDS["gift-slip"]:
        data = write("gift-slip", sample("gift-slip"), language)
        assert b"USD" not in data
    assert not hasattr(sample("gift-slip"), "prices")
    assert b"29.80 USD" in write("slip", sample("slip"))


AMAZON = "112-1234567-1234567"
WHERE = "Dock lane 2, behind the second gate"
LATIN, CYRILLIC = "Happy birthday, dear Margaret. " * 30 + "Yours, Tom", "Щастя здоров'я " * 40 + "Том"


@pytest.mark.parametrize("columns", [32, 42])
def test_what_finds_no_room_beside_its_caption_on_a_receipt_is_whole_below_it(columns: int) -> None:
    slip = receipts.read(write("slip", replace(sample("slip"), order_number=AMAZON), "escpos", Stock(columns=columns)))
    assert f"{'ORDER':<{columns - len(AMAZON)}}{AMAZON}" in slip.rows
    pull = receipts.read(write("pull", replace(sample("pull"), where=WHERE), "escpos", Stock(columns=columns)))
    at = pull.rows.index("WHERE IT IS")
    assert " ".join(" ".join(pull.rows[at + 1 :]).split()).startswith(f"{WHERE} SINCE")
    assert max(pull.widths) <= columns


@pytest.mark.parametrize("message", [LATIN, CYRILLIC])
def test_the_last_words_of_a_long_gift_message_are_on_paper(message: str) -> None:
    slip = replace(sample("gift-slip"), message=message)
    with pypdfium2.PdfDocument(write("gift-slip", slip, "pdf")) as document:
        pdf = "".join(page.get_textpage().get_text_bounded() for page in document)
    receipt = " ".join(receipts.read(write("gift-slip", slip, "escpos")).rows)
    for shown in (write("gift-slip", slip, "zpl").decode(), pdf, receipt):
        assert "…" not in shown
        assert any(f"{last}" in shown for last in ("Yours, Tom", "Tom]", "Том"))


def test_an_unknown_kind_language_or_paper_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"^expected a kind of document \(label, .*\), found 'lable'$"):
        write("lable", None)
    with pytest.raises(ValueError, match=r"^manifest: expected pdf, found zpl$"):
        write("manifest", sample("manifest"), "zpl")
    with pytest.raises(ValueError, match=r"^columns: expected 24 to 64, found 9$"):
        write("slip", sample("slip"), "escpos", Stock(columns=9))
    with pytest.raises(ValueError, match=r"^dots_per_mm: expected 8 or 12, found 6$"):
        write("slip", sample("slip"), "zpl", Stock(dots_per_mm=6))
    with pytest.raises(ValueError, match="EAN-13: expected 13 digits"):
        write("item", CodeLabel(PrintedCode("4006381333932", "Candle", kind="ean13")))


def test_every_writer_is_there() -> None:
    assert all(languages for languages in kinds.KINDS.values())
