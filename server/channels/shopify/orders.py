"""Orders: what the shop shows of one, and which of them changed."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.channels.shopify import questions
from server.channels.shopify.asking import ask, gid, number_of
from server.channels.shopify.parts import lines_of, parcels_of, places_of
from server.channels.shopify.reading import broken, minor, moment, more, part, parts, price, text, whole
from server.domain.errors import DomainError
from server.trade.moments import stamp
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine
from server.trade.pages import each_read
from server.trade.words import OrderPage

OVERLAP = 120.0
"""Seconds that a look goes back behind the newest change it knows: the shop's index lags behind its orders."""

START_OVERLAP = 900.0
"""The same behind our own clock, which the first look begins with."""

_OPEN = "status:open AND NOT fulfillment_status:fulfilled"
_PAYMENT = {
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "paid",
    "REFUNDED": "paid",
    "PARTIALLY_PAID": "part_paid",
    "PENDING": "unpaid",
    "AUTHORIZED": "unpaid",
    "EXPIRED": "failed",
    "VOIDED": "failed",
}
"""AUTHORIZED: the money is only reserved. A shop that captures when it ships lets its unpaid orders through."""

_MADE_FOR = re.compile(r"personali[sz]ation", re.IGNORECASE)
_GIFT = re.compile(r"gift.*(message|note|text)", re.IGNORECASE)


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """See Platform. First all open orders by number, then whatever changed, oldest change first.

    The cursor: ``since``, the shop's time (seconds) that the look goes back to; ``newest`` change seen; ``after``.
    """
    opening = cursor.get("opening", not cursor)
    since = float(cursor.get("since", line.now() - START_OVERLAP))
    query = _OPEN if opening else f"updated_at:>='{stamp(since)}'"
    data = ask(
        line,
        questions.ORDERS,
        first=questions.ORDERS_A_PAGE,
        after=cursor.get("after"),
        query=query,
        sort="ID" if opening else "UPDATED_AT",
    )
    orders, unread = each_read(line.channel, parts(data, "orders"), lambda raw: _completed(line, raw), _id_of)
    newest = max([float(cursor.get("newest", 0)), *(order.changed_at for order in orders if not opening)])
    after = more(data, "orders")
    if after is not None:
        return OrderPage(
            orders=orders,
            cursor={"opening": opening, "since": since, "newest": newest, "after": after},
            more=True,
            unread=unread,
        )
    return OrderPage(orders=orders, cursor={"since": max(since, newest - OVERLAP)}, unread=unread)


def order(line: Line, ref: str) -> ChannelOrder | None:
    """See Platform. ``ref``: the order's number, or the global id of one of its fulfilment orders."""
    if ref.startswith("gid://shopify/FulfillmentOrder/"):
        place = part(ask(line, questions.OF_PLACE, id=ref), "fulfillmentOrder")
        ref = number_of(text(place, "orderId"))
    if not re.fullmatch(r"[0-9]{1,20}", ref):
        return None
    raw = part(ask(line, questions.ORDER, id=gid("Order", ref)), "order")
    return _completed(line, raw) if raw else None


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """See Platform. ``raw``: an Order with the fields of ``questions.ORDER``."""
    currency, cancelled = text(raw, "currencyCode"), moment(raw, "cancelledAt") is not None
    payment = _PAYMENT.get(text(raw, "displayFinancialStatus"), "unpaid")
    places = [place for place in parts(raw, "fulfillmentOrders") if place.get("status") != "CANCELLED"]
    elsewhere = bool(places) and all(_serviced(place) for place in places)
    sold = [] if cancelled else _sold(raw, elsewhere)
    handed_over = _handed_over(raw, sold)
    changed = moment(raw, "updatedAt")
    if changed is None:
        broken("updatedAt", "an ISO 8601 time", None)
    incoming = IncomingOrder(
        order_id=_number(raw, "Order"),
        placed_at=moment(raw, "createdAt"),
        paid=payment == "paid",
        payment=payment,
        currency=currency,
        amount_due=_positive(minor(raw, "currentTotalPriceSet", currency)),
        amount_paid=_positive(minor(raw, "netPaymentSet", currency)) or 0,
        ship_by=min((at for place in places if (at := moment(place, "fulfillBy")) is not None), default=None),
        deliver_by=min(
            filter(None, (moment(part(p, "deliveryMethod"), "maxDeliveryDateTime") for p in places)), default=None
        ),
        carrier="",
        service=_plain(text(part(raw, "shippingLine"), "title") or text(part(raw, "shippingLine"), "code")),
        note=text(raw, "note"),
        gift_message=_gift(parts(raw, "customAttributes")),
        ship_to=_ship_to(raw),
        lines=tuple(sold),
        raw=raw,
        fulfilment="channel" if elsewhere else "own",
        fraud=part(raw, "risk").get("recommendation") == "CANCEL",
    )
    return ChannelOrder(
        order=incoming,
        changed_at=changed,
        cancelled=cancelled,
        handed_over=handed_over,
        asks=_holds(places) if sold and not handed_over else "",
        paid_back=handed_over and text(raw, "displayFinancialStatus") in {"REFUNDED", "PARTIALLY_REFUNDED"},
        tracking=frozenset(
            number
            for parcel in parts(raw, "fulfillments")
            if parcel.get("status") != "CANCELLED"
            for info in parts(parcel, "trackingInfo")
            if (number := text(info, "number"))
        ),
    )


# --- the whole of an order --------------------------------------------------------------------------------------------


def _completed(line: Line, raw: Mapping[str, Any]) -> ChannelOrder:
    """The order, read on where a page does not show enough of it."""
    found = dict(raw)
    if (after := more(raw, "lineItems")) is not None:
        found["lineItems"] = {"nodes": [*parts(raw, "lineItems"), *lines_of(line, text(raw, "id"), after)]}
    places = parts(raw, "fulfillmentOrders")
    mixed = len({_serviced(place) for place in places}) > 1 or more(raw, "fulfillmentOrders") is not None
    parcels = parts(raw, "fulfillments")
    refunded = any(whole(sold, "currentQuantity") != whole(sold, "quantity") for sold in parts(found, "lineItems"))
    if mixed or (parcels and refunded) or len(parcels) >= questions.PARCELS_A_PAGE:
        found["fulfillments"] = parcels_of(line, text(raw, "id"))
    if mixed:
        found["fulfillmentOrders"] = {"nodes": places_of(line, text(raw, "id"))}
    return read_order(found)


def _sold(raw: Mapping[str, Any], elsewhere: bool) -> list[SoldLine]:
    """What is wanted of us in all. Units that were refunded after they had left stay wanted: they were ours to ship."""
    parcels = [parcel for parcel in parts(raw, "fulfillments") if parcel.get("status") != "CANCELLED"]
    counted = all("fulfillmentLineItems" in parcel for parcel in parcels)
    shipped = _units(parcels, "fulfillmentLineItems", "quantity") if counted else None
    places = [] if elsewhere else [p for p in parts(raw, "fulfillmentOrders") if _serviced(p)]
    others = _units(places, "lineItems", "totalQuantity")
    lines = []
    for item in parts(raw, "lineItems"):
        if item.get("requiresShipping") is False:
            continue
        id_ = text(item, "id")
        wanted = _wanted(item, None if shipped is None else shipped[id_], bool(parcels)) - others[id_]
        if wanted > 0:
            lines.append(_line(item, wanted))
    return lines


def _wanted(item: Mapping[str, Any], shipped: int | None, parcels: bool) -> int:
    ordered, now, left = (whole(item, name) for name in ("quantity", "currentQuantity", "unfulfilledQuantity"))
    if not parcels:
        return min(now, left)
    if now == ordered:
        return ordered
    return now if shipped is None else min(ordered, shipped + left)


def _line(item: Mapping[str, Any], wanted: int) -> SoldLine:
    # A variant without a SKU still has a name that its listing goes by too.
    variant = number_of(text(part(item, "variant"), "id"))
    return SoldLine(
        sku=text(item, "sku") or (f"variant-{variant}" if variant else ""),
        quantity=wanted,
        line_id=_number(item, "LineItem"),
        title=text(item, "name"),
        price=price(item, "originalUnitPriceSet"),
        personalisation=_made_for(parts(item, "customAttributes")),
    )


def _units(holders: list[Mapping[str, Any]], name: str, count: str) -> Counter[str]:
    """Units by the line's global id."""
    found: Counter[str] = Counter()
    for holder in holders:
        for each in parts(holder, name):
            found[text(part(each, "lineItem"), "id")] += whole(each, count)
    return found


def _holds(places: list[Mapping[str, Any]]) -> str:
    """Who holds it back, and notes of the reason, may be personal: only the code is told."""
    held = [place for place in places if place.get("status") == "ON_HOLD" and not _serviced(place)]
    codes = sorted({text(hold, "reason") for place in held for hold in parts(place, "fulfillmentHolds")} - {""})
    return f"Shopify holds it back ({', '.join(codes) or 'no reason given'}): see there why" if held else ""


def _serviced(place: Mapping[str, Any]) -> bool:
    """Whether somebody else's warehouse fulfils it."""
    return part(part(place, "assignedLocation"), "location").get("isFulfillmentService") is True


def _handed_over(raw: Mapping[str, Any], sold: list[SoldLine]) -> bool:
    if not sold or not parts(raw, "fulfillments"):
        return False
    items = [item for item in parts(raw, "lineItems") if item.get("requiresShipping") is not False]
    return all(whole(item, "unfulfilledQuantity") == 0 for item in items)


def _ship_to(raw: Mapping[str, Any]) -> ShipTo:
    found = part(raw, "shippingAddress")
    if not found:
        return ShipTo()
    return ShipTo(
        name=text(found, "name"),
        company=text(found, "company"),
        lines=tuple(each for each in (text(found, "address1"), text(found, "address2")) if each),
        city=text(found, "city"),
        region=text(found, "provinceCode") or text(found, "province"),
        postcode=text(found, "zip"),
        country=text(found, "countryCodeV2"),
        phone=text(found, "phone") or text(raw, "phone"),
        email=text(raw, "email"),
    )


def _made_for(attributes: list[Mapping[str, Any]]) -> str:
    """What the buyer asked for on this line; keys that begin with _ are the theme's own."""
    shown = [(text(each, "key"), text(each, "value")) for each in attributes]
    shown = [(key, value) for key, value in shown if value and not key.startswith("_")]
    if len(shown) == 1 and _MADE_FOR.fullmatch(shown[0][0]):
        return shown[0][1]
    return "\n".join(f"{key}: {value}" for key, value in shown)


def _gift(attributes: list[Mapping[str, Any]]) -> str:
    return "\n".join(text(each, "value") for each in attributes if _GIFT.search(text(each, "key")))


def _id_of(raw: Mapping[str, Any]) -> object:
    number = number_of(str(raw.get("id")))
    return number if re.fullmatch(r"[0-9]{1,20}", number) else None


def _number(raw: Mapping[str, Any], kind: str) -> str:
    found = number_of(text(raw, "id"))
    if not re.fullmatch(r"[0-9]{1,20}", found):
        raise DomainError("malformed", f"id: expected gid://shopify/{kind}/ and a number, found something else")
    return found


def _positive(units: int | None) -> int | None:
    return None if units is None else max(0, units)


def _plain(words: str) -> str:
    return "".join(c for c in words if c.isprintable())[:64]
