"""Check digits, and numbers that are nobody's own."""

import pytest

from server.domain.masterdata.gtins import gtin_flaw


@pytest.mark.parametrize("good", ["4006381333931", "036000291452", "96385074", "14006381333938", "04006381333931"])
def test_a_number_with_its_right_check_digit_is_a_gtin(good: str) -> None:
    assert gtin_flaw(good) is None


def test_a_wrong_check_digit_is_named_with_the_right_one() -> None:
    assert gtin_flaw("4006381333932") == "4006381333932 should end in 1, not 2"


@pytest.mark.parametrize("odd", ["", "12", "40063813339", "400638133393A", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_what_is_no_number_of_the_right_size_is_no_gtin(odd: str) -> None:
    assert "expected 8, 12, 13 or 14 digits" in str(gtin_flaw(odd))


@pytest.mark.parametrize("inside", ["2012345678903", "02012345678903", "212345678992", "20123451", "00000020123451"])
def test_a_shops_own_number_is_no_products_number(inside: str) -> None:
    assert "inside a shop" in str(gtin_flaw(inside))


def test_eight_zeros_are_no_number() -> None:
    assert gtin_flaw("00000000") is not None
