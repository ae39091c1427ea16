"""GS1 numbers and messages on biip, with the guards its readings need. Every function gives None for "is not one".

Rules: GS1 General Specifications, chapters 3 (application identifiers) and 7.9 (check digits).
"""

from __future__ import annotations

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gtin import Gtin
from biip.rcn import Rcn
from biip.upc import Upc

GTIN_SIZES = (8, 12, 13, 14)
SEPARATOR = "\x1d"

Elements = dict[str, GS1ElementString]
"""Elements by application identifier, in the order of the code."""

_ELEMENTS_MAX = 12
"""No trade item label carries more; the bounds keep a hostile code from taking long."""

_LINK_PARTS_MAX = 40


def is_digits(text: str) -> bool:
    """ASCII digits only: Python's own tests also accept the digits of other scripts."""
    return text.isascii() and text.isdecimal()


def gtin_14(code: str) -> str | None:
    """8, 12, 13 or 14 digits with the right check digit, as 14 digits; restricted numbers too."""
    if len(code) not in GTIN_SIZES or not is_digits(code) or not code.strip("0"):
        return None
    return code.zfill(14) if int(code[-1]) == gs1_standard_check_digit(code[:-1]) else None


def catalogue_gtin(code: str) -> str | None:
    """Like `gtin_14`, but None for restricted circulation numbers: each site gives those a meaning of its own."""
    if gtin_14(code) is None:
        return None
    return None if isinstance(Gtin.parse(code), Rcn) else gtin_14(code)


def upc_e_gtin(code: str) -> str | None:
    """The GTIN-14 which 8 digits stand for when they are a UPC-E with the right check digit."""
    if len(code) != 8 or not is_digits(code):
        return None
    try:
        return catalogue_gtin(Upc.parse(code).as_upc_a())
    except ParseError:
        return None


def message_elements(text: str) -> Elements | None:
    """Elements of a complete GS1 message with GS (ASCII 29) as separator.

    Refuses what biip alone accepts: a variable-length element with neither a separator nor the end behind it, and
    one identifier with two values.
    """
    elements: Elements = {}
    rest = text.strip(SEPARATOR)
    for _ in range(_ELEMENTS_MAX):
        try:
            element = GS1ElementString.extract(rest)
        except ParseError:
            return None
        rest = rest[len(element) :]
        ended = not rest or rest.startswith(SEPARATOR)
        if element.ai.separator_required and not ended:
            return None
        if elements.setdefault(element.ai.ai, element).value != element.value:
            return None
        rest = rest.lstrip(SEPARATOR)
        if not rest:
            return elements
    return None


def link_elements(url: str) -> Elements | None:
    """Elements of a GS1 Digital Link; None for any other address."""
    if url.count("/") + url.count("=") > _LINK_PARTS_MAX:
        return None
    try:
        parsed = GS1DigitalLinkURI.parse(url)
    except (ParseError, ValueError):
        return None
    return {element.ai.ai: element for element in parsed.element_strings}


def may_hide_elements(value: str) -> bool:
    """Whether a value without fixed length could have swallowed the next element, where no separator is sent."""
    return any(message_elements(value[start:]) is not None for start in range(1, len(value)))
