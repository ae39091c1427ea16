"""Can a parcel be delivered to it?"""

import pytest

from server.domain.sales.addresses import COUNTRIES, undeliverable
from server.trade.orders import ShipTo

GOOD = {"name": "Zoe Quill", "lines": ("7 Hidden Lane",), "city": "Portland", "postcode": "04101", "country": "US"}


@pytest.mark.parametrize(
    ("country", "postcode"),
    [
        ("US", "04101"),
        ("us", "04101-1234"),
        ("CA", "k1a 0b1"),
        ("GB", "SW1A 1AA"),
        ("GB", "BFPO 57"),
        ("DE", "D-12345"),
        ("NL", "1012 AB"),
        ("SE", "SE-123 45"),
        ("PL", "00-950"),
        ("JP", "100-0001"),
        ("BR", "01310-100"),
        ("IE", ""),
        ("HK", ""),
        ("AE", "whatever"),
    ],
)
def test_postcodes_as_people_write_them_pass(country: str, postcode: str) -> None:
    assert undeliverable(ShipTo(**(GOOD | {"country": country, "postcode": postcode}))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "no_name"),
        ({"lines": ("", " ")}, "no_street"),
        ({"city": ""}, "no_city"),
        ({"country": " "}, "no_country"),
        ({"country": "Atlantis"}, "bad_country"),
        ({"country": "XX"}, "bad_country"),
        ({"postcode": ""}, "no_postcode"),
        ({"postcode": "0410"}, "bad_postcode"),
        ({"postcode": "٠٤١٠١"}, "bad_postcode"),
        ({"country": "GB", "postcode": "04101"}, "bad_postcode"),
    ],
)
def test_an_address_that_cannot_be_reached_has_a_code(change: dict[str, str], code: str) -> None:
    found = undeliverable(ShipTo(**(GOOD | change)))  # type: ignore[arg-type]
    assert found is not None
    assert found.code == code
    assert "Zoe" not in found.why
    assert "0410" not in found.why


def test_a_company_needs_no_persons_name() -> None:
    assert undeliverable(ShipTo(**(GOOD | {"name": "", "company": "Quill Ltd"}))) is None  # type: ignore[arg-type]


def test_every_country_of_the_standard_is_there() -> None:
    assert len(COUNTRIES) == 249
