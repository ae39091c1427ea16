"""Shipments: one call for each package, never changed or taken back: so eBay is read before a retry."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.ebay.access import FULFILMENT, ask, fields, instant, rows
from server.domain.errors import DomainError
from server.trade.words import Answer, Word, failed

CARRIERS: Mapping[str, str] = {
    "ups": "UPS",
    "ups_mail_innovations": "UPSMailInnovations",
    "usps": "USPS",
    "fedex": "FedEx",
    "fedex_smartpost": "FedExSmartPost",
    "dhl": "DHL",
    "dhl_express": "DHLEXPRESS",
    "dhl_ecommerce": "DHLGlobalMail",
    "ontrac": "ONTRACK",
    "royal_mail": "RoyalMail",
    "parcelforce": "Parcelforce",
    "evri": "Hermes",
    "hermes": "Hermes",
    "yodel": "Yodel",
    "dpd": "DPD",
    "gls": "GLS",
    "tnt": "TNT",
    "deutsche_post": "DeutschePost",
    "postnl": "PostNL",
    "bpost": "BPost",
    "la_poste": "LAPOSTE",
    "colissimo": "Colissimo",
    "chronopost": "Chronopost",
    "mondial_relay": "MondialRelay",
    "correos": "Correos",
    "poste_italiane": "PosteItaliane",
    "swiss_post": "SwissPost",
    "austrian_post": "OsterreichischePostAG",
    "an_post": "AnPost",
    "poczta_polska": "PocztaPolska",
    "canada_post": "CPC",
    "canpar": "CanPar",
    "australia_post": "AustraliaPost",
    "startrack": "StarTrack",
    "toll": "Toll",
    "japan_post": "JapanPost",
    "china_post": "ChinaPost",
    "hongkong_post": "HongKongPost",
    "aramex": "ARAMEX",
}
"""Our words to codes of the Trading API's ShippingCarrierCodeType. "Other" is not among them, on purpose."""


def carriers_of(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """The setting ``carriers``, a table or "ours=theirs, ..."; raise DomainError("invalid")."""
    found = settings.get("carriers") or {}
    if isinstance(found, str):
        pairs = [each.partition("=") for each in found.split(",") if each.strip()]
        found = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    if not isinstance(found, Mapping) or not all(isinstance(code, str) and code for code in found.values()):
        raise DomainError("invalid", 'carriers: expected ours = "theirs"')
    return found


def tell_shipment(line: Line, word: Word) -> Answer:
    """Confirm one package; ok when eBay has this tracking number already."""
    try:
        body = _body(line, word)
        if word.tried and (there := _there(line, word, body)):
            return Answer(f"eBay has it already: {there}")
        return _confirmed(line, word, body)
    except Trouble as trouble:
        return failed(trouble)


def _confirmed(line: Line, word: Word, body: Mapping[str, Any]) -> Answer:
    try:
        reply = ask(line, "shipment", "POST", _path(word), json=body)
    except Refused:
        # It may say no because it has it: then the first try was carried out and nobody told us.
        if there := _there(line, word, body):
            return Answer(f"eBay has it already: {there}")
        raise
    return Answer(f"{reply.status} {reply.headers.get('location', '').rpartition('/')[2]}"[:120])


def _body(line: Line, word: Word) -> dict[str, Any]:
    units: Counter[str] = Counter()
    for each in word.data.get("lines") or ():
        units[str(each.get("line_id") or "")] += int(each["quantity"])
    if not units or "" in units or min(units.values()) < 1:
        raise Refused("lines: expected eBay's line ids and their units")
    body: dict[str, Any] = {
        "lineItems": [{"lineItemId": line_id, "quantity": count} for line_id, count in units.items()],
        "shippedDate": instant(_shipped_at(line, word)),
    }
    # Carrier and number go together: eBay takes both or neither.
    if number := re.sub(r"[\s-]", "", str(word.data.get("tracking_number") or "")):
        if not (number.isascii() and number.isalnum()):
            raise Refused("tracking_number: expected letters and digits, which is all that eBay takes")
        body |= {"trackingNumber": number, "shippingCarrierCode": _carrier(line, str(word.data.get("carrier") or ""))}
    return body


def _carrier(line: Line, ours: str) -> str:
    """eBay's code of the carrier; never "Other": eBay could not follow the parcel, and that counts against a seller."""
    theirs = carriers_of(line.settings).get(ours) or CARRIERS.get(ours.lower())
    if not theirs:
        raise Refused(f"carrier: {ours!r} has no code of eBay's; set it in carriers")
    return str(theirs)


def _shipped_at(line: Line, word: Word) -> float:
    """When it left; eBay takes no time in the future."""
    try:
        found = datetime.fromisoformat(str(word.data["shipped_at"]))
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (KeyError, ValueError, OverflowError):
        return line.now()
    return min(at, line.now())


def _there(line: Line, word: Word, body: Mapping[str, Any]) -> str:
    """The id of this package at eBay, empty when it has none: by its number, without one by its time and lines."""
    found = rows(fields(ask(line, "shipment", "GET", _path(word))), "fulfillments")
    number = str(body.get("trackingNumber", ""))
    for each in found:
        theirs = re.sub(r"[\s-]", "", str(each.get("shipmentTrackingNumber") or ""))
        same = theirs.upper() == number.upper() if number else not theirs and _alike(each, body)
        if same:
            return str(each.get("fulfillmentId") or number)
    return ""


def _alike(found: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    def units(lines: Any) -> list[tuple[str, int]]:
        return sorted((str(each.get("lineItemId")), int(each.get("quantity") or 1)) for each in lines or ())

    same_time = found.get("shippedDate") == body["shippedDate"]
    return same_time and units(found.get("lineItems")) == units(body["lineItems"])


def _path(word: Word) -> str:
    return f"{FULFILMENT}/order/{quote(str(word.data['order_id']), safe='')}/shipping_fulfillment"
