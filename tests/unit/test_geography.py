"""Distances and postcodes."""

import math

import pytest

from server.domain.errors import DomainError
from server.domain.routes.geography import (
    EARTH_KM,
    FARTHEST_KM,
    PostcodeRow,
    haversine_km,
    postcode_key,
    postcode_keys,
    read_geonames,
)

LINE = "DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin, Stadt\t11000\t52.5323\t13.3846\t4"


def test_a_degree_of_latitude_is_111_km() -> None:
    assert haversine_km((10, 20), (11, 20)) == pytest.approx(EARTH_KM * math.pi / 180)


def test_known_distances_between_cities() -> None:
    london, paris = (51.5074, -0.1278), (48.8566, 2.3522)
    assert haversine_km(london, paris) == pytest.approx(343.6, abs=1)
    sydney, los_angeles = (-33.8688, 151.2093), (34.0522, -118.2437)
    assert haversine_km(sydney, los_angeles) == pytest.approx(12_060, rel=0.005)


def test_the_other_side_of_the_earth_is_the_farthest_and_the_date_line_is_no_wall() -> None:
    assert haversine_km((0, 0), (0, 180)) == pytest.approx(FARTHEST_KM)
    assert haversine_km((0, 179.5), (0, -179.5)) == pytest.approx(111.2, abs=0.1)
    assert haversine_km((90, 0), (-90, 123)) == pytest.approx(FARTHEST_KM)


@pytest.mark.parametrize(
    ("country", "typed", "key"),
    [
        ("US", " 02108-1234", "02108"),
        ("us", "02108", "02108"),
        ("GB", "sw1a 1aa", "SW1A1AA"),
        ("NL", "1012 ab", "1012AB"),
        ("PT", "1000-001", "1000001"),
        ("DE", "", ""),
    ],
)
def test_a_postcode_has_one_spelling(country: str, typed: str, key: str) -> None:
    assert postcode_key(country, typed) == key


@pytest.mark.parametrize(
    ("country", "typed", "keys"),
    [
        ("GB", "SW1A 1AA", ("SW1A1AA", "SW1A")),
        ("GB", "SW1A1AA", ("SW1A1AA", "SW1A")),
        ("CA", "K1A0B1", ("K1A0B1", "K1A")),
        ("NL", "1012AB", ("1012AB", "1012")),
        ("IE", "D02 X285", ("D02X285", "D02")),
        ("DE", "10115", ("10115",)),
        ("US", "02108-1234", ("02108",)),
        ("DE", "  ", ()),
    ],
)
def test_a_fine_postcode_is_also_looked_for_in_the_area_it_lies_in(
    country: str, typed: str, keys: tuple[str, ...]
) -> None:
    assert postcode_keys(country, typed) == keys


def test_a_line_of_a_postcode_file_is_read() -> None:
    assert read_geonames(LINE + "\r\n", 1) == PostcodeRow("DE", "10115", "Berlin", "BE", (52.5323, 13.3846))
    assert read_geonames("\n", 2) is None
    assert read_geonames("# comment", 3) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DE;10115;Berlin", "line 9: expected 12 cells with tabs between them, found 1"),
        (LINE.replace("DE", "D3", 1), "line 9: expected a country of two letters, found 'D3'"),
        (LINE.replace("10115", " - ", 1), "line 9: expected a postcode, found '-'"),
        (LINE.replace("52.5323", "152.5"), "line 9: expected latitude and longitude in degrees, found '152.5'"),
        (LINE.replace("52.5323", "nan"), "line 9: expected latitude and longitude in degrees, found 'nan'"),
        (LINE.replace("13.3846", "east"), "found '52.5323' and 'east'"),
    ],
)
def test_a_bad_line_names_itself_and_what_was_expected(line: str, words: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_geonames(line, 9)
    assert refused.value.code == "bad_postcode_file"
    assert words in refused.value.detail
