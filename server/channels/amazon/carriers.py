"""Amazon's carrier codes (Seller Central, help page 641 "Shipping confirmation template", state of 2026)."""

import re
from collections.abc import Mapping
from typing import Any

from server.calls.troubles import Refused

CODES = (
    "4PX", "Aramex", "Blue Package", "Canada Post", "China Post", "City Link", "DHL", "DHL eCommerce",
    "DHL Global Mail", "Fastway", "FedEx", "FedEx SmartPost", "GLS", "GO!", "Hermes Logistik Gruppe", "Lasership",
    "Newgistics", "NipponExpress", "Ninjavan", "OnTrac", "OSM", "Parcelforce", "Qxpress", "Royal Mail",
    "SagawaExpress", "SF Express", "Singapore Post", "Streamlite", "Target", "TNT", "UPS", "UPS Mail Innovations",
    "UPSMI", "USPS", "YamatoTransport", "Yanwen",
)  # fmt: skip
"""Every code but "Other", which counts against the seller's valid tracking rate and is never chosen by itself."""

_OTHER = re.compile(r"other\s*:\s*(\S.*)", re.IGNORECASE)


def _plain(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code.casefold())


_OURS = {_plain(code): code for code in CODES}


def carrier(settings: Mapping[str, Any], code: str) -> dict[str, str]:
    """``carrierCode`` and, beside "Other", ``carrierName``; raise Refused for one that nobody mapped.

    A setting may name a code that Amazon added since, or "Other: Name" where it has none.
    """
    table = settings.get("carriers")
    theirs = str(table.get(code) or "").strip() if isinstance(table, Mapping) else ""
    if named := _OTHER.fullmatch(theirs):
        return {"carrierCode": "Other", "carrierName": named[1]}
    if _plain(theirs) == "other":
        raise Refused(f'carrier: expected "Other: its name" for {code!r} in the setting carriers, found {theirs!r}')
    found = _OURS.get(_plain(theirs or code)) or theirs
    if not found:
        raise Refused(f"carrier: Amazon has no code for {code!r}; say what it is in the setting carriers")
    return {"carrierCode": found}
