"""A parcel as EasyPost prices it, and its rates in our words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from printing.documents import Address
from server.calls.troubles import Refused
from server.carriers.easypost.api import moment, money, printable, rows
from server.carriers.easypost.customs import customs_info
from server.carriers.easypost.units import inches, ounces
from server.trade.shipping import Consignment, Quote


def shipment_of(settings: Mapping[str, Any], consignment: Consignment, reference: str = "") -> dict[str, Any]:
    """The body of a new shipment; raise Refused for a parcel that EasyPost cannot take from us."""
    if not consignment.weight_grams or consignment.weight_grams <= 0:
        raise Refused("expected a weight above 0 g, found none: weigh the parcel, or give its goods a weight")
    parcel: dict[str, Any] = {"weight": float(ounces(consignment.weight_grams))}
    if consignment.size_mm:
        sides = zip(("length", "width", "height"), consignment.size_mm, strict=True)
        parcel |= {name: float(inches(mm)) for name, mm in sides}
    body: dict[str, Any] = {
        "from_address": address(consignment.ship_from, "the site"),
        "to_address": address(consignment.ship_to, "the buyer"),
        "parcel": parcel,
        "options": {"label_format": "ZPL", "label_size": "4x6"} | _hazmat(settings, consignment),
    }
    if consignment.crosses:
        body["customs_info"] = customs_info(settings, consignment)
    if accounts := settings.get("carrier_accounts"):
        body["carrier_accounts"] = list(accounts)
    if reference:
        body["reference"] = reference
    return {"shipment": body}


def _hazmat(settings: Mapping[str, Any], consignment: Consignment) -> dict[str, str]:
    if not consignment.hazmat:
        return {}
    if not settings.get("hazmat"):
        raise Refused("dangerous goods: this account has no setting hazmat, the word by which EasyPost declares them")
    return {"hazmat": str(settings["hazmat"])}


def address(of: Address, whose: str) -> dict[str, str]:
    """An address in EasyPost's fields; raise Refused where it has no street, postcode or country."""
    for name, found in (("street", of.lines), ("postcode", of.postcode), ("country", of.country)):
        if not found:
            raise Refused(f"expected a {name} in the address of {whose}, found none")
    told = {
        "name": of.name,
        "company": of.company,
        "street1": of.lines[0],
        "street2": ", ".join(of.lines[1:]),
        "city": of.city,
        "state": of.region,
        "zip": of.postcode,
        "country": of.country,
        "phone": of.phone,
    }
    return {name: text for name, text in told.items() if text}


def code_of(rate: Mapping[str, Any]) -> str:
    """A service as it is bought: EasyPost's carrier and service, such as USPS.GroundAdvantage."""
    carrier, service = printable(rate.get("carrier")), printable(rate.get("service"))
    return f"{carrier}.{service}" if carrier and service else ""


def meant(settings: Mapping[str, Any], service: str) -> str:
    """EasyPost's service for one of ours (setting ``services``); one that is not named there is EasyPost's own."""
    return str((settings.get("services") or {}).get(service, service))


def cheapest(shipment: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The cheapest rate of each service: two of the owner's accounts may offer the same."""
    found: dict[str, Mapping[str, Any]] = {}
    for rate in rows(shipment, "rates"):
        code, price = code_of(rate), money(rate.get("rate"))
        if not code or price is None or len(code) > 64 or not printable(rate.get("id")):
            continue
        before = money(found[code].get("rate")) if code in found else None
        if before is None or price < before:
            found[code] = rate
    return found


def quotes(shipment: Mapping[str, Any], offer: str = "") -> Iterator[Quote]:
    """The rates of a shipment; ``offer`` names it when one of them is bought."""
    for code, rate in cheapest(shipment).items():
        price, currency = money(rate.get("rate")), printable(rate.get("currency"))
        if price is None or len(currency) != 3:
            continue
        yield Quote(
            service=code,
            price=price,
            currency=currency,
            name=code.replace(".", " "),
            days=_days(rate),
            arrives_by=moment(rate.get("delivery_date")),
            guaranteed=rate.get("delivery_date_guaranteed") is True,
            quote_id=offer,
        )


def _days(rate: Mapping[str, Any]) -> int | None:
    for name in ("delivery_days", "est_delivery_days"):
        days = rate.get(name)
        if isinstance(days, int) and not isinstance(days, bool) and days >= 0:
            return days
    return None


def rate_for(shipment: Mapping[str, Any], service: str) -> Mapping[str, Any]:
    """The rate to buy; raise Refused saying what there is instead and what EasyPost's carriers say."""
    offers = cheapest(shipment)
    if service in offers:
        return offers[service]
    there = f"there are {', '.join(sorted(offers))}" if offers else "there is none"
    said = _messages(rows(shipment, "messages"))
    raise Refused(f"no rate for {service!r}; {there}{f' ({said})' if said else ''}")


def _messages(found: Sequence[Mapping[str, Any]]) -> str:
    told = [f"{printable(m.get('carrier'))}: {printable(m.get('message'))}" for m in found if m.get("message")]
    return "; ".join(dict.fromkeys(told))[:300]
