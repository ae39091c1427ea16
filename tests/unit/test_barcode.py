"""What a code says, and every reading that must not be believed."""

from __future__ import annotations

import time
from datetime import date

import pytest

from scanners import gs1
from scanners.barcode import parse, product_key

EAN = "4006381333931"
GTIN = "04006381333931"
GS = "\x1d"
HOSTILE = "]C1" + "".join(f"{ai}A{GS}" for ai in range(90, 100)) + f"10A{GS}21B{GS}240C{GS}241D"


def test_an_ean_with_its_check_digit_is_a_gtin_of_14_digits() -> None:
    assert parse(EAN).gtin == GTIN
    assert parse(f"]E0{EAN}").gtin == GTIN
    assert parse(f"]E0{EAN}").aim == "]E0"
    assert parse(f"]E0{EAN}").payload == EAN


@pytest.mark.parametrize("text", ["4006381333932", "]E04006381333932", "96385075", "036000291453", "14006381333931"])
def test_a_wrong_check_digit_is_a_bad_read_and_no_gs1_message(text: str) -> None:
    read = parse(text)
    assert read.bad_read == "check_digit"
    assert (read.gtin, read.sscc, read.lot, read.serial, read.count) == (None, None, None, None, None)


@pytest.mark.parametrize("text", ["40063813339", "]C04006381333932", "]d14006381333932", "]A0036000291453"])
def test_a_number_of_another_length_or_a_self_checking_symbol_is_no_misread_gtin(text: str) -> None:
    assert parse(text).bad_read is None
    assert parse(text).gtin is None


def test_a_gtin_in_a_plain_code_128_still_counts() -> None:
    assert parse(f"]C0{EAN}").gtin == GTIN


def test_a_shop_code_is_kept_as_it_is() -> None:
    read = parse("  BIN-07/a ")
    assert (read.text, read.payload, read.gtin, read.bad_read) == ("  BIN-07/a ", "BIN-07/a", None, None)


@pytest.mark.parametrize("text", ["036000291452", "0036000291452", "00036000291452"])
def test_a_upc_a_is_the_same_product_as_its_ean_13_and_gtin_14(text: str) -> None:
    assert product_key(text) == parse(text).gtin == "00036000291452"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (" abc-1 ", "ABC-1"),
        ("96385074", "00000096385074"),
        ("96385075", "96385075"),
        ("12345", "12345"),
        ("00000000", "00000000"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "٤٠٠٦٣٨١٣٣٣٩٣١"),
        ("2012345678903", "02012345678903"),
        ("02012345678903", "02012345678903"),
    ],
)
def test_the_product_key_is_14_digits_only_with_a_right_check_digit(code: str, key: str) -> None:
    assert product_key(code) == key


def test_a_restricted_number_is_good_but_no_catalogue_gtin() -> None:
    read = parse("2012345678903")
    assert (read.gtin, read.bad_read) == (None, None)


def test_a_magazine_with_an_add_on_is_its_first_13_digits() -> None:
    read = parse(f"]E3{EAN}12")
    assert (read.gtin, read.payload, read.bad_read) == (GTIN, f"{EAN}12", None)


def test_eight_digits_are_looked_up_as_ean_8_and_as_upc_e() -> None:
    assert parse("96385074").gtin == "00000096385074"
    assert parse("04252614").gtin == "00042100005264"
    assert parse("]E096385074").gtin == "00000096385074"
    assert parse("]E496385074").gtin_upc_e is None


def test_eight_digits_that_are_both_give_both_readings() -> None:
    both = next(code for code in map("1{:07d}".format, range(10**6)) if _is_both(code))
    read = parse(both)
    assert read.gtin == both.zfill(14)
    assert read.gtin_upc_e not in (None, read.gtin)


def _is_both(code: str) -> bool:
    read = parse(code)
    return read.gtin == code.zfill(14) and read.gtin_upc_e is not None


def test_a_gs1_128_gives_product_expiry_lot_and_serial() -> None:
    read = parse(f"]C101{GTIN}1727123110LOT-7{GS}21SN9")
    assert (read.gtin, read.lot, read.serial, read.expiry) == (GTIN, "LOT-7", "SN9", date(2027, 12, 31))
    assert read.bad_read is None


def test_day_zero_of_a_month_is_its_last_day() -> None:
    assert parse(f"]C101{GTIN}15280200").best_before == date(2028, 2, 29)


def test_a_gs1_message_tells_count_and_weight() -> None:
    assert parse(f"]d201{GTIN}3012").count == 12
    assert parse(f"]e001{GTIN}3103001250").weight_grams == 1250
    assert parse(f"]e001{GTIN}3100000002").weight_grams == 2000
    assert parse(f"]e001{GTIN}3105000049").weight_grams == 0


def test_a_pallet_tells_its_number_and_its_contents() -> None:
    read = parse(f"]C10034012345123456789502{GTIN}3748")
    assert (read.sscc, read.gtin, read.count) == ("340123451234567895", GTIN, 48)


@pytest.mark.parametrize("prefix", ["", "]d1", "]Q1"])
def test_without_a_gs1_prefix_a_message_must_begin_with_a_number_that_proves_itself(prefix: str) -> None:
    assert parse(f"{prefix}01{GTIN}10AB").lot == "AB"
    assert parse(f"{prefix}010400638133393210AB").lot is None
    assert parse(f"{prefix}10ABC").lot is None


def test_a_plain_code_128_is_never_a_gs1_message() -> None:
    assert parse("]C000340123451234567895").sscc is None
    assert parse("00340123451234567895").sscc == "340123451234567895"


@pytest.mark.parametrize(
    "payload",
    [
        f"01{GTIN}10ABCDEFGHIJKLMNOPQRSTUVWX",
        "01123",
        f"01{GTIN}17279931",
        f"01{GTIN}10A{GS}10B",
        "hello",
        f"01{GTIN}10A{GS}" + f"30{GS}" * 40,
    ],
)
def test_a_code_said_to_be_gs1_which_is_not_is_a_bad_read(payload: str) -> None:
    read = parse(f"]C1{payload}")
    assert (read.bad_read, read.gtin, read.lot) == ("gs1_malformed", None, None)


def test_a_gs1_message_with_a_wrong_check_digit_names_no_product() -> None:
    assert (parse("]C10104006381333932").gtin, parse("]C10104006381333932").bad_read) == (None, "check_digit")
    assert (parse("]C100340123451234567894").sscc, parse("]C100340123451234567894").bad_read) == (None, "check_digit")


@pytest.mark.parametrize(("gs_as", "sent"), [("|", "|"), ("<GS>", "<GS>"), ("text:^]", "^]"), ("f8", GS), ("", GS)])
def test_a_textual_separator_becomes_gs_before_anything_is_read(gs_as: str, sent: str) -> None:
    read = parse(f"]C101{GTIN}10LOT7{sent}21SN9", gs_as=gs_as)
    assert (read.lot, read.serial) == ("LOT7", "SN9")
    assert read.payload == f"01{GTIN}10LOT7{GS}21SN9"


def test_a_scanner_that_sends_no_separator_makes_a_doubtful_lot_doubtful() -> None:
    doubtful = f"]C101{GTIN}10ABC12321SN1"
    assert parse(doubtful).bad_read is None
    assert parse(doubtful, gs_as="none").bad_read == "separator_lost"
    assert parse(f"]C101{GTIN}10ABC", gs_as="none").bad_read is None


@pytest.mark.parametrize(
    "url", ["https://id.gs1.org/01/{}/10/AB/21/7?17=271231", "HTTP://SHOP.EXAMPLE/X/01/{}/10/AB/21/7"]
)
@pytest.mark.parametrize("prefix", ["", "]Q1", "]Q3", "]d1"])
def test_a_digital_link_in_any_square_code_names_the_product(url: str, prefix: str) -> None:
    link = url.format(EAN)
    read = parse(f"{prefix}{link}")
    assert (read.gtin, read.lot, read.serial, read.digital_link) == (GTIN, "AB", "7", link)


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://[::1", f"https://id.gs1.org/gtin/{EAN}", "https://a/01/x"]
)
def test_any_other_address_is_only_text(url: str) -> None:
    read = parse(f"]Q1{url}")
    assert (read.payload, read.gtin, read.digital_link, read.bad_read) == (url, None, None, None)


@pytest.mark.parametrize("text", [f"{EAN}{EAN}", f"036000291452{EAN}", f"]E0{EAN}]E0{EAN}", f"]E0{EAN}{EAN}"])
def test_two_products_glued_together_are_a_bad_read(text: str) -> None:
    assert (parse(text).bad_read, parse(text).gtin) == ("glued", None)


@pytest.mark.parametrize("text", ["", "   ", "]C1", GS])
def test_nothing_is_a_bad_read(text: str) -> None:
    assert parse(text).bad_read == "empty"


@pytest.mark.parametrize("text", [f"{EAN}\x00", "\x1b[2J", "A\tB", "A\x9bB", "]Q1https://a/01/\x07"])
def test_control_bytes_are_a_bad_read_with_no_reading(text: str) -> None:
    assert (parse(text).bad_read, parse(text).gtin) == ("control_bytes", None)


def test_the_envelope_of_a_carrier_code_may_hold_its_own_separators() -> None:
    assert parse(f"[)>\x1e06{GS}1P123\x1e\x04").bad_read is None


def test_a_code_longer_than_any_scanner_sends_is_a_bad_read() -> None:
    assert parse("1" * 4097).bad_read == "too_long"


def test_a_fault_in_a_parser_is_a_bad_read_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_code: str) -> str:
        raise RecursionError

    monkeypatch.setattr(gs1, "catalogue_gtin", explode)
    assert parse(EAN).bad_read == "unreadable"


@pytest.mark.parametrize(
    "text",
    [EAN, f"]C101{GTIN}1727123110LOT-7{GS}21SN9", f"]Q1https://id.gs1.org/01/{EAN}", "x" * 4096, "9" * 4096, HOSTILE],
)
def test_no_code_holds_the_bench_up(text: str) -> None:
    def seconds() -> float:
        started = time.perf_counter()
        parse(text)
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < 0.1
