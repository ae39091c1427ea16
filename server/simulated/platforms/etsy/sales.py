"""Receipts of the simulated shop."""

from collections.abc import Callable, Mapping
from typing import Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.etsy.known import CARRIERS
from server.simulated.platforms.market import Item, Line, Market, Sale, Shipment

LEAST_TIME, LAST_TIME = 946_684_800, 2**62
CURRENCY = "USD"
TEN_DOLLARS = 1000


class Sales:
    """``partner``: whether the app may see addresses and confirm shipments. ``mails``: what buyers were sent."""

    def __init__(self, market: Market, shop_id: int, user_id: int, listing_id: Callable[[Item], int]) -> None:
        self.market, self.shop_id, self.user_id, self._listing_id = market, shop_id, user_id, listing_id
        self.partner = True
        self.mails: list[tuple[str, str]] = []

    def shop(self) -> dict[str, Any]:
        """The shop itself."""
        return {
            "shop_id": self.shop_id,
            "user_id": self.user_id,
            "shop_name": "OrchardLaneGoods",
            "currency_code": CURRENCY,
            "title": None,
            "is_vacation": False,
            "listing_active_count": len(self.market.items),
            "url": "https://www.etsy.com/shop/OrchardLaneGoods",
            "languages": ["en-US"],
            "shop_location_country_iso": "US",
        }

    def one(self, ask: Ask, receipt_id: str) -> Said:  # noqa: ARG002
        """getShopReceipt."""
        sale = self.market.sales.get(receipt_id)
        return Said.of({"error": "Receipt not found"}, 404) if sale is None else Said.of(self.receipt(sale))

    def listed(self, ask: Ask) -> Said:
        """getShopReceipts: its filters, its orders, its offset. Rows of one second come in no order at all."""
        limit, offset = int(ask.one("limit", "25")), int(ask.one("offset", "0"))
        if not 1 <= limit <= 100 or offset < 0:
            return Said.of({"error": "limit must be between 1 and 100"}, 400)
        wanted = dict(ask.query)
        found = [sale for sale in self.market.sales.values() if _fits(wanted, sale)]
        by = ask.one("sort_on", "created")
        found.sort(key=lambda sale: sale.number if by == "receipt_id" else self.market.random.random())
        if by != "receipt_id":
            found.sort(key=lambda sale: _seconds(sale.changed_at if by == "updated" else sale.placed_at))
        if ask.one("sort_order", "desc") not in {"asc", "ascending", "up"}:
            found.reverse()
        page = found[offset : offset + limit]
        return Said.of({"count": len(found), "results": [self.receipt(sale) for sale in page]})

    def shipped(self, ask: Ask, receipt_id: str) -> Said:
        """createReceiptShipment: all of it has left, and the buyer gets a mail, every time."""
        sale = self.market.sales.get(receipt_id)
        if sale is None:
            return Said.of({"error": "Receipt not found"}, 404)
        if not self.partner:
            return Said.of({"error": "This application does not have access to createReceiptShipment"}, 403)
        # Seen on the real one: JSON under the content type of a form marks it shipped and drops the tracking number.
        body = ask.json() if ask.headers.get("content-type") == "application/json" else {}
        code, carrier = str(body.get("tracking_code") or ""), str(body.get("carrier_name") or "")
        if sale.status == "cancelled":
            return Said.of({"error": "The receipt is canceled"}, 400)
        dear = sale.buyer["country"] == "US" and sum(_cents(line) for line in sale.lines) > TEN_DOLLARS
        if not code and (dear or sale.buyer["country"] == "IN"):
            return Said.of({"error": "A tracking number is required"}, 400)
        if code and carrier not in CARRIERS:
            return Said.of({"error": f"Unknown carrier_name: {carrier}"}, 400)
        units = {line.line_id: left for line in sale.lines if (left := line.quantity - line.cancelled - line.shipped)}
        now = self.market.now()
        shipment = Shipment(
            ref=str(sale.number * 10 + len(sale.shipments)), carrier=carrier, service=str(body.get("mail_class") or ""),
            tracking=code, units=units, shipped_at=now, told_at=now,
        )  # fmt: skip
        self.market.ship(receipt_id, shipment)
        self.mails.append((receipt_id, code))
        return Said.of(self.receipt(sale))

    def receipt(self, sale: Sale) -> dict[str, Any]:
        """ShopReceipt."""
        # A buyer who has not paid yet has given no address, and an app without access is shown none.
        shown = self.partner and sale.paid != "unpaid"
        buyer: dict[str, Any] = {
            name: escaped(str(text)) for name, text in sale.buyer.items() if shown and isinstance(text, str)
        }
        lines = [escaped(text) for text in sale.buyer["lines"]] if shown else []
        total = sum(line.cents * line.quantity for line in sale.lines)
        created, updated = _seconds(sale.placed_at), _seconds(sale.changed_at)
        return {
            "receipt_id": sale.number,
            "receipt_type": 0,
            "seller_user_id": self.user_id,
            "seller_email": None,
            "buyer_user_id": 55_000_000 + sale.number % 1000,
            "buyer_email": buyer.get("email"),
            "name": escaped(str(sale.buyer["name"])) if sale.paid != "unpaid" else "",
            "first_line": lines[0] if lines else None,
            "second_line": lines[1] if len(lines) > 1 else None,
            "city": buyer.get("city"),
            "state": buyer.get("region"),
            "zip": buyer.get("postcode"),
            "country_iso": buyer.get("country"),
            "formatted_address": "\n".join(lines) or None,
            "status": _status(sale),
            "payment_method": "cc",
            "payment_email": None,
            "message_from_seller": None,
            "message_from_buyer": escaped(sale.note) or None,
            "message_from_payment": None,
            "is_paid": sale.paid != "unpaid",
            "is_shipped": sale.shipped,
            "create_timestamp": created,
            "created_timestamp": created,
            "update_timestamp": updated,
            "updated_timestamp": updated,
            "is_gift": bool(sale.gift_message),
            "gift_message": escaped(sale.gift_message),
            "gift_sender": "",
            "grandtotal": money(total),
            "subtotal": money(total),
            "total_price": money(total),
            "total_shipping_cost": money(0),
            "total_tax_cost": money(0),
            "total_vat_cost": money(0),
            "discount_amt": money(0),
            "gift_wrap_price": money(0),
            "shipments": [_shipment(shipment) for shipment in sale.shipments],
            "transactions": [self._transaction(sale, line) for line in sale.lines],
            "refunds": _refunds(sale),
            **sale.spoilt,
        }

    def _transaction(self, sale: Sale, line: Line) -> dict[str, Any]:
        item = self.market.items.get(line.ref)
        created = _seconds(sale.placed_at)
        values = list(item.extra.get("values", ())) if item else []
        asked = [{
            "property_id": 54, "value_id": None, "formatted_name": "Personalization",
            "formatted_value": escaped(line.personalisation), "question_id": None,
        }] if line.personalisation else []  # fmt: skip
        return {
            "transaction_id": int(line.line_id),
            "title": escaped(line.title),
            "description": None,
            "seller_user_id": self.user_id,
            "buyer_user_id": 55_000_000 + sale.number % 1000,
            "create_timestamp": created,
            "created_timestamp": created,
            "paid_timestamp": None if sale.paid == "unpaid" else created,
            "shipped_timestamp": _seconds(sale.shipments[0].told_at) if sale.shipments else None,
            # What was bought: neither a cancel nor a refund changes it.
            "quantity": line.quantity,
            "listing_image_id": None,
            "receipt_id": sale.number,
            # What the platform delivers itself is a download here.
            "is_digital": sale.fulfilled_by != "own",
            "file_data": "",
            "listing_id": self._listing_id(item) if item else 0,
            "transaction_type": "listing",
            "product_id": int(line.line_id) + 7,
            "sku": line.sku,
            "price": money(line.cents),
            "shipping_cost": money(0),
            "variations": [*_picked(values), *asked],
            "product_data": [value | {"scale_name": None} for value in values],
            "shipping_profile_id": 910_001,
            "min_processing_days": 1,
            "max_processing_days": 3,
            "shipping_method": sale.service or None,
            "shipping_upgrade": None,
            "expected_ship_date": None if sale.ship_by is None else _seconds(sale.ship_by),
            "buyer_coupon": 0,
            "shop_coupon": 0,
        }


def money(cents: int) -> dict[str, Any]:
    """Money."""
    return {"amount": cents, "divisor": 100, "currency_code": CURRENCY}


def escaped(text: str) -> str:
    """As the real one shows what people wrote: https://github.com/etsy/open-api/issues/446."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;")


def _picked(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "property_id": value["property_id"],
            "value_id": value["value_ids"][0],
            "formatted_name": value["property_name"],
            "formatted_value": " ".join(value["values"]),
            "question_id": None,
        }
        for value in values
    ]


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "receipt_shipping_id": int(shipment.ref),
        "shipment_notification_timestamp": _seconds(shipment.told_at),
        "carrier_name": shipment.carrier,
        "tracking_code": shipment.tracking,
    }


def _refunds(sale: Sale) -> list[dict[str, Any]]:
    """A refund says how much, and not for what."""
    gone = sum(line.cancelled * line.cents for line in sale.lines) if sale.paid != "unpaid" else 0
    made = [gone] if gone else []
    made += [int(refund.get("cents", 0)) for refund in sale.refunds]
    at = _seconds(sale.changed_at)
    return [
        {
            "amount": money(c),
            "created_timestamp": at,
            "reason": "other",
            "note_from_issuer": None,
            "status": "completed",
        }
        for c in made
    ]


def _status(sale: Sale) -> str:
    if sale.status == "cancelled":
        return "canceled"
    if sale.paid == "unpaid":
        return "payment processing"
    if sale.paid == "refunded":
        return "fully refunded"
    if sale.shipped:
        return "completed"
    return "partially refunded" if sale.refunds or any(line.cancelled for line in sale.lines) else "paid"


def _fits(wanted: Mapping[str, str], sale: Sale) -> bool:
    created, updated = _seconds(sale.placed_at), _seconds(sale.changed_at)
    if not int(wanted.get("min_created", 0)) <= created <= int(wanted.get("max_created", LAST_TIME)):
        return False
    if not int(wanted.get("min_last_modified", 0)) <= updated <= int(wanted.get("max_last_modified", LAST_TIME)):
        return False
    truths = {
        "was_paid": sale.paid != "unpaid",
        "was_shipped": sale.shipped,
        "was_canceled": sale.status == "cancelled",
    }
    return all(name not in wanted or (wanted[name] == "true") == truth for name, truth in truths.items())


def _cents(line: Line) -> int:
    return line.cents * (line.quantity - line.cancelled)


def _seconds(at: float) -> int:
    return max(LEAST_TIME, int(at))
