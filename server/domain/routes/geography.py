"""Where a postcode is and how far it is from there to here. The tables themselves are the caller's."""

import math
from dataclasses import dataclass

from server.domain.errors import DomainError

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

EARTH_KM = 6371.0088
"""Mean radius R1 of the GRS 80 ellipsoid."""
GEONAMES_COLUMNS = 12
FARTHEST_KM = math.pi * EARTH_KM
"""Half way round the earth: the distance of a node nobody has placed."""


def haversine_km(a: Place, b: Place) -> float:
    """Great-circle distance in kilometres."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half_lat = math.sin((lat_b - lat_a) / 2)
    half_lon = math.sin(math.radians(b[1] - a[1]) / 2)
    # Rounding can push the sum a hair over 1 for points on opposite sides of the earth.
    h = min(1.0, half_lat * half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon * half_lon)
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def postcode_key(country: str, postcode: str) -> str:
    """One spelling of a postcode: capitals, no blanks, no hyphens; a ZIP+4 is its ZIP."""
    key = "".join(c for c in postcode.upper() if c.isalnum())
    return key[:5] if country.upper() == "US" else key


def postcode_keys(country: str, postcode: str) -> tuple[str, ...]:
    """The normal form and the coarser areas it lies in, finest first, for tables which only know areas.

    "1012 AB" (NL) also lies in 1012, "SW1A 1AA" (GB) in SW1A, "K1A 0B1" (CA) in K1A: GeoNames lists those areas only.
    """
    key, country = postcode_key(country, postcode), country.upper()
    head = postcode_key(country, postcode.replace("-", " ").split(" ")[0]) if postcode.strip() else ""
    found = [key, head]
    if country == "GB":
        found.append(key[:-3])
    elif country in ("CA", "IE", "MT"):
        found.append(key[:3])
    elif country == "NL":
        found.append(key[:4])
    elif country in ("BR", "AR"):
        found += [key[:5], key[1:5]] if country == "AR" else [key[:5]]
    return tuple(dict.fromkeys(k for k in found if k))


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """One line of a postcode file; ``key`` is the normal form, ``region`` the code of the state or province."""

    country: str
    key: str
    name: str
    region: str
    place: Place


def read_geonames(line: str, number: int) -> PostcodeRow | None:
    """One line of a GeoNames postal code file (tab-separated, https://download.geonames.org/export/zip/readme.txt).

    None for an empty line or a comment. Raise DomainError("bad_postcode_file") naming the line, what was expected and
    what was found.
    """
    if not line.strip() or line.startswith("#"):
        return None
    cells = [cell.strip() for cell in line.rstrip("\r\n").split("\t")]
    if len(cells) not in (GEONAMES_COLUMNS, GEONAMES_COLUMNS - 1):
        raise _bad(number, f"expected {GEONAMES_COLUMNS} cells with tabs between them, found {len(cells)}")
    country, postcode, name, region = cells[0].upper(), cells[1], cells[2], cells[4]
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        raise _bad(number, f"expected a country of two letters, found {cells[0][:20]!r}")
    key = postcode_key(country, postcode)
    if not key:
        raise _bad(number, f"expected a postcode, found {postcode[:20]!r}")
    return PostcodeRow(country, key[:16], name[:180], region[:20], _place(cells[9], cells[10], number))


def _place(latitude: str, longitude: str, number: int) -> Place:
    try:
        lat, lon = float(latitude), float(longitude)
    except ValueError:
        lat = lon = math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        found = f"{latitude[:20]!r} and {longitude[:20]!r}"
        raise _bad(number, f"expected latitude and longitude in degrees, found {found}")
    return lat, lon


def _bad(number: int, detail: str) -> DomainError:
    return DomainError("bad_postcode_file", f"line {number}: {detail}", line=number)
