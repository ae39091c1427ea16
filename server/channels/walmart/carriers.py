"""Our carriers and services in Walmart's words. Its list of carriers is closed (Orders description, trackingInfo)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from server.calls.troubles import Refused

CLOSED = frozenset(
    {
        "UPS", "USPS", "FedEx", "Airborne", "OnTrac", "DHL Ecommerce - US", "DHL", "LS", "UDS", "UPSMI", "FDX",
        "PILOT", "ESTES", "SAIA", "FDS Express", "Seko Worldwide", "HIT Delivery", "FEDEXSP", "RL Carriers",
        "Metropolitan Warehouse & Delivery", "China Post", "YunExpress", "Yellow Freight Sys",
        "AIT Worldwide Logistics", "Chukou1", "Sendle", "Landmark Global", "Sunyou", "Yanwen", "4PX", "GLS",
        "OSM Worldwide", "FIRST MILE", "AM Trucking", "CEVA", "India Post", "SF Express", "CNE", "TForce Freight",
        "AxleHire", "LSO", "Royal Mail", "ABF Freight System", "WanB", "Roadrunner Freight", "Meyer Distribution",
        "AAA Cooper", "Canada Post", "Southeastern Freight Lines", "Japan Post", "Correos de Mexico",
        "XPO Logistics", "JD Logistics", "YDH", "JCEX", "Flyt", "Deutsche Post", "Better Trucks", "Asendia", "SFC",
        "UBI", "ePost Global", "YF Logistics", "RXO", "Estes Express", "Shypmax", "WIN.IT America", "PITT OHIO",
        "PostNord Sweden", "Equick", "Whistl", "Tusou", "Shiprocket", "DTDC", "PTS",
    }
)  # fmt: skip

METHODS = ("Standard", "Express", "OneDay", "Freight", "WhiteGlove", "Value")

_SPELT = {
    "fedex_smartpost": "FEDEXSP",
    "ups_mail_innovations": "UPSMI",
    "dhl_ecommerce": "DHL Ecommerce - US",
    "dhl_express": "DHL",
    "lasership": "LS",
    "united_delivery_service": "UDS",
    "estes": "Estes Express",
    "xpo": "XPO Logistics",
    "rl": "RL Carriers",
}
"""Where ours is not simply theirs in lower case."""


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


_KNOWN = {_plain(theirs): theirs for theirs in sorted(CLOSED)} | {_plain(k): v for k, v in _SPELT.items()}


def carrier_name(settings: Mapping[str, Any], carrier: str, tracking: str) -> tuple[dict[str, str], str]:
    """(carrierName, trackingURL, often empty); raise Refused for a carrier that Walmart would not know.

    Outside the list Walmart wants ``otherCarrier`` and an address to follow the parcel: only where both are set.
    """
    chosen = str(_of(settings, "carriers").get(carrier) or "")
    known = chosen if chosen in CLOSED else "" if chosen else _KNOWN.get(_plain(carrier), "")
    if known:
        return {"carrier": known}, ""
    template = str(_of(settings, "tracking_urls").get(carrier) or "")
    if chosen and template:
        return {"otherCarrier": chosen}, template.replace("{tracking}", quote(tracking, safe=""))
    raise Refused(
        f"carrier: expected one of Walmart's list, found {carrier[:40]!r}; give it a name in the setting carriers, "
        "and an address in tracking_urls where it is not of the list"
    )


def method_code(settings: Mapping[str, Any], service: str, promised: str) -> str:
    """The shipping method: as mapped, as named, else the one the order was sold with; raise Refused."""
    chosen = str(_of(settings, "services").get(service) or "")
    if chosen and chosen not in METHODS:
        raise Refused(f"service: expected one of {', '.join(METHODS)} in the setting services, found {chosen[:40]!r}")
    named = next((method for method in METHODS if _plain(method) == _plain(service)), "")
    return chosen or named or (promised if promised in METHODS else METHODS[0])


def _of(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = settings.get(name)
    return found if isinstance(found, Mapping) else {}
