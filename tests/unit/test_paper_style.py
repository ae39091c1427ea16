"""A shop's own papers: a wrong line is refused with what was expected and what was found."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from printing.documents import Bitmap
from printing.documents.label_parts import DEFAULTS
from printing.documents.look import WORDS, Look
from printing.kinds import write
from printing.samples import sample
from printing.text_fit import width_of
from server.domain.errors import DomainError
from server.usecases.masterdata.logos import read_logo
from server.usecases.masterdata.paper_style import read_style
from tests.unit.test_kinds import labels, scanned
from tests.unit.test_zpl import placed

WRONG = {
    'slip = "x"': "slip: expected standard, gift, none, found 'x'",
    'slop = "none"': "slop: there is no such key; did you mean slip?",
    "slip = 3": "slip: expected text, found 3",
    "prices = 1": "prices: expected true or false, found 1",
    "footer = [": "Invalid value",
    f'footer = "{"x" * 401}"': "footer: expected at most 400 characters, found 401",
    "sender = [1]": "sender: expected at most 5 texts, found [1]",
    'sender = ["a", "b", "c", "d", "e", "f"]': "sender: expected at most 5 texts",
    'logo = "none.png"': "logo: expected a picture that can be read, found",
    'logo = "papers.toml"': "logo: expected a PNG, JPEG, BMP or GIF, found something else",
    'words.Slip = "x"': "words.Slip: there is no such key; there are Packing slip,",
    "words.ORDER = 3": "words.ORDER: expected text, found 3",
    "label = 3": "label: expected a table, found 3",
    "label.foo.show = true": "label.foo: there is no such part; there are logo, carrier,",
    "label.weight = 3": "label.weight: expected a table with show, at or size, found 3",
    "label.weight.shown = true": "label.weight.shown: there is no such key; did you mean show?",
    "label.weight.at = [1]": "label.weight.at: expected two numbers of millimetres, found [1]",
    "label.weight.at = [true, 2]": "label.weight.at: expected two numbers of millimetres, found [True, 2]",
    "label.weight.at = [nan, 2]": "label.weight.at: expected two numbers of millimetres",
    "label.weight.at = [-3, 2]": "label.weight.at: expected two numbers of millimetres",
    "label.weight.at = [1, 1]": "label.weight: expected within 2.5 to 99 mm across and 2.5 to 149.75 mm down, found",
    "label.weight.at = [10, 10]": "label.weight: expected apart from logo, found 29 x 10 mm at 10, 10",
    "label.weight.size = [2, 2]": "label.weight: expected at least 10 x 8 mm, found 2 x 2 mm",
    "label.tracking.show = false": "label.tracking: expected on every label, found hidden",
    "label.recipient.size = [20, 20]": "label.recipient: expected at least 60 x 35 mm, found 20 x 20 mm",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_line_is_refused_with_what_was_expected(tmp_path: Path, text: str) -> None:
    file = tmp_path / "papers.toml"
    file.write_text(text)
    with pytest.raises(DomainError) as refused:
        read_style(file)
    assert WRONG[text] in refused.value.detail
    assert str(file) in refused.value.detail


def test_the_example_that_we_ship_can_be_used() -> None:
    style = read_style(Path(__file__).parents[2] / "deploy" / "papers.example.toml")
    assert (style.slip, style.look.hidden) == ("standard", ("parcel",))


def test_a_shop_says_its_slips_in_its_own_words_and_no_buyer_can(tmp_path: Path) -> None:
    file = tmp_path / "papers.toml"
    file.write_text('[words]\n"Packing slip" = "Lieferschein"\n"SHIP TO" = "AN"\nORDER = "BESTELLUNG ^XZ"\n')
    slip = sample("slip", read_style(file).look)
    zpl = write("slip", replace(slip, ship_to=replace(slip.ship_to, name="SHIP TO")))
    for word in (b"^FDLieferschein^FS", b"^FDAN^FS", b"^FDBESTELLUNG _5EXZ^FS"):
        assert word in zpl
    assert zpl.count(b"^FDSHIP TO^FS") == 1


def test_every_word_of_a_slip_that_leaves_the_house_can_be_said_otherwise() -> None:
    look = Look(words=tuple((word, "@") for word in WORDS))
    said = re.compile(rb"\^FD([A-Z][A-Z ]+)\^FS")
    for kind in ("slip", "gift-slip", "box-contents", "return"):
        assert set(said.findall(write(kind, sample(kind)))) - {b"WEB SHOP", b"US"}, kind
        assert not set(said.findall(write(kind, sample(kind, look)))) - {b"WEB SHOP", b"US"}, kind


def test_a_moved_label_is_still_read_and_shows_only_what_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "papers.toml"
    file.write_text(
        """
        footer = "Frågor?"
        label.logo.show = false
        label.parcel.show = false
        label.order.show = false
        label.notes.show = false
        label.tracking = { at = [2.5, 2.5], size = [96.5, 40] }
        label.carrier = { at = [2.5, 45], size = [60, 16] }
        label.ship_date = { at = [70, 45] }
        label.weight = { at = [70, 56] }
        label.service = { at = [2.5, 68] }
        label.sender = { at = [2.5, 81] }
        label.box = { at = [70, 81] }
        label.recipient = { at = [2.5, 100] }
        """
    )
    zpl = write("label", sample("label", read_style(file).look))
    assert scanned(labels(zpl)) == [sample("label").tracking]
    assert b"WEIGHT" in zpl
    assert b"PARCEL" not in zpl
    assert set(DEFAULTS) >= {"logo", "notes"}


def test_a_logo_is_ink_where_it_is_dark_and_paper_where_it_is_clear(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 399, 399), fill=(20, 40, 120, 255))
    picture.save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png")
    assert (logo.width, logo.height) == (320, 160)
    assert logo.rows[:20] == b"\xff" * 20
    assert logo.rows[20:40] == bytes(20)
    file = tmp_path / "papers.toml"
    file.write_text('logo = "logo.png"')
    look = read_style(file).look
    for kind in ("label", "slip"):
        image = labels(write(kind, sample(kind, look)))[0]
        plain = labels(write(kind, sample(kind)))[0]
        assert image.tobytes() != plain.tobytes()
        assert scanned([image]) == scanned([plain])


def test_a_logo_that_would_print_nothing_is_refused(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (80, 40), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((10, 10, 30, 30), fill=(255, 240, 200, 255))
    picture.save(tmp_path / "logo.png")
    with pytest.raises(ValueError, match="logo: expected dark ink on white or clear paper, found nothing dark"):
        read_logo(tmp_path / "logo.png")


def test_a_wide_logo_is_as_high_on_a_slip_as_a_square_one() -> None:
    def height(width: int) -> int:
        look = Look(logo=Bitmap(width, 80, b"\xff" * (width // 8) * 80))
        found = re.search(rb"\^GFA,(\d+),\d+,(\d+),", write("slip", sample("slip", look)))
        assert found is not None
        return int(found[1]) // int(found[2])

    assert (height(80), height(208)) == (120, 120)


def test_words_of_any_length_stay_on_the_paper_and_a_file_of_the_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "papers.toml"
    file.write_text("".join(f'words."{word}" = "{"Wort " * 60}"\n' for word in WORDS), encoding="utf-8-sig")
    look = read_style(file).look
    for kind in ("slip", "gift-slip", "box-contents", "return"):
        for left, top, bottom, said in placed(write(kind, sample(kind, look))):
            assert left + width_of(said, bottom - top) <= 792, said


def test_a_picture_too_large_to_be_a_logo_is_refused(tmp_path: Path) -> None:
    kept = BytesIO()
    Image.new("1", (5000, 10)).save(kept, "PNG")
    (tmp_path / "logo.png").write_bytes(kept.getvalue())
    with pytest.raises(ValueError, match="logo: expected at most 4000 pixels a side"):
        read_logo(tmp_path / "logo.png")
    (tmp_path / "logo.png").write_bytes(bytes(2_000_001))
    with pytest.raises(ValueError, match="logo: expected at most 2,000,000 bytes, found 2,000,001"):
        read_logo(tmp_path / "logo.png")


def test_a_small_file_that_says_it_is_an_enormous_picture_is_refused(tmp_path: Path) -> None:
    logo = tmp_path / "logo.bmp"
    kept = BytesIO()
    Image.new("1", (8, 8)).save(kept, "BMP")
    logo.write_bytes(kept.getvalue()[:18] + (60_000).to_bytes(4, "little") * 2 + kept.getvalue()[26:])
    with pytest.raises(ValueError, match="logo: expected"):
        read_logo(logo)
