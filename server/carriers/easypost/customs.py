"""What EasyPost tells customs: merchandise, whose number, worth, weight and origin are known. Pure.

Values and weights are of all units of an item, as EasyPost's pages on CustomsItem say. Not tried against EasyPost.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from server.calls.troubles import Refused
from server.carriers.easypost.units import ounces
from server.trade.customs import CustomsItem, lacking
from server.trade.shipping import Consignment

EXEMPT = "NOEEI 30.37(a)"
"""Goods of one number worth at most 2,500 USD leave the US without a filing (15 CFR 30.37(a))."""
_EXEMPT_MOST = Decimal(2500)


def customs_info(settings: Mapping[str, Any], consignment: Consignment) -> dict[str, Any]:
    """The declaration of a parcel; raise Refused naming what is missing and how it is put right."""
    signer = str(settings.get("customs_signer") or "").strip()
    if not signer:
        raise Refused("customs_signer: expected who signs for customs in the settings of the account, found none")
    missing = lacking(consignment.customs)
    if missing:
        raise Refused(missing)
    return {
        "customs_certify": True,
        "customs_signer": signer,
        "contents_type": "merchandise",
        "restriction_type": "none",
        "non_delivery_option": "return",
        "eel_pfc": _filing(settings, consignment),
        "customs_items": [_item(each) for each in consignment.customs],
    }


def _item(item: CustomsItem) -> dict[str, Any]:
    return {
        "description": item.text,
        "quantity": item.units,
        "value": float(_worth(item)),
        "currency": item.currency,
        "weight": float(ounces((item.grams or 0) * item.units)),
        "hs_tariff_number": item.hs_code,
        "origin_country": item.origin,
        "code": item.sku[:20],
    }


def _filing(settings: Mapping[str, Any], consignment: Consignment) -> str:
    said = str(settings.get("eel_pfc") or EXEMPT)
    worth: dict[str, Decimal] = {}
    for item in consignment.customs:
        worth[item.hs_code] = worth.get(item.hs_code, Decimal(0)) + _worth(item)
    most, currency = max(worth.values()), consignment.customs[0].currency
    from_us = consignment.ship_from.country.strip().upper() == "US" and currency == "USD"
    if said == EXEMPT and from_us and most > _EXEMPT_MOST:
        raise Refused(
            f"customs: goods of one number worth {most} USD leave the US with a filing (AES) only: put its number into "
            "eel_pfc of the account"
        )
    return said


def _worth(item: CustomsItem) -> Decimal:
    return (item.value or Decimal(0)) * item.units
