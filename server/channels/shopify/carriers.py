"""Our carrier codes and the names that the shop knows.

``company`` is free text there, but only a name written exactly as in its list gets a tracking link and has its delivery
followed: https://shopify.dev/docs/api/admin-graphql/2025-10/objects/FulfillmentTrackingInfo
"""

import re
from collections.abc import Mapping
from typing import Any

from server.calls.troubles import Refused
from server.channels.shopify.flags import flag

_NAMES = """
4PX|AGS|Amazon|Amazon Logistics UK|An Post|Anjun Logistics|APC|Asendia USA|Australia Post|Bluedart|Bonshaw|BPost
BPost International|Canada Post|Canpar|CDL Last Mile|China Post|Chronopost|Chukou1|Colissimo|Comingle|Coordinadora
Correios|Correos|Couriers Please|CTT|CTT Express|Cyprus Post|Delhivery|Delnext|Deutsche Post|DHL eCommerce
DHL eCommerce Asia|DHL Express|DPD|DPD Local|DPD UK|DTD Express|DX|Eagle|Estes|Evri|FedEx|GLS|GLS (US)|Japan Post
La Poste|New Zealand Post|Newgistics|PostNL|PostNord|Purolator|Royal Mail|Sagawa|Sendle|SF Express|Singapore Post
StarTrack|TNT|Toll IPEC|UPS|USPS|Whistl|Yamato|YunExpress
"""

_ALSO = {"dhl": "DHL Express", "glsus": "GLS (US)", "fedexground": "FedEx", "fedexhomedelivery": "FedEx"}


def _key(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code.lower())


NAMES: Mapping[str, str] = {_key(name): name for name in _NAMES.replace("\n", "|").split("|") if name} | _ALSO
"""By our code without its separators: dhl_express is dhlexpress."""


def company(settings: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The shop's name for the carrier of a shipment; raise Refused where nobody has said what it is called there."""
    code = str(data.get("carrier") or "")
    ours = settings.get("carriers")
    if isinstance(ours, Mapping) and (chosen := ours.get(code)):
        return str(chosen)
    if found := NAMES.get(_key(code)):
        return found
    if flag(settings, "any_carrier", False) and (name := str(data.get("carrier_name") or code)):
        return name
    raise Refused(f"carrier: expected one that the shop knows or one of the setting carriers, found {code[:40]!r}")
