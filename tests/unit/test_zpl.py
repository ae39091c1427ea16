"""Labels are drawn by one program that is not ours and read by another."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from printing import code128
from printing.documents import Address, BoxLabel, ParkingSlip, ShippingLabel
from printing.kinds import Stock, write
from printing.pictures import NoPicture, plain_copy, zpl_png
from printing.samples import sample
from printing.text_fit import fit, width_of
from printing.zpl import ZplPage, field

SENDER = Address("Northside Outfitters LLC", "", ("4100 Industrial Pkwy",), "Columbus", "OH", "43217", "US")
BUYER = Address("Margaret Álvarez-Whitfield", "", ("1872 Old Mill Creek Road", "Apt 14B"), "Asheville", "NC", "28801")
LABEL = ShippingLabel(
    "P-000123", "PPV0000012345678", "Own van", "Next day", SENDER, BUYER, "WEB-10482", 1, 2, 1840, "2026-03-04"
)
SLIP = ParkingSlip("WEB-10482", "PARK-000123", "Bench 3", "The printer is out of labels", "14:32")
TRACKINGS = (
    "7",
    "12",
    "123",
    "PPV0000012345678",
    "1Z999AA10123456784",
    "420941079400111899560001234567",
    "9632001960000000000400152152152152",
    "a lower case  one",
    "A-1.2_3^4~5>6",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn",
    ">" * 40,
    "".join(map(chr, range(32, 72))),
    "".join(map(chr, range(72, 112))),
    "".join(map(chr, range(96, 127))),
)


def shipping_label(label: ShippingLabel, dots_per_mm: int = 8) -> bytes:
    return write("label", label, "zpl", Stock(dots_per_mm))


def parking_slip(slip: ParkingSlip, dots_per_mm: int = 8) -> bytes:
    return write("parking", slip, "zpl", Stock(dots_per_mm))


def picture(zpl: bytes) -> Image.Image:
    return Image.open(BytesIO(zpl_png(zpl))).convert("L")


def read(image: Image.Image) -> list[str]:
    return [barcode.text for barcode in zxingcpp.read_barcodes(image)]


def placed(zpl: bytes) -> list[tuple[int, int, int, str]]:
    """Left, top, bottom and content of each line of text, dots."""
    found = re.findall(r"\^FO(\d+),(\d+)\^A0N,(\d+),\d+(?:\^FR)?\^FH_\^FD(.*?)\^FS", zpl.decode())
    return [(int(x), int(y), int(y) + int(height), text) for x, y, height, text in found]


def texts(zpl: bytes) -> list[str]:
    return [text for _, _, _, text in placed(zpl)]


STREETS = ("4th floor, east wing", "1872 Old Mill Creek Road", "Gate 7", "Ring twice")


@pytest.mark.parametrize("streets", [0, 2, 4])
def test_the_whole_address_stands_on_a_label_that_says_which_box_it_is(streets: int) -> None:
    to = replace(BUYER, company="Whitfield & Daughters", lines=STREETS[:streets], country="US")
    found = [line for line in placed(write("box", BoxLabel("1043", "PPV1", to, 1, 3), "zpl")) if 620 < line[1] < 914]
    assert [text for *_, text in found] == [to.name, to.company, *to.lines, "Asheville NC 28801", "US"]
    assert max(bottom for *_, bottom, _ in found) <= 900


def test_a_channel_with_a_long_name_writes_over_nothing_on_a_slip() -> None:
    slip = replace(sample("slip"), channel="Northside Outfitters autumn web shop", box=1, boxes=3)
    left, top, bottom, said = next(line for line in placed(write("slip", slip)) if line[3].startswith("NORTHSIDE"))
    beside = next(line for line in placed(write("slip", slip)) if line[3] == "BOX")
    assert beside[1] == top
    assert left + width_of(said, bottom - top) < beside[0]


def test_the_code_of_a_slip_is_read_however_long_it_is() -> None:
    for code in ("SALE-2026-NORTHSIDE-OUTFITTERS-X1042", TRACKINGS[9]):
        zpl = write("slip", replace(sample("slip"), code=code), "zpl")
        assert read(picture(zpl)) == [code]


def test_a_driver_signs_for_every_number_however_many_were_cancelled() -> None:
    cancelled = tuple(f"PPX{n:010}" for n in range(40))
    found = placed(write("driver", replace(sample("driver"), cancelled=cancelled), "zpl"))
    assert tuple(text for *_, text in found if text in cancelled) == cancelled
    assert max(bottom for *_, bottom, _ in found) <= 1198


@pytest.mark.parametrize("dots_per_mm", [8, 12])
@pytest.mark.parametrize("tracking", TRACKINGS)
def test_a_scanner_reads_exactly_the_tracking_number_and_nothing_else(tracking: str, dots_per_mm: int) -> None:
    image = picture(shipping_label(replace(LABEL, tracking=tracking), dots_per_mm))
    assert read(image) == [tracking]
    assert image.size == ((812, 1218) if dots_per_mm == 8 else (1218, 1827))


@pytest.mark.parametrize("dots_per_mm", [8, 12])
def test_a_scanner_reads_the_code_of_a_parked_box(dots_per_mm: int) -> None:
    assert read(picture(parking_slip(SLIP, dots_per_mm))) == ["PARK-000123"]


def test_a_label_shows_who_where_what_and_which_box() -> None:
    shown = texts(shipping_label(LABEL))
    for expected in (
        *("Margaret Álvarez-Whitfield", "1872 Old Mill Creek Road", "Apt 14B", "Asheville NC 28801"),
        *("NEXT DAY", "Own van", "1 of 2", "1.84 kg", "2026-03-04", "WEB-10482", "P-000123", "PPV0 0000 1234 5678"),
    ):
        assert expected in shown


def test_a_label_is_printed_once_and_names_its_parcel_in_a_comment() -> None:
    zpl = shipping_label(LABEL)
    assert zpl.startswith(b"^XA^CI28")
    assert zpl.endswith(b"^PQ1\n^XZ\n")
    assert b"^FX job P-000123^FS" in zpl
    assert b"^FX job P---XZ--JR^FS" in shipping_label(replace(LABEL, parcel_id="P-_^XZ\n~JR"))


def test_a_parcel_of_unknown_weight_and_box_count_says_neither() -> None:
    shown = texts(shipping_label(replace(LABEL, weight_grams=None, boxes=None)))
    assert "-" in shown
    assert not any("of" in text.split() or text.endswith((" kg", " g")) for text in shown)


def test_a_text_too_long_for_its_place_ends_in_an_ellipsis_and_stays_there() -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff " * 120
    to = Address(long, long, (long,) * 9, long, long, long, long, long)
    label = replace(
        LABEL, ship_from=to, ship_to=to, carrier=long, service=long, routing=long, order_number=long, notes=(long,)
    )
    lines = placed(shipping_label(label))
    assert sum(text.endswith("…") for _, _, _, text in lines) >= 12
    # Sender above the recipient at y = 424, the recipient above the barcode at y = 810; both begin at x = 110.
    addresses = [(top, bottom) for left, top, bottom, _ in lines if left == 110]
    assert max(bottom for top, bottom in addresses if top < 424) <= 424
    assert max(bottom for _, bottom in addresses) <= 810
    assert max(bottom for _, _, bottom, _ in lines) <= 1198
    ink = picture(shipping_label(label)).point(lambda value: 255 - value).getbbox()
    assert ink == (20, 20, 792, 1198)


def test_a_name_slightly_too_long_shrinks_and_then_wraps_before_it_is_cut() -> None:
    assert fit("Ann Lee", 300, 60, 30).height == 60
    smaller = fit("Annabella Leeson", 300, 60, 30)
    assert smaller.whole
    assert 30 < smaller.height < 60
    two = fit("Annabella Leeson Montgomery Whitfield", 300, 40, 30, lines=2)
    assert two.whole
    assert len(two.lines) == 2
    cut = fit("Annabella Leeson Montgomery Whitfield", 300, 40, 30)
    assert (cut.whole, cut.lines) == (False, ("Annabella Leeson…",))
    assert width_of(cut.lines[0], 30) <= 300
    assert width_of(fit("W" * 50, 300, 60, 30).lines[0], 30) <= 300


def test_no_line_break_or_sign_with_a_meaning_gets_into_a_field() -> None:
    assert field("a\r\n\x1b\x85b\u202e^XZ~_\ud800") == "a b_5EXZ_7E_5F[U+D800]"


def test_a_long_code_of_letters_becomes_a_qr_code_where_bars_would_be_too_thin() -> None:
    long = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
    assert b"^BQN" in shipping_label(replace(LABEL, tracking=long))
    assert b"^BQN" not in shipping_label(replace(LABEL, tracking="1" * 40))


def test_digits_are_coded_in_pairs_where_that_is_shorter() -> None:
    assert code128.plan("1234").runs == (("C", "1234"),)
    assert code128.plan("AB123456C").runs == (("B", "AB"), ("C", "123456"), ("B", "C"))
    assert code128.plan("A12345").runs == (("B", "A1"), ("C", "2345"))
    assert code128.plan("12345").runs == (("C", "1234"), ("B", "5"))
    assert code128.plan("A12B").runs == (("B", "A12B"),)
    assert code128.plan("12").modules == 11 * 3 + 13


@pytest.mark.parametrize("tracking", ["", "x" * 41, "tab\there", "ü123"])
def test_a_tracking_number_no_scanner_could_read_back_is_refused(tracking: str) -> None:
    with pytest.raises(ValueError, match=r"^tracking: expected "):
        replace(LABEL, tracking=tracking)


def test_a_printer_of_unknown_resolution_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^dots_per_mm: expected 8 or 12, found 24$"):
        shipping_label(LABEL, 24)


def test_the_picture_shows_letters_the_renderer_lacks_by_their_plain_ones() -> None:
    page = ZplPage(812, 400, 8, "x")
    page.text(10, 10, 40, "Łódź, Müller & Söhne … 中")
    assert b"^FDLodz, Muller & Sohne ... [Zhong]^FS" in plain_copy(page.finished())
    assert picture(page.finished()).size == (812, 400)


def test_a_full_width_sign_does_not_become_a_command_in_the_picture() -> None:
    assert plain_copy("＾ＸＺ～＿".encode()) == b"[U+FF3E]XZ[U+FF5E][U+FF3F]"


def test_a_label_that_cannot_be_drawn_says_so() -> None:
    with pytest.raises(NoPicture, match="cannot draw this label"):
        zpl_png(b"^XA^QQ^XZ")
    with pytest.raises(NoPicture, match="no labels"):
        zpl_png(b"")
