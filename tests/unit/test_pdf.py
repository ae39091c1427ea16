"""PDF pages are rendered and read by programs that are not ours."""

from dataclasses import replace
from itertools import pairwise

import pypdfium2
import pytest
import zxingcpp

from printing.documents import CodeGroup, CodeSheet, LoadManifest, ManifestLine, PrintedCode
from printing.pdf import PaperSize, code_sheet, code_sheets, manifest, paper


def load(parcels: int) -> LoadManifest:
    lines = tuple(
        ManifestLine(f"P-{n}", f"PPV{n:010}", f"WEB-{n}", 1000 + n, "2026-03-04T15:01:00-05:00", "Ana")
        for n in range(1, parcels + 1)
    )
    return LoadManifest("LD-7", "Own van", "Columbus", "2026-03-04T14:00", "2026-03-04T16:47", "Łukasz 中", lines)


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def barcodes(pdf: bytes, dpi: int = 300) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        images = [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    return [barcode.text for image in images for barcode in zxingcpp.read_barcodes(image)]


def sheet(*codes: PrintedCode) -> CodeSheet:
    return CodeSheet("Bench codes", (CodeGroup("Commands", "Stick them to the bench.", codes),))


def test_a_manifest_lists_every_tracking_number_once_and_counts_them() -> None:
    text = "\n".join(pages(manifest(load(90))))
    assert all(text.count(f"PPV{n:010}") == 1 for n in range(1, 91))
    assert "Received for Own van: 90 parcels" in text
    assert "94.095 kg" in text


def test_every_page_of_a_manifest_says_which_of_how_many_it_is() -> None:
    found = pages(manifest(load(90)))
    assert len(found) == 3
    assert all(f"page {number} of 3" in text for number, text in enumerate(found, start=1))
    assert [text.count("Signature") for text in found] == [0, 0, 1]


@pytest.mark.parametrize("load_id", ["LD-7", "LD-20260304-OWNVAN-1", "LOAD " + "x" * 60])
def test_the_load_id_can_be_scanned_from_the_manifest(load_id: str) -> None:
    assert barcodes(manifest(replace(load(2), load_id=load_id))) == [load_id]


def test_a_manifest_tells_what_was_assumed_unweighed_and_left_behind() -> None:
    m = load(3)
    m = replace(m, lines=(replace(m.lines[0], assumed=True, weight_grams=None), *m.lines[1:]), left_behind=("PPV99",))
    text = pages(manifest(m))[0]
    assert "PPV0000000001 *" in text
    assert "not scanned on to the vehicle" in text
    assert "1 NOT WEIGHED" in text
    assert "Expected and not loaded: 1" in text
    assert "PPV99" in text
    assert "not scanned on" not in pages(manifest(load(3)))[0]


def test_an_empty_load_prints_too() -> None:
    text = pages(manifest(load(0)))[0]
    assert "No parcel was loaded." in text
    assert "0 parcels" in text


def test_names_print_in_their_letters_and_those_of_another_script_are_spelt_in_brackets() -> None:
    text = pages(manifest(replace(load(1), carrier="Tomáš Ņ\x1b[31m", site="Łódź ő שלום")))[0]
    assert "Łukasz [Zhong]" in text
    assert "Tomáš N [31m" in text
    assert "Łódz o [slvm]" in text


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_every_code_on_a_sheet_can_be_scanned(paper: PaperSize) -> None:
    codes = (
        PrintedCode("*OK*", "OK", "acknowledge a stop"),
        PrintedCode("BADGE:7F3K-2M9Q", "Ana", "packer"),
        PrintedCode("4006381333931", "Pen", kind="ean13"),
        PrintedCode("https://10.0.0.12:8443/join?code=7F3K-92QX&pin=" + "0123456789abcdef" * 4, "Join", kind="qr"),
        PrintedCode("A-CODE-THAT-TAKES-THE-WHOLE-ROW-1", "long"),
        PrintedCode("(01)04006381333931(17)271231(10)LOT-" + "7" * 40, "too long for bars"),
        *(PrintedCode(f"ORD-{n:05}", f"Order {n}") for n in range(30)),
    )
    assert sorted(barcodes(code_sheet(sheet(*codes), paper))) == sorted(code.text for code in codes)


@pytest.mark.parametrize("lines", [0, 1, 2, 3])
def test_a_heading_is_never_the_last_thing_on_a_page(lines: int) -> None:
    note = "a long note " * 10 * lines
    groups = tuple(CodeGroup(f"Group {n}", note, (PrintedCode(f"G{n}", f"Code {n}"),)) for n in range(30))
    for text in pages(code_sheet(CodeSheet("Many groups", groups))):
        assert text.count("Group ") == text.count("Code ") > 0


def test_neighbours_on_a_sheet_leave_each_other_a_quiet_zone() -> None:
    for length in (11, 12):
        pdf = code_sheet(sheet(*(PrintedCode(f"{letter * length}", letter) for letter in "ABC")))
        with pypdfium2.PdfDocument(pdf) as document:
            found = zxingcpp.read_barcodes(document[0].render(scale=600 / 72, grayscale=True).to_pil())
        assert sorted(code.text for code in found) == [letter * length for letter in "ABC"]
        rows: dict[int, list[tuple[int, int]]] = {}
        for code in found:
            rows.setdefault(code.position.top_left.y // 300, []).append(
                (code.position.top_left.x, code.position.top_right.x)
            )
        for row in rows.values():
            row.sort()
            gaps = [right[0] - left[1] for left, right in pairwise(row)]
            assert all(gap * 25.4 / 600 >= 2 * 10 * 0.33 - 0.2 for gap in gaps)


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_look_alikes_keep_their_last_word_however_long_their_names_are(paper: PaperSize) -> None:
    names = (
        "Concentrate 16 oz LAVENDER",
        "Organic castile soap refill pouch, family size LEMON",
        "Rosewater" * 9 + " ROSE",
    )
    codes = [PrintedCode(f"C-{n}", name, f"hint: {name}") for n, name in enumerate(names)]
    pdf = code_sheet(sheet(*codes, *(PrintedCode(f"X-{n}", "short") for n in range(30))), paper)
    text = "".join("".join(pages(pdf)).split())
    assert "…" not in text
    assert [text.count("".join(name.split())) for name in names] == [2, 2, 2]
    assert sorted(barcodes(pdf)) == sorted([f"C-{n}" for n in range(3)] + [f"X-{n}" for n in range(30)])


def test_a_code_its_kind_cannot_hold_is_refused_by_its_caption() -> None:
    for code, expected in (
        (PrintedCode("4006381333932", "Pen", kind="ean13"), 'code "Pen": EAN-13: expected 13 digits'),
        (PrintedCode("", "Nothing"), 'code "Nothing": Code 128: expected ASCII text'),
        (PrintedCode("Müller", "Badge"), 'code "Badge": Code 128: expected ASCII text'),
    ):
        with pytest.raises(ValueError, match=expected):
            code_sheet(sheet(code))


def test_equal_documents_have_equal_bytes() -> None:
    assert manifest(load(40)) == manifest(load(40))
    codes = sheet(PrintedCode("*OK*", "OK"), PrintedCode("x", "y", kind="qr"))
    assert code_sheet(codes) == code_sheet(codes)
    assert code_sheet(codes) != code_sheet(sheet(PrintedCode("*NO*", "NO")))


@pytest.mark.parametrize("text", ["中文字" * 100, "x" * 5000, "🧿" * 300], ids=["chinese", "long", "signs"])
def test_a_long_word_measures_few_pieces_of_itself_so_that_no_bench_stands_still_for_it(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    asked: list[str] = []
    width = paper.measured

    def counted(text: str, size: float, *, bold: bool = False) -> float:
        asked.append(text)
        return width(text, size, bold=bold)

    monkeypatch.setattr(paper, "measured", counted)
    monkeypatch.setattr(code_sheets, "measured", counted)
    lines = code_sheets.whole(text, 10, 80)
    assert "".join(lines) == paper.printable(text).replace(" ", "")
    assert all(width(line, 10) <= 80 for line in lines)
    assert len(asked) < 20 * len(lines)
    short = paper.fitted(text, 10, 80)
    assert short.endswith("…")
    assert 75 < width(short, 10) <= 80
