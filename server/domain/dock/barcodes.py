"""The tracking number inside a longer carrier barcode, and the SSCC of a pallet.

Carriers print more than the number into the barcode of a label: a destination, a service, a customer. Where each
format keeps the number is from the carriers' label guides; whether it is a number of ours is for the caller to see.
"""

import re
from itertools import chain

_UPS = re.compile(r"1Z[0-9A-Z]{16}")
_DPD = re.compile(r"[0-9]{7}([0-9]{14})[0-9]{6}[0-9A-Z]?")
"""Destination, number, service and country, check digit."""
_LEAST, _AROUND = 10, 4
"""Characters of a number that is told from a part of another one, and how many more its carrier prints at least."""
SSCC_DIGITS = 18


def readings(payload: str) -> tuple[str, ...]:
    """Every number this code may stand for, the whole code first; upper case, letters and digits only."""
    text = _plain(payload)
    dpd = _DPD.fullmatch(text)
    inside = _digits(text) if text.isdecimal() else ()
    return tuple(dict.fromkeys(chain((payload, text), _UPS.findall(text), dpd.groups() if dpd else (), inside)))


def stands_for(payload: str, number: str) -> bool:
    """Whether this code is on the label with this number: just the number, or more printed around it by any carrier.

    For who knows the one number that is expected; ``readings`` are for finding a parcel among many.
    """
    text, wanted = _plain(payload), _plain(number)
    if not wanted or wanted == text or wanted in readings(payload):
        return bool(wanted)
    return len(wanted) >= _LEAST and len(text) >= len(wanted) + _AROUND and wanted in text


def _plain(code: str) -> str:
    return "".join(c for c in code.upper() if c.isascii() and c.isalnum())


def sscc_of(payload: str) -> str:
    """The 18 digits of an SSCC (application identifier 00, or bare), or nothing."""
    digits = "".join(c for c in payload if c.isascii() and c.isalnum())
    if digits.isdecimal() and len(digits) == SSCC_DIGITS + 2 and digits.startswith("00"):
        digits = digits[2:]
    return digits if len(digits) == SSCC_DIGITS and digits.isdecimal() else ""


def _digits(text: str) -> tuple[str, ...]:
    found: list[str] = []
    if text.startswith("420"):
        # USPS: routing (420) with a ZIP of 5 or 9 digits, then a number of 20 to 26 digits.
        found += [rest for rest in (text[8:], text[12:]) if len(rest) in (20, 22, 26)]
    if text.startswith("91") and len(text) == 22:
        # Older USPS labels are known with and without their application identifier.
        found.append(text[2:])
    if len(text) == 34:
        # FedEx: the number is at the end, padded with zeros to 14 digits. Ground prints 96 before it.
        found += [text[-12:], text[-14:], text[-15:]]
    if len(text) == 32 and text.startswith("3"):
        found.append(text[16:28])  # FedEx ASTRA
    if len(text) == 22 and text.startswith("96"):
        found.append(text[-15:])  # FedEx Ground 96
    if len(text) in (20, 18) and text.startswith("00"):
        found.append(text[2:])  # an SSCC
    return tuple(found)
