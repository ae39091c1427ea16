"""Shipments. The shop has no key for them: after an answer that was lost, we read what it holds before we send."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Trouble
from server.channels.shopify import questions
from server.channels.shopify.asking import ask, gid, number_of, said
from server.channels.shopify.carriers import company
from server.channels.shopify.flags import flag
from server.channels.shopify.parts import parcels_of, places_of
from server.channels.shopify.reading import moment, part, parts, text, whole
from server.trade.words import Answer, Word, failed

Units = Counter[str]
"""Units by line id."""

CLOCKS_DIFFER = 60.0
"""Seconds."""


def tell(line: Line, word: Word) -> Answer:
    """Confirm one parcel: one call for each location that owes something of it."""
    try:
        return _told(line, word)
    except Trouble as trouble:
        return failed(trouble)


def _told(line: Line, word: Word) -> Answer:
    name = company(line.settings, word.data)
    order = gid("Order", str(word.data["order_id"]))
    wanted: Units = Counter()
    for each in word.data["lines"]:
        wanted[str(each["line_id"])] += int(each["quantity"])
    if word.tried:
        wanted -= _known(line, word, order, wanted)
        if not wanted:
            return Answer("the shop has this shipment already")
    sent: list[str] = []
    for rows in _by_location(places_of(line, order), wanted).values():
        try:
            sent.append(_send(line, word, name, rows))
        except Trouble as trouble:
            if sent:
                # Part of the parcel is confirmed: whatever comes next has to look first.
                raise Away(
                    f"{len(sent)} of the parcel's locations done: {trouble.detail}", maybe_done=True
                ) from trouble
            raise
    return Answer(", ".join(sent))


def _known(line: Line, word: Word, order: str, wanted: Units) -> Units:
    """Units that the shop holds under this tracking number; without a number, in parcels that look like this one."""
    tracking, found = str(word.data.get("tracking_number") or ""), Counter[str]()
    for parcel in parcels_of(line, order):
        if parcel.get("status") == "CANCELLED":
            continue
        numbers = {number for info in parts(parcel, "trackingInfo") if (number := text(info, "number"))}
        units: Units = Counter()
        for each in parts(parcel, "fulfillmentLineItems"):
            units[number_of(text(part(each, "lineItem"), "id"))] += int(each.get("quantity") or 0)
        ours = tracking in numbers if tracking else not numbers and (moment(parcel, "createdAt") or 0) >= _since(word)
        if ours and (tracking or units <= wanted - found):
            found += units
    return found


def _since(word: Word) -> float:
    """When the word was made; the shop's clock may be behind ours."""
    try:
        return datetime.fromisoformat(word.timestamp).timestamp() - CLOCKS_DIFFER
    except ValueError:
        return 0.0


def _by_location(places: Iterable[Mapping[str, Any]], wanted: Units) -> dict[str, list[tuple[str, str, int]]]:
    """Rows (fulfilment order, its line, units) by location; raise Refused for units that no open place owes."""
    left, found, held = Counter(wanted), defaultdict(list), set()
    for place in places:
        location = text(part(part(place, "assignedLocation"), "location"), "id")
        open_ = any(action.get("action") == "CREATE_FULFILLMENT" for action in parts(place, "supportedActions"))
        for each in parts(place, "lineItems"):
            line_id = number_of(text(part(each, "lineItem"), "id"))
            units = min(left[line_id], whole(each, "remainingQuantity"))
            if units <= 0:
                continue
            if not open_:
                held.add(text(place, "status"))
                continue
            left[line_id] -= units
            found[location].append((text(place, "id"), text(each, "id"), units))
    if missing := +left:
        why = f", others are {', '.join(sorted(held))}" if held else ""
        lines = ", ".join(f"{units} of line {line_id}" for line_id, units in sorted(missing.items()))
        raise Refused(f"lines: expected units that are open there, found too few: {lines}{why}")
    return found


def _send(line: Line, word: Word, name: str, rows: Sequence[tuple[str, str, int]]) -> str:
    by_place: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, item, units in rows:
        by_place[place].append({"id": item, "quantity": units})
    # The shop has no field for the service, and stamps the time itself.
    tracking: dict[str, Any] = {"company": name}
    if number := word.data.get("tracking_number"):
        tracking["number"] = str(number)
    fulfillment = {
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": place, "fulfillmentOrderLineItems": items} for place, items in by_place.items()
        ],
        "trackingInfo": tracking,
        "notifyCustomer": flag(line.settings, "notify_customer", True),
    }
    made = part(ask(line, questions.SHIP, fulfillment=fulfillment), "fulfillmentCreate")
    if errors := parts(made, "userErrors"):
        raise Refused(f"shipment: {said(errors)}")
    return f"fulfilment {number_of(text(part(made, 'fulfillment'), 'id'))}"
