"""What a scanned code says. Never raises, and takes less than a millisecond.

The same text can be several things, and a check digit does not tell a product from a parcel: whoever asks looks the
payload up among its own codes first, and takes these readings afterwards.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from scanners import gs1, gs1_text
from scanners.framing import SIZE_MAX

_log = logging.getLogger("packproof.scanners")

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_AIM_GS1 = {"]C1", "]e0", "]d2", "]Q3", "]J1"}
_AIM_MAYBE_GS1 = {None, "]d1", "]Q1"}
"""Plain Data Matrix and QR codes often carry GS1 data by mistake; a plain Code 128 (]C0) does not."""

_AIM_OF_GTINS = ("]E", "]I")
_GLUED_SIZES = (12, 13, 14)
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_ENVELOPE = re.compile(r"[\x00-\x03\x05-\x1c\x1f\x7f-\x9f\ud800-\udfff]")
"""Control bytes but GS; the envelope of ISO/IEC 15434 (`[)>`) has RS and EOT too."""

_KILOGRAM = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Barcode:
    """Every reading of a code that survived its checks."""

    text: str
    """As framed by the reader."""

    aim: str | None
    """The symbology prefix of ISO/IEC 15424, such as `]C1`, where the scanner sends it."""

    payload: str
    """Without prefix and outer blanks, textual separators turned into GS."""

    gtin: str | None = None
    """GTIN-14, check digit proven. Of the contents (AI 02) when the code names a pallet. Never a restricted number."""

    sscc: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    best_before: date | None = None

    count: int | None = None
    """Units, from AI 30 or 37."""

    weight_grams: int | None = None
    """Net weight, from AI 310x."""

    digital_link: str | None = None

    bad_read: str | None = None
    """
    None, or why the code looks misread; only a hint, since shops have codes of their own that look like that.
    empty, too_long, control_bytes, check_digit, glued (two products in one), gs1_malformed (said to be GS1 and is not),
    separator_lost (no separator is sent and a lot or serial may hold more than itself), unreadable.
    """

    gtin_upc_e: str | None = None
    """GTIN-14 of the UPC-E reading of 8 digits, which can be right beside the EAN-8 in `gtin`: look up both."""


def parse(text: str, *, gs_as: str = "") -> Barcode:
    """All readings of `text`. `gs_as` is what the scanner sends in place of GS, such as `|` or `<GS>`, or "none"."""
    try:
        return _read(text, gs_as)
    except Exception as error:
        # A fault in a parser must not stop a bench; the code then counts as misread.
        _log.error("a code of %d characters could not be parsed: %s", len(text), type(error).__name__)
        return Barcode(text, None, text, bad_read="unreadable")


def product_key(code: str) -> str:
    """The normal form of a product code, for the catalogue and for every look-up.

    8, 12, 13 and 14 digits with the right check digit become 14 digits, so that a UPC-A is its own EAN-13;
    all else is stripped, upper-case text.
    """
    stripped = code.strip()
    return gs1.gtin_14(stripped) or stripped.upper()


def _read(text: str, gs_as: str) -> Barcode:
    if len(text) > SIZE_MAX:
        return Barcode(text, None, text, bad_read="too_long")
    aim, payload = _split_aim(text.strip(" "))
    if _is_url(payload):
        return _read_link(Barcode(text, aim, payload))
    code = Barcode(text, aim, _with_separators(payload, gs_as))
    problem = _unusable(code.payload)
    if problem:
        return replace(code, bad_read=problem)
    return _read_message(code, may_lose_separators=gs_as == "none") or _read_number(code)


def _split_aim(text: str) -> tuple[str | None, str]:
    prefix = _AIM.match(text)
    return (prefix[0], text[3:].strip(" ")) if prefix else (None, text)


def _with_separators(payload: str, gs_as: str) -> str:
    replacement = gs_as.removeprefix("text:")
    if replacement in ("", "ctrl-bracket", "f8", "f12", "alt029", "none"):
        return payload
    return payload.replace(replacement, gs1.SEPARATOR)


def _unusable(payload: str) -> str | None:
    if not payload.strip():
        return "empty"
    forbidden = _CONTROL_ENVELOPE if payload.startswith("[)>") else _CONTROL
    return "control_bytes" if forbidden.search(payload) else None


def _is_url(payload: str) -> bool:
    return payload[:8].lower().startswith(("http://", "https://"))


def _read_link(code: Barcode) -> Barcode:
    problem = _unusable(code.payload)
    elements = None if problem else gs1.link_elements(code.payload)
    if elements is None:
        return replace(code, bad_read=problem)
    return replace(_with_elements(code, elements), digital_link=code.payload)


def _read_message(code: Barcode, *, may_lose_separators: bool) -> Barcode | None:
    """The GS1 message in a code, None when it is none and was not said to be one.

    biip finds a message in almost any number: a misread EAN `4006381333932` is its AI 400. So without a GS1 prefix,
    8, 12, 13 and 14 digits are a GTIN or nothing, and other codes must begin with a number that proves itself.
    """
    said = code.aim in _AIM_GS1
    plain = gs1_text.bracketed(code.payload)
    if plain is not None:
        # Brackets are as good as a prefix: nobody writes them around anything else.
        said, code = True, replace(code, payload=plain)
    else:
        code = replace(code, payload=gs1_text.separated(code.payload, said=said))
    looks = code.aim in _AIM_MAYBE_GS1 and code.payload.lstrip(gs1.SEPARATOR).startswith(("00", "01", "02"))
    if not said and (not looks or (gs1.is_digits(code.payload) and len(code.payload) in gs1.GTIN_SIZES)):
        return None
    elements = gs1.message_elements(code.payload)
    if elements is None:
        return replace(code, bad_read="gs1_malformed") if said else None
    read = _with_elements(code, elements)
    if read.bad_read and not said:
        return None
    loose = [element.value for element in elements.values() if element.ai.separator_required]
    if may_lose_separators and any(map(gs1.may_hide_elements, loose)):
        return replace(read, bad_read="separator_lost")
    return read


def _with_elements(code: Barcode, elements: gs1.Elements) -> Barcode:
    values = {ai: element.value for ai, element in elements.items()}
    dates = {ai: element.date for ai, element in elements.items()}
    product = values.get("01") or values.get("02")
    wrong = any(element.gtin_error or element.sscc_error for element in elements.values())
    count = values.get("30") or values.get("37")
    return replace(
        code,
        gtin=gs1.catalogue_gtin(product) if product else None,
        sscc=None if wrong else values.get("00"),
        lot=values.get("10") or None,
        serial=values.get("21") or None,
        expiry=dates.get("17"),
        best_before=dates.get("15"),
        count=int(count) if count else None,
        weight_grams=_weight_grams(elements),
        bad_read="check_digit" if wrong else None,
    )


def _weight_grams(elements: gs1.Elements) -> int | None:
    for ai, element in elements.items():
        if ai.startswith("310") and element.decimal is not None:
            return int((element.decimal * _KILOGRAM).to_integral_value(ROUND_HALF_UP))
    return None


def _read_number(code: Barcode) -> Barcode:
    """A GTIN by its length and check digit, or a code this module does not know."""
    # An add-on (]E3) is the issue of a magazine; its product is the first 13 digits.
    number = code.payload[:13] if code.aim == "]E3" else code.payload
    if gs1.is_digits(number) and len(number) in gs1.GTIN_SIZES:
        return _read_gtin(code, number)
    return replace(code, bad_read="glued") if _is_glued(code) else code


def _read_gtin(code: Barcode, number: str) -> Barcode:
    upc_e = gs1.upc_e_gtin(number) if code.aim in (None, "]E0") else None
    gtin = gs1.catalogue_gtin(number)
    if code.aim == "]E0":
        # An EAN-8 would have come as ]E4.
        gtin = upc_e or gtin
    proven = bool(upc_e or gs1.gtin_14(number))
    # Code 128, Data Matrix and QR prove themselves: there, a wrong GTIN check digit only means it is not a GTIN.
    suspicious = code.aim is None or code.aim.startswith(_AIM_OF_GTINS)
    return replace(
        code,
        gtin=gtin or upc_e,
        gtin_upc_e=upc_e,
        bad_read=None if proven or not suspicious else "check_digit",
    )


def _is_glued(code: Barcode) -> bool:
    """Two products in one code, because the end of the first was lost.

    Two EAN-8 are not looked for: one parcel number of 16 digits in a hundred is two valid ones.
    """
    payload = code.payload
    if code.aim and code.aim.startswith("]E") and _AIM.search(payload):
        return True
    if code.aim not in (None, "]E0") or not gs1.is_digits(payload):
        return False
    return any(
        len(payload) - size in _GLUED_SIZES and gs1.gtin_14(payload[:size]) and gs1.gtin_14(payload[size:])
        for size in _GLUED_SIZES
    )
