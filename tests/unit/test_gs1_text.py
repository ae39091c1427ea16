"""GS1 codes however they come: with brackets, with any stand-in for the separator, as a link."""

import pytest

from scanners import gs1_text
from server.domain.benchwork.scans import Scan
from server.reading import read
from tests.goods_to_pack import CATALOG, CREAM

GS = "\x1d"
MESSAGE = f"01{CREAM:0>14}1726123110LOT7{GS}21SN9"
WAYS = [
    f"]d2{MESSAGE}",
    f"]C1{MESSAGE}",
    f"]Q3{GS}{MESSAGE}",
    MESSAGE,
    *(
        MESSAGE.replace(GS, sent)
        for sent in ("<GS>", "<gs>", "{GS}", "[GS]", "^]", "|", "~", "~1", "\\x1d", "\\u001d", "␝", "#")
    ),
    f"(01){CREAM:0>14}(17)261231(10)LOT7(21)SN9",
    f"(01) {CREAM:0>14} (17) 261231 (10) LOT7 (21) SN9",
    f"]C1(01){CREAM:0>14}(17)261231(10)LOT7(21)SN9",
    f"https://id.gs1.org/01/{CREAM:0>14}/10/LOT7/21/SN9?17=261231",
    f"HTTPS://example.com/some/shop/01/{CREAM:0>14}/10/LOT7/21/SN9?17=261231",
]


def said(text: str) -> Scan:
    return read(text, CATALOG, at=0.0)


@pytest.mark.parametrize("text", WAYS)
def test_one_scan_gives_item_lot_serial_number_and_expiry(text: str) -> None:
    scan = said(text)
    assert [m.sku for m in scan.matches] == ["CREAM"]
    assert (scan.lot, scan.serial, scan.expires_on, scan.bad_read) == ("LOT7", "SN9", "2026-12-31", None)


def test_best_before_count_and_weight_are_read_too() -> None:
    scan = said(f"(01){CREAM:0>14}(15)270131(30)6(3103)001500")
    assert (scan.best_before, scan.matches[0].units, scan.weight_grams) == ("2027-01-31", 6, 1500)
    assert said(f"(02){CREAM:0>14}(37)12").matches[0].units == 12


def test_a_parcel_number_is_no_item_whatever_else_the_code_says() -> None:
    assert said(f"(00)340123450000000000(02){CREAM:0>14}(37)12").matches == ()
    assert said("(00)340123450000000000").matches == ()


@pytest.mark.parametrize("text", ["(12)abc", "(10)", "a(10)LOT7", "(01)123", "()", "(10", f"(01){CREAM}(10)"])
def test_brackets_around_something_else_are_left_alone(text: str) -> None:
    assert gs1_text.bracketed(text) is None
    assert said(text).lot == ""


@pytest.mark.parametrize("text", ["BRUSH|1", "10LOT7|21SN9", "01 a~b", f"01{CREAM:0>14}|"])
def test_signs_in_codes_that_are_no_gs1_message_stay(text: str) -> None:
    assert gs1_text.separated("BRUSH|1", said=False) == "BRUSH|1"
    assert (said(text).lot, said(text).serial) == ("", "")


@pytest.mark.parametrize("text", [CREAM, f"0{CREAM}", f"]E0{CREAM}", f"]d201{CREAM:0>14}"])
def test_all_lengths_of_one_number_are_one_product(text: str) -> None:
    assert [m.sku for m in said(text).matches] == ["CREAM"]
