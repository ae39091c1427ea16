"""Our carrier codes in the shop's words. Both lists are open: what is not on them goes under its own name."""

from collections.abc import Mapping
from typing import Any

from server.calls.troubles import Refused

PROVIDERS: Mapping[str, str] = {
    "canada_post": "Canada Post",
    "dhl": "DHL US",
    "dhl_parcel_uk": "DHL Parcel UK",
    "dpd_uk": "DPD.co.uk",
    "fedex": "Fedex",
    "ontrac": "OnTrac",
    "parcelforce": "ParcelForce",
    "royal_mail": "Royal Mail",
    "ups": "UPS",
    "usps": "USPS",
}
"""The Shipment Tracking plugin's names: with them it makes the tracking link itself."""

KEYS: Mapping[str, str] = {
    "canada_post": "canada-post",
    "dhl": "dhl",
    "dpd": "dpd",
    "fedex": "fedex",
    "lasership": "lasership-ontrac",
    "ontrac": "lasership-ontrac",
    "royal_mail": "royal-mail",
    "ups": "ups",
    "usps": "usps",
}
"""Keys of the shipping providers in WooCommerce 10's fulfilments."""


def name_of(settings: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """What a buyer reads. Raise Refused where nobody gave this carrier a name: a bare code helps no buyer."""
    code = str(data.get("carrier") or "")
    mapped = (settings.get("carriers") or {}).get(code) or PROVIDERS.get(code)
    name = str(mapped or data.get("carrier_name") or "")
    if not name or (mapped is None and name == code):
        raise Refused(f"carrier: expected one with a name, found {code[:40]!r}; add it to the setting carriers")
    return name


def provider_of(settings: Mapping[str, Any], data: Mapping[str, Any]) -> str | None:
    """The plugin's own name for it; None: it goes as a custom provider."""
    name = name_of(settings, data)
    return name if name in PROVIDERS.values() else None


def key_of(settings: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The provider of a fulfilment: its key, or the name in plain text, which templates print as it is."""
    code = str(data.get("carrier") or "")
    mapped = (settings.get("carriers") or {}).get(code)
    return str(mapped or KEYS.get(code) or name_of(settings, data))
