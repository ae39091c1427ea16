"""A sale, its fulfilment orders and what is on sale, in the fields of the Admin API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server.simulated.platforms.market import Item, Line, Market, Sale, Shipment
from server.simulated.platforms.shopify.graphql import connection, first_of

PLACE, OTHER_PLACE, SERVICE = "70000000001", "70000000002", "70000000003"
"""Our location, a second one of ours, and that of a fulfilment service."""

PLACES = {PLACE: "Main warehouse", OTHER_PLACE: "Back room", SERVICE: "Fulfilment service"}
_MONEY = {
    "unpaid": "PENDING",
    "paid": "PAID",
    "refunded": "REFUNDED",
    "part_paid": "PARTIALLY_PAID",
    "authorized": "AUTHORIZED",
    "failed": "VOIDED",
}


def gid(kind: str, number: str | int) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def stamp(at: float | None) -> str | None:
    """A time as the API writes it: whole seconds."""
    return None if at is None else datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bag(cents: int) -> dict[str, Any]:
    """A money bag."""
    money = {"amount": f"{cents // 100}.{cents % 100:02}", "currencyCode": "USD"}
    return {"shopMoney": money, "presentmentMoney": money}


def place_of(market: Market, sale: Sale, line: Line) -> str:
    """Where the line is fulfilled: said of the sale, or of the item."""
    if sale.fulfilled_by != "own":
        return SERVICE
    return str(sale.extra.get("place") or market.items[line.ref].extra.get("place") or PLACE)


def places_of(market: Market, sale: Sale) -> dict[str, tuple[str, list[Line]]]:
    """Fulfilment orders: number to (location, lines). A sale that was moved has new numbers."""
    found: dict[str, tuple[str, list[Line]]] = {}
    for line in sale.lines:
        place = place_of(market, sale, line)
        number = f"{sale.number}{sale.extra.get('moved', 0):02}{place[-1]}"
        found.setdefault(number, (place, []))[1].append(line)
    return found


def sale_of(market: Market, number: str) -> Sale | None:
    """The sale with this fulfilment order, as it is routed now."""
    sale = market.sales.get(market.ref_of(int(number[:-3] or 0)))
    return sale if sale is not None and number in places_of(market, sale) else None


def order(market: Market, sale: Sale) -> dict[str, Any]:
    """An Order."""
    total = sum(line.cents * (line.quantity - line.cancelled) for line in sale.lines)
    paid = int(sale.extra.get("paid_cents", total if sale.paid == "paid" else 0))
    cancelled = sale.status == "cancelled"
    lines = [_line(sale, line) for line in sale.lines]
    return {
        "__typename": "Order",
        "id": gid("Order", sale.ref),
        "legacyResourceId": sale.ref,
        "name": f"#{sale.number}",
        "createdAt": stamp(sale.placed_at),
        "updatedAt": stamp(sale.changed_at),
        "cancelledAt": stamp(sale.changed_at) if cancelled else None,
        "cancelReason": "CUSTOMER" if cancelled else None,
        "closedAt": stamp(sale.changed_at) if sale.shipped else None,
        "test": False,
        "note": sale.note or None,
        "email": sale.buyer["email"] or None,
        "phone": None,
        "poNumber": sale.extra.get("po"),
        "sourceName": sale.extra.get("source", "web"),
        "tags": [],
        "currencyCode": "USD",
        "displayFinancialStatus": "PARTIALLY_REFUNDED" if _paid_back(sale) else _MONEY[sale.paid],
        "displayFulfillmentStatus": status_of(sale),
        "customAttributes": [{"key": "Gift message", "value": sale.gift_message}] if sale.gift_message else [],
        "currentTotalPriceSet": bag(total),
        "currentTotalTaxSet": bag(total // 11),
        "netPaymentSet": bag(paid),
        "risk": {"recommendation": sale.extra.get("risk", "ACCEPT"), "assessments": []},
        "shippingAddress": _address(sale),
        "shippingLine": {"title": sale.service, "code": sale.service, "source": "shopify", "carrierIdentifier": None},
        "lineItems": connection(lines),
        "fulfillments": first_of([parcel(sale, each) for each in sale.shipments]),
        "fulfillmentOrders": connection(
            [_place(sale, number, *found) for number, found in places_of(market, sale).items()]
        ),
        "refunds": first_of([{"id": gid("Refund", each["id"]), "note": each["note"]} for each in sale.refunds]),
        "suggestedRefund": lambda args: _plan(sale, args),
        **sale.spoilt,
    }


def place(market: Market, sale: Sale, number: str) -> dict[str, Any]:
    """A FulfillmentOrder; raise KeyError."""
    return _place(sale, number, *places_of(market, sale)[number])


def parcel(sale: Sale, shipment: Shipment) -> dict[str, Any]:
    """A Fulfillment."""
    lines = {line.line_id: line for line in sale.lines}
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", shipment.ref),
        "status": "SUCCESS",
        "createdAt": stamp(shipment.told_at),
        "trackingInfo": first_of(
            [{"company": shipment.carrier or None, "number": shipment.tracking, "url": None}]
            if shipment.tracking
            else []
        ),
        "fulfillmentLineItems": connection(
            [
                {
                    "id": gid("FulfillmentLineItem", f"{shipment.ref}{nth}"),
                    "quantity": units,
                    "lineItem": _line(sale, lines[line_id]),
                }
                for nth, (line_id, units) in enumerate(shipment.units.items())
            ]
        ),
    }


def variant(item: Item, level: Any) -> dict[str, Any]:
    """A ProductVariant."""
    number = variant_of(item)
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", number),
        "sku": item.sku if not item.extra.get("no_sku") else None,
        "barcode": item.gtin or None,
        "displayName": item.title or item.sku,
        "inventoryPolicy": "CONTINUE" if item.extra.get("oversells") else "DENY",
        "requiresComponents": bool(item.extra.get("bundle")),
        "inventoryItem": thing(item, level),
    }


def thing(item: Item, level: Any) -> dict[str, Any]:
    """An InventoryItem; ``level`` answers inventoryLevel."""
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", item.ref),
        "sku": item.sku,
        "tracked": not item.extra.get("untracked"),
        "inventoryLevel": level,
    }


def _paid_back(sale: Sale) -> bool:
    """Whether some of the money went back."""
    return sale.paid == "paid" and any(made.get("amounts") for made in sale.refunds)


def status_of(sale: Sale) -> str:
    """The order's displayFulfillmentStatus."""
    if sale.shipped and sale.shipments:
        return "FULFILLED"
    if sale.extra.get("on_hold"):
        return "ON_HOLD"
    return "PARTIALLY_FULFILLED" if any(line.shipped for line in sale.lines) else "UNFULFILLED"


def variant_of(item: Item) -> str:
    """The variant's number."""
    return f"4{item.ref}"


def _line(sale: Sale, line: Line) -> dict[str, Any]:
    returned = int(sale.extra.get("returned", {}).get(line.line_id, 0))
    made_for = [{"key": "Personalisation", "value": line.personalisation}] if line.personalisation else []
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line.line_id),
        "sku": line.sku,
        "name": line.title,
        "quantity": line.quantity,
        "currentQuantity": line.quantity - line.cancelled - returned,
        "unfulfilledQuantity": line.quantity - line.cancelled - line.shipped,
        "requiresShipping": not sale.extra.get("digital", {}).get(line.line_id, False),
        "customAttributes": made_for,
        "variant": {"id": gid("ProductVariant", f"4{line.ref}")},
        "originalUnitPriceSet": bag(line.cents),
    }


def _place(sale: Sale, number: str, location: str, lines: list[Line]) -> dict[str, Any]:
    left = sum(line.quantity - line.cancelled - line.shipped for line in lines)
    gone = any(line.shipped for line in lines)
    held = bool(sale.extra.get("on_hold"))
    status = (
        ("CLOSED" if gone else "CANCELLED") if not left else "ON_HOLD" if held else "IN_PROGRESS" if gone else "OPEN"
    )
    may = status in {"OPEN", "IN_PROGRESS"} and location != SERVICE
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", number),
        "orderId": gid("Order", sale.ref),
        "status": status,
        "fulfillBy": stamp(sale.ship_by),
        "fulfillmentHolds": _holds(sale) if status == "ON_HOLD" else [],
        "deliveryMethod": {"maxDeliveryDateTime": stamp(sale.extra.get("deliver_by")), "methodType": "SHIPPING"},
        "assignedLocation": {"location": where(location)},
        "supportedActions": [{"action": name} for name in (("CREATE_FULFILLMENT", "HOLD", "MOVE") if may else ())],
        "lineItems": connection(
            [
                {
                    "id": gid("FulfillmentOrderLineItem", f"{number}{line.line_id}"),
                    "totalQuantity": line.quantity - line.cancelled,
                    "remainingQuantity": line.quantity - line.cancelled - line.shipped,
                    "lineItem": _line(sale, line),
                }
                for line in lines
            ]
        ),
    }


def _holds(sale: Sale) -> list[dict[str, Any]]:
    """``on_hold`` of a sale: why, a code; True where nobody said."""
    code = sale.extra["on_hold"]
    said = {"reason": "OTHER" if code is True else str(code), "reasonNotes": f"call {sale.buyer['name']}"}
    return [{"__typename": "FulfillmentHold", "id": gid("FulfillmentHold", sale.number), **said}]


def where(location: str) -> dict[str, Any]:
    """A Location."""
    return {
        "__typename": "Location",
        "id": gid("Location", location),
        "name": PLACES[location],
        "isActive": True,
        "isFulfillmentService": location == SERVICE,
    }


def _address(sale: Sale) -> dict[str, Any] | None:
    buyer = sale.buyer
    if not (buyer["name"] or buyer["lines"]):
        return None
    return {
        "name": buyer["name"] or None,
        "company": buyer["company"] or None,
        "address1": buyer["lines"][0] if buyer["lines"] else None,
        "address2": buyer["lines"][1] if len(buyer["lines"]) > 1 else None,
        "city": buyer["city"] or None,
        "province": buyer["region"] or None,
        "provinceCode": buyer["region"] or None,
        "zip": buyer["postcode"] or None,
        "countryCodeV2": buyer["country"] or None,
        "phone": buyer["phone"] or None,
    }


def _plan(sale: Sale, args: Mapping[str, Any]) -> dict[str, Any]:
    prices = {gid("LineItem", line.line_id): line.cents for line in sale.lines}
    cents = sum(prices[row["lineItemId"]] * row["quantity"] for row in args["refundLineItems"])
    parent = {"id": gid("OrderTransaction", f"9{sale.number}")}
    row = {"gateway": "bogus", "amountSet": bag(cents), "parentTransaction": parent, "kind": "SUGGESTED_REFUND"}
    return {"suggestedTransactions": [row] if sale.paid == "paid" and cents else []}
