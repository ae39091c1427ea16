"""What the simulated eBay shows of its market: orders, inventory items and offers, as its contracts describe them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from server.simulated.platforms.market import Item, Line, Sale

CURRENCY = "USD"
SELLER = "packproof_seller"
MARKETPLACE = "EBAY_US"
HANDLING = 2 * 86400.0
TRANSIT = 6 * 86400.0


def instant(at: float) -> str:
    """Milliseconds and Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(cents: int) -> dict[str, str]:
    """An Amount."""
    return {"value": f"{Decimal(cents) / 100:.2f}", "currency": CURRENCY}


def order_of(sale: Sale, base: str, *, whole: bool) -> dict[str, Any]:
    """An Order; only getOrder (``whole``) shows who asked to cancel it."""
    total = sum(line.cents * line.quantity for line in sale.lines)
    back = sum(line.cents * line.cancelled for line in sale.lines)
    paid = sale.paid != "unpaid"
    shown: dict[str, Any] = {
        "orderId": sale.ref,
        "creationDate": instant(sale.placed_at),
        "lastModifiedDate": instant(sale.changed_at),
        "orderFulfillmentStatus": status_of(sale),
        "orderPaymentStatus": _payment(sale, back, total),
        "sellerId": SELLER,
        "buyer": {"username": f"buyer_{sale.number}"},
        "cancelStatus": _cancelling(sale, whole=whole),
        "pricingSummary": {"priceSubtotal": money(total), "deliveryCost": money(0), "total": money(total)},
        "paymentSummary": {
            "totalDueSeller": money(total - back),
            "payments": [_paying(sale, total)],
            "refunds": [
                {
                    "refundId": made["refundId"],
                    "amount": money(round(100 * sum(made["lines"].values()))),
                    "refundDate": instant(made["at"]),
                    "refundStatus": "REFUNDED",
                }
                for made in sale.refunds
            ],
        },
        "fulfillmentStartInstructions": [_instruction(sale)],
        "fulfillmentHrefs": [
            f"{base}/sell/fulfillment/v1/order/{sale.ref}/shipping_fulfillment/{each.ref}" for each in sale.shipments
        ],
        "lineItems": [line_of(sale, line) for line in sale.lines],
        "salesRecordReference": str(sale.number),
        "totalMarketplaceFee": money(total // 10),
        "totalFeeBasisAmount": money(total),
    }
    if sale.note:
        shown["buyerCheckoutNotes"] = sale.note
    if sale.fulfilled_by != "own" and paid:
        shown["program"] = {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}
    return shown | sale.spoilt


def status_of(sale: Sale) -> str:
    """Its orderFulfillmentStatus."""
    progress = {_progress(line.shipped, line.quantity) for line in sale.lines}
    return progress.pop() if len(progress) == 1 else "IN_PROGRESS"


def line_of(sale: Sale, line: Line) -> dict[str, Any]:
    """A LineItem. Units are not cancelled at eBay: their money goes back."""
    cost = line.cents * line.quantity
    shown: dict[str, Any] = {
        "lineItemId": line.line_id,
        "legacyItemId": f"1100{line.ref}",
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "lineItemCost": money(cost),
        "total": money(cost),
        "deliveryCost": {"shippingCost": money(0)},
        "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": MARKETPLACE,
        "purchaseMarketplaceId": MARKETPLACE,
        "lineItemFulfillmentStatus": _progress(line.shipped, line.quantity),
        "lineItemFulfillmentInstructions": {
            "shipByDate": instant(sale.ship_by or sale.placed_at + HANDLING),
            "minEstimatedDeliveryDate": instant(sale.placed_at + HANDLING),
            "maxEstimatedDeliveryDate": instant(sale.placed_at + TRANSIT),
        },
        "properties": {"buyerProtection": True},
        "refunds": [],
        "taxes": [],
        "appliedPromotions": [],
    }
    if line.cancelled and sale.status == "open":
        refund = {"refundId": f"5{line.line_id}", "amount": money(line.cents * line.cancelled)}
        shown["refunds"] = [refund | {"refundDate": instant(sale.changed_at)}]
    shown["refunds"] += [
        {
            "refundId": made["refundId"],
            "amount": money(round(100 * made["lines"][line.line_id])),
            "refundDate": instant(made["at"]),
        }
        for made in sale.refunds
        if line.line_id in made["lines"]
    ]
    if sale.gift_message and line is sale.lines[0]:
        shown["giftDetails"] = {"message": sale.gift_message, "senderName": "A friend"}
    return shown


def item_of(item: Item) -> dict[str, Any]:
    """An InventoryItem."""
    product: dict[str, Any] = {"title": item.title or item.sku, "imageUrls": []}
    if item.gtin:
        product["upc" if len(item.gtin) == 12 else "ean"] = [item.gtin]
    return {
        "sku": item.sku,
        "locale": "en_US",
        "condition": "NEW",
        "product": product,
        "availability": {"shipToLocationAvailability": {"quantity": item.quantity}},
    }


def offer_of(item: Item) -> dict[str, Any]:
    """Its published offer."""
    return {
        "offerId": offer_id(item),
        "sku": item.sku,
        "marketplaceId": MARKETPLACE,
        "format": "FIXED_PRICE",
        "availableQuantity": item.quantity,
        "categoryId": "30120",
        "listingDuration": "GTC",
        "pricingSummary": {"price": money(item.cents)},
        "status": "PUBLISHED",
        "listing": {"listingId": f"1100{item.ref}", "listingStatus": "ACTIVE", "soldQuantity": 0},
    }


def offer_id(item: Item) -> str:
    """eBay's id of the offer of an item."""
    return f"8200{item.ref}"


def _progress(shipped: int, quantity: int) -> str:
    if not shipped:
        return "NOT_STARTED"
    return "FULFILLED" if shipped >= quantity else "IN_PROGRESS"


def _payment(sale: Sale, back: int, total: int) -> str:
    if sale.paid == "unpaid":
        return "PENDING"
    if sale.paid == "refunded" or (total and back >= total):
        return "FULLY_REFUNDED"
    return "PARTIALLY_REFUNDED" if back else "PAID"


def _paying(sale: Sale, total: int) -> dict[str, Any]:
    if sale.paid == "unpaid":
        return {"paymentMethod": "EBAY", "paymentStatus": "PENDING", "amount": money(total)}
    at = instant(sale.extra.get("paid_at", sale.placed_at))
    return {"paymentMethod": "EBAY", "paymentStatus": "PAID", "amount": money(total), "paymentDate": at}


def _cancelling(sale: Sale, *, whole: bool) -> dict[str, Any]:
    asked = sale.extra.get("cancel")
    state = "CANCELED" if sale.status == "cancelled" else "IN_PROGRESS" if asked else "NONE_REQUESTED"
    shown: dict[str, Any] = {"cancelState": state, "cancelRequests": []}
    if state == "CANCELED":
        shown["cancelledDate"] = instant(sale.changed_at)
    if whole and state != "NONE_REQUESTED":
        asked = asked or {"cancelRequestId": f"52{sale.number}", "cancelInitiator": "Buyer"}
        shown["cancelRequests"] = [
            {
                **asked,
                "cancelRequestState": "COMPLETED" if state == "CANCELED" else "REQUESTED",
                "cancelRequestedDate": instant(sale.changed_at),
            }
        ]
    return shown


def _instruction(sale: Sale) -> dict[str, Any]:
    buyer, lines = sale.buyer, [*sale.buyer["lines"], "", ""]
    step: dict[str, Any] = {"shippingCarrierCode": "USPS", "shippingServiceCode": sale.service}
    if sale.paid != "unpaid":
        step["shipTo"] = {
            "fullName": buyer["name"],
            "companyName": buyer["company"],
            "contactAddress": {
                "addressLine1": lines[0],
                "addressLine2": lines[1],
                "city": buyer["city"],
                "stateOrProvince": buyer["region"],
                "postalCode": buyer["postcode"],
                "countryCode": buyer["country"],
            },
            "primaryPhone": {"phoneNumber": buyer["phone"]},
            "email": buyer["email"],
        }
    if reference := sale.extra.get("gsp"):
        step["shipToReferenceId"] = reference
    return {
        "fulfillmentInstructionsType": "SHIP_TO",
        "ebaySupportedFulfillment": bool(sale.extra.get("gsp")),
        "minEstimatedDeliveryDate": instant(sale.placed_at + HANDLING),
        "maxEstimatedDeliveryDate": instant(sale.placed_at + TRANSIT),
        "shippingStep": step,
    }
