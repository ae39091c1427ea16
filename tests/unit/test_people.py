"""PINs as they are kept."""

import pytest

from server.domain.people import is_pin, pin_fits, pin_hash


@pytest.mark.parametrize("text", ["1234", "00000000", "987654"])
def test_four_to_eight_digits_are_a_pin(text: str) -> None:
    assert is_pin(text)


@pytest.mark.parametrize("text", ["", "123", "123456789", "12a4", "-1234", "١٢٣٤", "12 34"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_pin(text)


def test_the_right_pin_fits_and_no_other_does_and_nobody_can_read_it() -> None:
    kept = pin_hash("4711", b"salt of this person")
    assert pin_fits(kept, "4711")
    assert not pin_fits(kept, "4712") and not pin_fits(kept, "") and not pin_fits(kept, "04711")
    assert "4711" not in kept
    assert pin_hash("4711", b"another salt") != kept


@pytest.mark.parametrize("stored", ["", "4711", "scrypt::", "md5:00:11"])
def test_a_text_that_is_no_hash_of_ours_fits_no_pin(stored: str) -> None:
    assert not pin_fits(stored, "4711") and not pin_fits(stored, "")
