"""Orders at the simulated Walmart Marketplace: looked for, acknowledged, shipped and cancelled by its own rules."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from server.channels.walmart.carriers import CLOSED, METHODS
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Market, Sale, Shipment
from server.simulated.platforms.walmart.parts import PARTNER, customer_order, node_type, order_of, refused, statuses

PAGE_MAX = 200
DAY = 86400.0
REASONS = frozenset(
    f"SELLER_CANCEL_{why}"
    for why in ("OUT_OF_STOCK", "PRICING_ERROR", "FRAUD_STOP_SHIPMENT", "ADDRESS_NOT_SERVICEABLE")
) | {"CUSTOMER_REQUESTED_SELLER_TO_CANCEL"}


class _No(Exception):
    """A rule of Walmart's says no; ``args[0]`` says which."""


class Orders:
    """The part of the platform under /v3/orders."""

    def __init__(self, market: Market, now: Callable[[], float]) -> None:
        self._market, self._now = market, now

    def route(self, ask: Ask, parts: list[str]) -> Said:
        """``parts``: what follows /v3/orders."""
        if not parts:
            return self._found(ask, "")
        if parts == ["released"]:
            return self._found(ask, "Created")
        sale = self._market.sales.get(parts[0])
        if sale is None:
            return refused(404, "CONTENT_NOT_FOUND.GMP_ORDER_API", "purchaseOrderId: no such order")
        doing = {"acknowledge": self._acknowledge, "shipping": self._ship, "cancel": self._cancel}
        if len(parts) == 1 and ask.method == "GET":
            return Said.of({"order": order_of(sale)})
        if len(parts) != 2 or ask.method != "POST" or parts[1] not in doing:
            return refused(404, "URI_NOT_FOUND", "no such address")
        try:
            with self._market.lock:
                doing[parts[1]](sale, ask)
                return Said.of({"order": order_of(sale)})
        except (_No, ValueError, KeyError, TypeError) as error:
            return refused(400, "INVALID_REQUEST_CONTENT.GMP_ORDER_API", f"{error}")

    def _found(self, ask: Ask, status: str) -> Said:
        """A page, newest purchase first. The cursor is an offset, as the real one's poIndex."""
        query = dict(ask.query)
        limit = int(query.get("limit", "100"))
        if not 1 <= limit <= PAGE_MAX:
            return refused(400, "INVALID_REQUEST_PARAM.GMP_ORDER_API", "limit: expected 1 to 200")
        with self._market.lock:
            sales = [sale for sale in self._market.sales.values() if self._fits(sale, query, status)]
            sales.sort(key=lambda sale: -sale.number)
            begin = int(query.get("poIndex", "0"))
            shown = [order_of(sale) for sale in sales[begin : begin + limit]]
        meta: dict[str, Any] = {"totalCount": len(sales), "limit": limit}
        if begin + limit < len(sales):
            meta["nextCursor"] = _cursor(query, limit, len(sales), begin + limit)
        return Said.of({"list": {"meta": meta, "elements": {"order": shown}}})

    def _fits(self, sale: Sale, query: Mapping[str, str], status: str) -> bool:
        status = query.get("status", status)
        created = _time(query.get("createdStartDate")) or self._now() - 7 * DAY
        return (
            node_type(sale) == query.get("shipNodeType", "SellerFulfilled")
            and max(created, self._now() - 180 * DAY) <= sale.placed_at
            and sale.placed_at < (_time(query.get("createdEndDate")) or float("inf"))
            and (_time(query.get("lastModifiedStartDate")) or 0.0) <= sale.changed_at
            and sale.changed_at < (_time(query.get("lastModifiedEndDate")) or float("inf"))
            and query.get("purchaseOrderId", sale.ref) == sale.ref
            and query.get("customerOrderId", customer_order(sale)) == customer_order(sale)
            and (not status or status in statuses(sale))
        )

    def _acknowledge(self, sale: Sale, ask: Ask) -> None:  # noqa: ARG002
        if sale.status == "cancelled" or sale.paid == "unpaid":
            raise _No("the order is cancelled or not released")
        if sale.acknowledged_at is None:
            self._market.change(sale.ref, acknowledged_at=self._now())

    def _ship(self, sale: Sale, ask: Ask) -> None:
        if node_type(sale) != "SellerFulfilled":
            raise _No("the order is not the seller's to ship")
        if sale.acknowledged_at is None:
            raise _No("orderLineStatus: a line must be acknowledged before it is shipped")
        parcels: dict[str, tuple[dict[str, Any], dict[str, int]]] = {}
        for row in ask.json()["orderShipment"]["orderLines"]["orderLine"]:
            if not row["sellerOrderId"] or len(row["sellerOrderId"]) > 30:
                raise _No("sellerOrderId: expected 1 to 30 characters")
            if row["lineNumber"] in sale.extra.get("intent_to_cancel", ()) and not row.get("intentToCancelOverride"):
                raise _No("intentToCancelOverride: the customer wants this line cancelled")
            for units, status in _rows(sale, row, "Shipped"):
                info = self._tracking(status["trackingInfo"])
                _, of_lines = parcels.setdefault(info["trackingNumber"], (info, {}))
                of_lines[row["lineNumber"]] = of_lines.get(row["lineNumber"], 0) + units
        _within(sale, [units for _, units in parcels.values()])
        for info, of_lines in parcels.values():
            self._market.ship(sale.ref, self._shipment(sale, info, of_lines))

    def _tracking(self, info: dict[str, Any]) -> dict[str, Any]:
        name = info["carrierName"]
        if name.get("carrier") is not None and name["carrier"] not in CLOSED:
            raise _No(f"carrier: {name['carrier']} is not of the list")
        if name.get("carrier") is None and not (name.get("otherCarrier") and info.get("trackingURL")):
            raise _No("otherCarrier: trackingURL is mandatory")
        if info["methodCode"] not in METHODS:
            raise _No("methodCode: not of the list")
        if not info["trackingNumber"]:
            raise _No("trackingNumber: expected one")
        if info["shipDateTime"] > (self._now() + DAY) * 1000:
            raise _No("shipDateTime: in the future")
        return info

    def _shipment(self, sale: Sale, info: Mapping[str, Any], units: Mapping[str, int]) -> Shipment:
        name = info["carrierName"]
        return Shipment(
            ref=f"{sale.ref}-{len(sale.shipments) + 1}",
            carrier=name.get("carrier") or name["otherCarrier"],
            service=info["methodCode"],
            tracking=info["trackingNumber"],
            units=dict(units),
            shipped_at=info["shipDateTime"] / 1000,
            told_at=self._now(),
            extra={"carrierName": dict(name), "trackingURL": info.get("trackingURL", "")},
        )

    def _cancel(self, sale: Sale, ask: Ask) -> None:
        units: dict[str, int] = {}
        reason = ""
        for row in ask.json()["orderCancellation"]["orderLines"]["orderLine"]:
            for count, status in _rows(sale, row, "Cancelled"):
                reason = status["cancellationReason"]
                if reason not in REASONS:
                    raise _No("cancellationReason: not of the list")
                units[row["lineNumber"]] = units.get(row["lineNumber"], 0) + count
        _within(sale, [units])
        sale.extra["cancelled_because"] = reason
        sale.extra["cancelled_by_seller"] = True
        self._market.cancel(sale.ref, units)


def _rows(sale: Sale, row: Mapping[str, Any], expected: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if row["lineNumber"] not in {line.line_id for line in sale.lines}:
        raise _No(f"lineNumber: {row['lineNumber']} is not of this order")
    for status in row["orderLineStatuses"]["orderLineStatus"]:
        if status["status"] != expected:
            raise _No(f"status: expected {expected}")
        yield int(status["statusQuantity"]["amount"]), status


def _within(sale: Sale, parcels: list[dict[str, int]]) -> None:
    """All of a call or nothing."""
    lines = {line.line_id: line for line in sale.lines}
    total: dict[str, int] = {}
    for parcel in parcels:
        for line_id, units in parcel.items():
            total[line_id] = total.get(line_id, 0) + units
    if not total:
        raise _No("orderLine: expected at least one")
    for line_id, units in total.items():
        line = lines[line_id]
        left = line.quantity - line.cancelled - line.shipped
        if not 0 < units <= left:
            raise _No(f"statusQuantity: {units} of line {line_id}, of which {left} are open")


def _cursor(query: Mapping[str, str], limit: int, total: int, index: int) -> str:
    kept = {
        name: text for name, text in query.items() if name not in {"limit", "hasMoreElements", "soIndex", "poIndex"}
    }
    own = {"limit": limit, "hasMoreElements": "true", "soIndex": total, "poIndex": index, "partnerId": PARTNER}
    return "?" + urlencode(own | kept)


def cursor_of(text: str) -> dict[str, str]:
    """The query inside a cursor, for tests."""
    return dict(parse_qsl(text.removeprefix("?")))


def _time(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
