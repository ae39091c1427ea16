"""Shipments to Amazon: confirmShipment of Orders v0, one call for each parcel."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.amazon.api import ask
from server.channels.amazon.carriers import carrier
from server.channels.amazon.orders import order
from server.channels.amazon.setup import marketplace
from server.domain.errors import DomainError
from server.trade.words import Answer, Word, failed

_REFERENCES = 999_999_999


def tell_shipments(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Nothing is read back before a second try: the same packageReferenceId changes the package it made, or nothing."""
    return [_told(line, word) for word in words]


def package_reference(parcel: str) -> str:
    """A positive number that is the same for this parcel for ever: Amazon's key of a package within its order."""
    return str(1 + int.from_bytes(hashlib.sha256(parcel.encode()).digest()[:8], "big") % _REFERENCES)


def _told(line: Line, word: Word) -> Answer:
    ref = str(word.data.get("order_id"))
    try:
        body = {"marketplaceId": marketplace(line.settings), "packageDetail": _package(line, word)}
    except Refused as refused:
        return failed(refused)
    path = f"/orders/v0/orders/{quote(ref, safe='')}/shipmentConfirmation"
    try:
        return Answer(ask(line, "confirmShipment", "POST", path, json=body).text())
    except Refused as refused:
        return _known(line, ref, str(word.data.get("tracking_number")), refused)
    except Trouble as trouble:
        return failed(trouble)


def _known(line: Line, ref: str, tracking: str, refused: Refused) -> Answer:
    """Whether Amazon has it all the same: from a person at Seller Central, or from a try whose answer was lost.

    Of an order that is all shipped Amazon was seen to refuse the change of a package (PackageToUpdateNotFound, issue
    5037 of amzn/selling-partner-api-models).
    """
    try:
        found = order(line, ref)
    except (Trouble, DomainError):
        return failed(refused)
    return Answer("Amazon knows this tracking number") if found and tracking in found.tracking else failed(refused)


def _package(line: Line, word: Word) -> dict[str, Any]:
    data = word.data
    tracking = str(data.get("tracking_number") or "")
    if not tracking:
        raise Refused("tracking_number: expected one, found none")
    return {
        "packageReferenceId": package_reference(str(data.get("parcel_id") or word.id)),
        **carrier(line.settings, str(data.get("carrier") or "")),
        **_method(line.settings, str(data.get("service") or "")),
        "trackingNumber": tracking,
        "shipDate": _ship_date(str(data.get("shipped_at") or word.timestamp)),
        "orderItems": _items(data),
    }


def _items(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    units: Counter[str] = Counter()
    for each in data.get("lines") or ():
        if not each.get("line_id"):
            raise Refused(f"lines: expected Amazon's order item id for {each.get('sku')!r}, found none")
        units[str(each["line_id"])] += int(each.get("quantity") or 0)
    items = [{"orderItemId": line_id, "quantity": quantity} for line_id, quantity in units.items() if quantity > 0]
    if not items:
        raise Refused("lines: expected something that left, found nothing")
    return items


def _method(settings: Mapping[str, Any], service: str) -> dict[str, str]:
    table = settings.get("services")
    theirs = str((table.get(service) if isinstance(table, Mapping) else "") or service)
    return {"shippingMethod": theirs} if theirs else {}


def _ship_date(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"shipped_at: expected an ISO 8601 time, found {text[:40]!r}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
