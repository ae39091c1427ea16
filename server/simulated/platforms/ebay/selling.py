"""The Fulfillment and Inventory calls of the simulated eBay, with its own rules for each."""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.ebay.errors import Wrong, error
from server.simulated.platforms.ebay.shown import instant, item_of, offer_id, offer_of, order_of, status_of
from server.simulated.platforms.market import Item, Market, Sale, Shipment

_CARRIERS = """
UPS UPSMailInnovations USPS FedEx FedExSmartPost DHL DHLEXPRESS DHLGlobalMail ONTRACK RoyalMail Parcelforce
Hermes Yodel DPD GLS TNT DeutschePost PostNL BPost LAPOSTE Colissimo Chronopost MondialRelay Correos
PosteItaliane SwissPost OsterreichischePostAG AnPost PocztaPolska CPC CanPar AustraliaPost StarTrack Toll
JapanPost ChinaPost HongKongPost ARAMEX Seur Nacex SDA UKMail
"""
CARRIERS = frozenset(_CARRIERS.split())
"""Of the Trading API's ShippingCarrierCodeType, those that somebody here ships with."""

REFUND_REASONS = frozenset({"BUYER_CANCEL", "SELLER_CANCEL", "ITEM_NOT_RECEIVED", "BUYER_RETURN"})
REFUND_REASONS |= {"ITEM_NOT_AS_DESCRIBED", "OTHER_ADJUSTMENT", "SHIPPING_DISCOUNT"}
REVISIONS = 250
_PACIFIC = ZoneInfo("America/Los_Angeles")
_FILTER = re.compile(r"(\w+):(\[[^\]]*\]|\{[^}]*\})")


class Selling:
    """A seller's account: ``limited`` tells whether a listing's revisions are counted."""

    def __init__(self, market: Market, now: Callable[[], float], base: str, limited: Callable[[], bool]) -> None:
        self._market, self._now, self._base, self._limited = market, now, base, limited
        self._revised: dict[tuple[str, str], int] = {}
        self._refs: dict[str, str] = {}
        self.gone: set[str] = set()
        """Refs of items that are off sale."""

    # --- orders -----------------------------------------------------------------------------------------------------

    def orders(self, ask: Ask) -> Said:
        """getOrders: newest first, at most 200, by closed or open windows of time."""
        limit, offset = _number(ask, "limit", "50", 31100), _number(ask, "offset", "0", 31000)
        if not 1 <= limit <= 200:
            raise Wrong(31100)
        if offset < 0 or offset % limit:
            raise Wrong(31000)
        with self._market.lock:
            fits = self._filters(ask.one("filter"))
            found = [sale for sale in self._market.sales.values() if all(each(sale) for each in fits)]
            found.sort(key=lambda sale: -sale.number)
            page = [order_of(sale, self._base, whole=False) for sale in found[offset : offset + limit]]
        said: dict[str, Any] = {"href": ask.url, "total": len(found), "limit": limit, "offset": offset, "orders": page}
        if offset + limit < len(found):
            said["next"] = f"{self._base}{ask.path}?limit={limit}&offset={offset + limit}"
        return Said.of(said)

    def order(self, ref: str) -> Said:
        """getOrder."""
        return Said.of(order_of(self._sale(ref), self._base, whole=True))

    def fulfilments(self, ref: str) -> Said:
        """getShippingFulfillments."""
        found = [
            {
                "fulfillmentId": each.ref,
                "shippedDate": instant(each.shipped_at),
                "lineItems": [{"lineItemId": line, "quantity": units} for line, units in each.units.items()],
                **({"shipmentTrackingNumber": each.tracking} if each.tracking else {}),
                **({"shippingCarrierCode": each.carrier} if each.carrier else {}),
            }
            for each in self._sale(ref).shipments
        ]
        return Said.of({"fulfillments": found, "total": len(found)})

    def fulfil(self, ref: str, body: Any) -> Said:
        """createShippingFulfillment: every call makes another one."""
        sale = self._sale(ref)
        tracking, carrier = body.get("trackingNumber", ""), body.get("shippingCarrierCode", "")
        if bool(tracking) != bool(carrier) or (tracking and (not tracking.isalnum() or carrier not in CARRIERS)):
            raise Wrong(32300)
        if sale.status != "open" or sale.paid == "unpaid":
            raise Wrong(32600)
        shipped_at = self._shipped_at(body)
        shipment = Shipment(
            ref=tracking or f"{999 + len(sale.shipments)}",
            carrier=carrier,
            service="",
            tracking=tracking,
            units=self._units(sale, body.get("lineItems")),
            shipped_at=shipped_at,
            told_at=self._now(),
        )
        try:
            self._market.ship(ref, shipment)
        except ValueError as why:
            raise Wrong(32600, more=str(why)) from why
        place = f"{self._base}/sell/fulfillment/v1/order/{quote(ref)}/shipping_fulfillment/{shipment.ref}"
        return Said.of({}, 201, location=place)

    def pay_back(self, ref: str, body: Any) -> Said:
        """issueRefund: every call pays again, up to what each line cost."""
        sale = self._sale(ref)
        lines = {line.line_id: line for line in sale.lines}
        asked = {
            str(each["lineItemId"]): float(each["refundAmount"]["value"]) for each in body.get("refundItems") or ()
        }
        if not asked or body.get("reasonForRefund") not in REFUND_REASONS or not set(asked) <= set(lines):
            raise Wrong(32600)
        for line_id, amount in asked.items():
            back = sum(made["lines"].get(line_id, 0.0) for made in sale.refunds)
            if not 0 < amount <= lines[line_id].cents * lines[line_id].quantity / 100 - back + 0.001:
                raise Wrong(32600, more="refundAmount")
        made = {"refundId": f"5{len(sale.refunds) + 1:09}", "lines": asked, "at": self._now()}
        sale.refunds.append(made)
        self._market.change(ref)
        return Said.of({"refundId": made["refundId"], "refundStatus": "PENDING"})

    def _units(self, sale: Sale, lines: Any) -> dict[str, int]:
        known = {line.line_id: line for line in sale.lines}
        if lines is None:
            return {line.line_id: line.quantity - line.shipped - line.cancelled for line in sale.lines}
        named = [str(each["lineItemId"]) for each in lines]
        if not set(named) <= set(known):
            raise Wrong(32200)
        if len(set(named)) < len(named):
            raise Wrong(32210)
        return {str(each["lineItemId"]): int(each.get("quantity", 1)) for each in lines}

    def _shipped_at(self, body: Any) -> float:
        if "shippedDate" not in body:
            return self._now()
        at = _time(body["shippedDate"], 32500)
        if at > self._now():
            raise Wrong(32500)
        return at

    def _sale(self, ref: str) -> Sale:
        sale = self._market.sales.get(ref)
        if sale is not None:
            return sale
        raise Wrong(32100, 404 if re.fullmatch(r"\d\d-\d{5}-\d{5}", ref) else 400)

    def _filters(self, text: str) -> list[Callable[[Sale], bool]]:
        """What the filter lets through; where both dates are named, only the date of creation counts."""
        named = dict(_FILTER.findall(text))
        if ",".join(f"{name}:{value}" for name, value in named.items()) != text:
            raise Wrong(30700)
        if "creationdate" in named:
            named.pop("lastmodifieddate", None)
        return [self._filter(name, value) for name, value in named.items()]

    def _filter(self, name: str, value: str) -> Callable[[Sale], bool]:
        if name == "orderfulfillmentstatus":
            wanted = value.strip("{}").split("|")
            return lambda sale: status_of(sale) in wanted
        if name not in {"creationdate", "lastmodifieddate"}:
            raise Wrong(30700)
        begin, _, end = value.strip("[]").partition("..")
        first = _time(begin, 30810)
        last = _time(end, 30810) if end else math.inf
        if first > self._now() or (end and last > self._now()):
            raise Wrong(30850)
        if first >= last:
            raise Wrong(30840)
        # Times of one length are in the order of their text.
        if name == "creationdate":
            return lambda sale: begin <= instant(sale.placed_at) <= (end or "9")
        return lambda sale: begin <= instant(sale.changed_at) <= (end or "9")

    # --- inventory --------------------------------------------------------------------------------------------------

    def items(self, ask: Ask) -> Said:
        """getInventoryItems; ``offset`` is the number of the page."""
        limit, page = _number(ask, "limit", "25", 25706), _number(ask, "offset", "0", 25706)
        if not 1 <= limit <= 200 or page < 0:
            raise Wrong(25706)
        with self._market.lock:
            there = [item for item in self._market.items.values() if item.ref not in self.gone]
            shown = [item_of(item) for item in there[page * limit : (page + 1) * limit]]
        said: dict[str, Any] = {"href": ask.url, "total": len(there), "limit": limit, "inventoryItems": shown}
        return Said.of({**said, "size": -(-len(there) // limit)})

    def offers(self, ask: Ask) -> Said:
        """getOffers of a SKU."""
        item = self._item(ask.one("sku"))
        if item is None:
            raise Wrong(25713, 404)
        return Said.of({"href": ask.url, "total": 1, "size": 1, "limit": 100, "offers": [offer_of(item)]})

    def bulk_get(self, body: Any) -> Said:
        """bulkGetInventoryItem."""
        wanted = [str(each["sku"]) for each in body["requests"]]
        if len(wanted) > 25:
            raise Wrong(25727)
        if len(set(wanted)) < len(wanted):
            raise Wrong(25734)
        found = []
        with self._market.lock:
            for sku in wanted:
                item = self._item(sku)
                row = {"errors": [error(25702)]} if item is None else {"inventoryItem": item_of(item)}
                found.append({"sku": sku, "statusCode": 404 if item is None else 200, **row})
        return Said.of({"responses": found})

    def bulk_update(self, body: Any) -> Said:
        """bulkUpdatePriceQuantity; every row has its own status."""
        asked = body["requests"]
        if not 1 <= len(asked) <= 25:
            raise Wrong(25709, more="requests: 1 to 25")
        if len({each["sku"] for each in asked}) < len(asked):
            raise Wrong(25709, more="sku: once")
        with self._market.lock:
            return Said.of({"responses": [self._update(each) for each in asked]})

    def _update(self, asked: Any) -> dict[str, Any]:
        sku, item = asked["sku"], self._item(asked["sku"])
        row: dict[str, Any] = {"sku": sku}
        if offers := asked.get("offers"):
            row["offerId"] = offers[0]["offerId"]
        number = asked["shipToLocationAvailability"]["quantity"]
        wrong = self._wrong(item, number, [each["offerId"] for each in offers or ()])
        if item is None or wrong is not None:
            return {**row, "statusCode": 400, "errors": [wrong or error(25702)], "warnings": []}
        self._market.write(item.ref, number)
        return {**row, "statusCode": 200, "errors": [], "warnings": []}

    def _wrong(self, item: Item | None, number: int, offers: list[str]) -> dict[str, Any] | None:
        if item is None:
            return error(25702)
        if number < 0 or any(each != offer_id(item) for each in offers):
            return error(25709)
        day = datetime.fromtimestamp(self._now(), _PACIFIC).date().isoformat()
        times = self._revised.get((item.ref, day), 0)
        if self._limited() and times >= REVISIONS:
            return error(25002, "The listing has reached its maximum number of revisions for today.")
        self._revised[item.ref, day] = times + 1
        return None

    def _item(self, sku: str) -> Item | None:
        if len(self._refs) != len(self._market.items):
            self._refs = {item.sku: item.ref for item in reversed(self._market.items.values())}
        ref = self._refs.get(sku)
        return None if ref is None or ref in self.gone else self._market.items[ref]


def _number(ask: Ask, name: str, default: str, wrong: int) -> int:
    try:
        return int(ask.one(name, default))
    except ValueError as why:
        raise Wrong(wrong) from why


def _time(text: str, wrong: int) -> float:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", unquote(text)):
            raise Wrong(wrong)
        return datetime.fromisoformat(text).timestamp()
    except ValueError as why:
        raise Wrong(wrong) from why
