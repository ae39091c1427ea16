"""What a parcel must be before the library sees it: it would take a negative weight and cut a long street short."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from printing.documents import Address
from server.calls.troubles import Refused
from server.trade.shipping import Consignment


@dataclass(frozen=True, slots=True)
class Limits:
    """What a carrier takes: grams, millimetres, characters in a line of an address."""

    grams: int | None = None
    length: int | None = None
    length_and_girth: int | None = None
    line: int = 50


_LIMITS: Mapping[str, Limits] = {
    # 150 lb; 108 in; 165 in: "weight and size limits" of both. Their address lines are cut at 35 by the library.
    "ups": Limits(68_038, 2_743, 4_191, 35),
    "fedex": Limits(68_038, 2_743, 4_191, 35),
    # 70 lb; 130 in: Domestic Mail Manual 101.3.0 and 201.3.0.
    "usps": Limits(31_751, None, 3_302, 50),
}


def check(carrier: str, consignment: Consignment, most_grams: int | None, countries: Any) -> None:
    """Raise Refused saying what was expected and found. ``countries``: those that the library knows."""
    limits = _LIMITS.get(carrier, Limits())
    grams = consignment.weight_grams
    if not isinstance(grams, int) or grams <= 0:
        raise Refused(f"expected a weight of at least 1 g, found {grams}")
    most = min((each for each in (most_grams, limits.grams) if each is not None), default=None)
    if most is not None and grams > most:
        raise Refused(f"expected at most {most} g, found {grams} g")
    _check_size(consignment.size_mm, limits)
    for whose, address in (("sender", consignment.ship_from), ("buyer", consignment.ship_to)):
        _check_address(whose, address, limits, countries)


def _check_size(size: tuple[int, int, int] | None, limits: Limits) -> None:
    if size is None or min(size) <= 0:
        raise Refused(f"expected a box of known length, width and height in mm, found {size}")
    longest, *others = sorted(size, reverse=True)
    if limits.length is not None and longest > limits.length:
        raise Refused(f"expected a box of at most {limits.length} mm, found {longest} mm")
    around = longest + 2 * sum(others)
    if limits.length_and_girth is not None and around > limits.length_and_girth:
        raise Refused(f"expected length and girth of at most {limits.length_and_girth} mm, found {around} mm")


def _check_address(whose: str, address: Address, limits: Limits, countries: Any) -> None:
    country = address.country.strip().upper()
    if country not in countries:
        raise Refused(f"country of the {whose}: expected two letters (ISO 3166), found {address.country[:40]!r}")
    for name in ("postcode", "city"):
        if not getattr(address, name).strip():
            raise Refused(f"{name} of the {whose}: expected one, found none")
    if not (address.name or address.company).strip():
        raise Refused(f"name of the {whose}: expected one, found none")
    two_lines(whose, address, limits.line)


def two_lines(whose: str, address: Address, width: int) -> tuple[str, str]:
    """The street in the two lines a carrier takes, broken between words; raise Refused where it does not fit."""
    lines = [line.strip() for line in address.lines if line.strip()]
    if not lines:
        raise Refused(f"street of the {whose}: expected one, found none")
    if len(lines) > 2 or any(len(line) > width for line in lines):
        lines = wrap(", ".join(lines), width, break_long_words=False, break_on_hyphens=False)
    if len(lines) > 2 or any(len(line) > width for line in lines):
        found = sum(len(line) for line in address.lines)
        raise Refused(f"street of the {whose}: expected two lines of {width} characters, found {found} in all")
    return lines[0], lines[1] if len(lines) > 1 else ""


def limits_of(carrier: str) -> Limits:
    """The limits of a carrier; a carrier that we know no limits of says them itself."""
    return _LIMITS.get(carrier, Limits())
