"""Acknowledging, shipping and cancelling. Walmart has no idempotency key: the order is read before it is told anything.

Shipping charges the buyer, and only an acknowledged order can be shipped.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Refused
from server.channels.walmart.carriers import carrier_name, method_code
from server.channels.walmart.client import call
from server.channels.walmart.each import each
from server.channels.walmart.orders import fetch
from server.channels.walmart.reading import LineNow, lines_now
from server.trade.words import Answer, Word

REASONS = {
    "pricing_error": "SELLER_CANCEL_PRICING_ERROR",
    "fraud": "SELLER_CANCEL_FRAUD_STOP_SHIPMENT",
    "cannot_deliver": "SELLER_CANCEL_ADDRESS_NOT_SERVICEABLE",
    "customer": "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
}
"""Every other reason is told as SELLER_CANCEL_OUT_OF_STOCK: the list is closed."""

OUT_OF_STOCK = "SELLER_CANCEL_OUT_OF_STOCK"
SELLER_ORDER_ID_MAX = 30


def tell_ack(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Each order acknowledged; at once ok where it is already."""
    return each(words, lambda word: _acknowledged(line, word))


def tell_shipments(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Each parcel confirmed, exactly once by its tracking number."""
    return each(words, lambda word: _shipped(line, word))


def tell_cancels(line: Line, words: Sequence[Word]) -> list[Answer]:
    """Each cancel, exactly once by what was cancelled before the first try."""
    return each(words, lambda word: _cancelled(line, word))


def _acknowledged(line: Line, word: Word) -> Answer:
    if word.tried and not _waiting(_now(line, word)[1]):
        return Answer("acknowledged already")
    return Answer(_acknowledge(line, _order_id(word)))


def _shipped(line: Line, word: Word) -> Answer:
    data, tracking = word.data, str(word.data.get("tracking_number") or "")
    name, url = carrier_name(line.settings, str(data.get("carrier") or ""), tracking)
    if not tracking:
        raise Refused("tracking_number: expected one, found nothing")
    raw, lines = _now(line, word)
    units = {number: count - lines[number].under(tracking) for number, count in _units(word, lines).items()}
    units = {number: count for number, count in units.items() if count > 0}
    if not units:
        return Answer(f"has {tracking} already")
    if _waiting(lines):
        _acknowledge(line, _order_id(word))
    info = {
        "shipDateTime": _milliseconds(str(data.get("shipped_at") or ""), line.now()),
        "carrierName": name,
        "methodCode": method_code(line.settings, str(data.get("service") or ""), _promised(raw)),
        "trackingNumber": tracking,
    } | ({"trackingURL": url} if url else {})
    seller_order = str(raw.get("sellerOrderId") or _order_id(word))[:SELLER_ORDER_ID_MAX]
    told = [_shipment_line(lines[number], count, info, seller_order) for number, count in units.items()]
    body = {"orderShipment": {"orderLines": {"orderLine": told}}}
    reply = call(line, "shipping", "POST", _path(word, "shipping"), json=body)
    # The answer is the whole order with its address: none of it belongs into a record.
    return Answer(f"{reply.status} shipped {sum(units.values())} units of {len(units)} lines under {tracking}")


def _cancelled(line: Line, word: Word) -> Answer:
    _, lines = _now(line, word)
    key = f"cancel:{word.id}"
    before: Mapping[str, int] | None = line.memory.get(key) if word.tried else None
    if before is None:
        before = {number: found.units("Cancelled") for number, found in lines.items()}
        line.memory.put(key, before)
    told = _told(word, lines)
    units = {
        number: min(found.open, told.get(number, 0) - max(0, found.units("Cancelled") - before.get(number, 0)))
        if told
        else found.open
        for number, found in lines.items()
    }
    units = {number: count for number, count in units.items() if count > 0}
    if not units:
        line.memory.put(key, None)
        return Answer("cancelled already")
    reason = _reason(line.settings, str(word.data.get("reason") or ""))
    rows = [_cancel_line(number, count, reason) for number, count in units.items()]
    body = {"orderCancellation": {"orderLines": {"orderLine": rows}}}
    reply = call(line, "cancel", "POST", _path(word, "cancel"), json=body)
    line.memory.put(key, None)
    return Answer(f"{reply.status} cancelled {sum(units.values())} units of {len(units)} lines")


def _now(line: Line, word: Word) -> tuple[Mapping[str, Any], dict[str, LineNow]]:
    raw = fetch(line, _order_id(word))
    if raw is None:
        raise Refused("order: expected one with this purchaseOrderId at Walmart, found none")
    return raw, lines_now(raw)


def _waiting(lines: Mapping[str, LineNow]) -> bool:
    return any(found.units("Created") for found in lines.values())


def _acknowledge(line: Line, order_id: str) -> str:
    reply = call(line, "acknowledge", "POST", f"/v3/orders/{quote(order_id, safe='')}/acknowledge")
    return f"{reply.status} acknowledged"


def _units(word: Word, lines: Mapping[str, LineNow]) -> dict[str, int]:
    """Units to ship by line; all that is open where the word names no lines. Raise Refused for a line it has not."""
    told = _told(word, lines)
    return told or {number: found.open for number, found in lines.items() if found.open}


def _told(word: Word, lines: Mapping[str, LineNow]) -> dict[str, int]:
    units: dict[str, int] = {}
    for each_line in word.data.get("lines") or ():
        number, count = str(each_line.get("line_id") or ""), int(each_line.get("quantity") or 0)
        if number not in lines:
            raise Refused(f"line_id: expected a line of the order, found {number[:40]!r}")
        units[number] = units.get(number, 0) + count
    return units


def _shipment_line(found: LineNow, count: int, info: Mapping[str, Any], seller_order: str) -> dict[str, Any]:
    return {
        "lineNumber": found.number,
        "sellerOrderId": seller_order,
        # The parcel has left: the buyer's wish to cancel came too late, and Walmart wants that said.
        "intentToCancelOverride": found.unwanted,
        "orderLineStatuses": {
            "orderLineStatus": [{"status": "Shipped", "statusQuantity": _each(count), "trackingInfo": dict(info)}]
        },
    }


def _cancel_line(number: str, count: int, reason: str) -> dict[str, Any]:
    status = {"status": "Cancelled", "cancellationReason": reason, "statusQuantity": _each(count)}
    return {"lineNumber": number, "orderLineStatuses": {"orderLineStatus": [status]}}


def _each(count: int) -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": str(count)}


def _reason(settings: Mapping[str, Any], reason: str) -> str:
    mapped = settings.get("cancel_reasons")
    chosen = mapped.get(reason) if isinstance(mapped, Mapping) else None
    return str(chosen or REASONS.get(reason, OUT_OF_STOCK))


def _promised(raw: Mapping[str, Any]) -> str:
    info = raw.get("shippingInfo")
    return str(info.get("methodCode") or "") if isinstance(info, Mapping) else ""


def _milliseconds(text: str, now: float) -> int:
    """When it left; never in the future, which Walmart does not take."""
    try:
        return int(min(datetime.fromisoformat(text).timestamp(), now) * 1000)
    except ValueError:
        return int(now * 1000)


def _order_id(word: Word) -> str:
    return str(word.data["order_id"])


def _path(word: Word, what: str) -> str:
    return f"/v3/orders/{quote(_order_id(word), safe='')}/{what}"
