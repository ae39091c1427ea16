"""Mutations, with the rules that the Admin API holds on to."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.simulated.platforms.market import Market, Sale, Shipment
from server.simulated.platforms.shopify.graphql import Args, Wrong
from server.simulated.platforms.shopify.showing import (
    OTHER_PLACE,
    PLACE,
    SERVICE,
    gid,
    parcel,
    places_of,
    sale_of,
    stamp,
)

ROWS_MAX = 250
KEYS_MAX = 10_000
"""Keys that are remembered: a real shop forgets them after a day."""
_REASONS = frozenset({"CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"})
_PUSHES = frozenset({"correction", "cycle_count_available", "other", "received", "restock", "shrinkage"})
_HIGHEST = 1_000_000_000

Made = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """The mutations over one market. ``off_sale``: refs of listings that are gone."""

    market: Market
    off_sale: set[str] = field(default_factory=set)
    kept: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """First answers by idempotency key, with what was asked."""
    report_rows: bool = True
    """Whether an error names its row."""
    made: int = 0

    def fields(self) -> dict[str, Callable[[Args], Any]]:
        """The root of a mutation."""
        return {
            "inventorySetQuantities": self._once(self._set),
            "inventoryActivate": self._once(self._activate),
            "refundCreate": self._once(self._refund),
            "fulfillmentCreate": self._ship,
            "orderCancel": self._cancel,
        }

    def _once(self, go: Callable[[Args], Made]) -> Callable[[Args], Made]:
        """The same key with the same words gives the first answer; without a key nothing is done (since 2026-04)."""

        def keyed(args: Args) -> Made:
            key = args.get("@idempotent")
            if not isinstance(key, str) or not key.strip():
                raise Wrong("The @idempotent directive is required for this mutation", "BAD_REQUEST")
            words = json.dumps({name: each for name, each in args.items() if name != "@idempotent"}, sort_keys=True)
            before = self.kept.get(key)
            if before is not None and before[0] != words:
                nothing = dict.fromkeys(("inventoryAdjustmentGroup", "inventoryLevel", "refund"))
                error = _error("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "another request had this key")
                return {**nothing, "userErrors": [error]}
            if before is None:
                before = self.kept[key] = (words, go(args))
                if len(self.kept) > KEYS_MAX:
                    del self.kept[next(iter(self.kept))]
            found: Made = before[1]
            return found

        return keyed

    # --- stock --------------------------------------------------------------------------------------------------

    def _set(self, args: Args) -> Made:
        push = args["input"]
        rows = push["quantities"]
        if len(rows) > ROWS_MAX:
            raise Wrong(f"The input array size of {len(rows)} is greater than {ROWS_MAX}", "MAX_INPUT_SIZE_EXCEEDED")
        if any("changeFromQuantity" not in row for row in rows):
            raise Wrong("changeFromQuantity must be given, if only as null", "BAD_REQUEST")
        errors = [] if push["reason"] in _PUSHES else [_error("INVALID_REASON", "no such reason", "input", "reason")]
        with self.market.lock:
            seen: set[str] = set()
            for nth, row in enumerate(rows):
                if found := self._bad(row, seen):
                    names = ["input", "quantities", str(nth)] if self.report_rows else ["input", "quantities"]
                    errors.append(_error(found, found.replace("_", " ").lower(), *names))
            if errors:
                return {"inventoryAdjustmentGroup": None, "userErrors": errors}
            for row in rows:
                self.market.write(_tail(row["inventoryItemId"]), row["quantity"])
        self.made += 1
        return {"inventoryAdjustmentGroup": {"id": gid("InventoryAdjustmentGroup", self.made)}, "userErrors": []}

    def _bad(self, row: Mapping[str, Any], seen: set[str]) -> str:
        ref = _tail(row["inventoryItemId"])
        item = None if ref in self.off_sale else self.market.items.get(ref)
        if ref in seen:
            return "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
        seen.add(ref)
        if item is None:
            return "INVALID_INVENTORY_ITEM"
        if item.extra.get("bundle"):
            return "NON_MUTABLE_INVENTORY_ITEM"
        if _tail(row["locationId"]) != PLACE or item.extra.get("unstocked"):
            return "INVALID_LOCATION"
        if row["quantity"] > _HIGHEST:
            return "INVALID_QUANTITY_TOO_HIGH"
        if row["quantity"] < 0:
            return "INVALID_QUANTITY_NEGATIVE"
        before = row["changeFromQuantity"]
        return "CHANGE_FROM_QUANTITY_STALE" if before is not None and before != item.quantity else ""

    def _activate(self, args: Args) -> Made:
        item = self.market.items.get(_tail(args["inventoryItemId"]))
        if item is None or _tail(args["locationId"]) != PLACE:
            return {"inventoryLevel": None, "userErrors": [_error("", "no such item or location", "inventoryItemId")]}
        item.extra.pop("unstocked", None)
        self.market.write(item.ref, int(args["available"]))
        return {"inventoryLevel": {"id": gid("InventoryLevel", item.ref)}, "userErrors": []}

    # --- shipments ----------------------------------------------------------------------------------------------

    def _ship(self, args: Args) -> Made:
        asked = args["fulfillment"]
        with self.market.lock:
            try:
                sale, units = self._units(asked["lineItemsByFulfillmentOrder"])
                self.made += 1
                info = asked.get("trackingInfo") or {}
                made = Shipment(
                    ref=str(8_000_000_000 + self.made),
                    carrier=info.get("company") or "",
                    service="",
                    tracking=info.get("number") or "",
                    units=units,
                    shipped_at=self.market.now(),
                    told_at=self.market.now(),
                    extra={"notify": asked.get("notifyCustomer", False)},
                )
                self.market.ship(sale.ref, made)
            except ValueError as error:
                return {"fulfillment": None, "userErrors": [_error("", str(error), "fulfillment")]}
        return {"fulfillment": parcel(sale, made), "userErrors": []}

    def _units(self, asked: list[Mapping[str, Any]]) -> tuple[Sale, dict[str, int]]:
        """The sale and units by line; raise ValueError."""
        units: dict[str, int] = {}
        found: set[tuple[str, str]] = set()
        sale: Sale | None = None
        for each in asked:
            number = _tail(each["fulfillmentOrderId"])
            sale = sale_of(self.market, number)
            if sale is None:
                raise ValueError("Fulfillment order does not exist.")
            location, lines = places_of(self.market, sale)[number]
            if location == SERVICE or sale.extra.get("on_hold") or sale.status != "open":
                raise ValueError("Fulfillment order is not open.")
            found.add((sale.ref, location))
            open_ = {f"{number}{line.line_id}": line for line in lines}
            rows = each.get("fulfillmentOrderLineItems") or [
                {"id": id_, "quantity": line.quantity - line.cancelled - line.shipped} for id_, line in open_.items()
            ]
            for row in rows:
                line = open_.get(_tail(row["id"]))
                if line is None or not 1 <= row["quantity"] <= line.quantity - line.cancelled - line.shipped:
                    raise ValueError("Invalid fulfillment order line item quantity requested.")
                units[line.line_id] = units.get(line.line_id, 0) + row["quantity"]
        if sale is None or len(found) != 1:
            raise ValueError("All fulfillment orders must be of the same order and the same location.")
        return sale, units

    # --- cancels ------------------------------------------------------------------------------------------------

    def _cancel(self, args: Args) -> Made:
        sale = self.market.sales.get(_tail(args["orderId"]))
        if sale is None:
            return _not_cancelled("NOT_FOUND", "Order does not exist")
        if sale.status == "cancelled":
            return _not_cancelled("INVALID", "Order has already been cancelled")
        if sale.shipments:
            return _not_cancelled("INVALID", "Cannot cancel an order with fulfillments")
        if args["reason"] not in _REASONS:
            raise Wrong("reason is not an OrderCancelReason", "argumentLiteralsIncompatible")
        with self.market.lock:
            left = [(line.ref, line.quantity - line.cancelled) for line in sale.lines]
            if sale.paid == "paid" and (args.get("refundMethod") or {}).get("originalPaymentMethodsRefund"):
                sale.paid = "refunded"
            sale.extra["cancel_reason"] = args["reason"]
            self.market.cancel(sale.ref)
            if not args["restock"]:
                for ref, units in left:
                    self.market.items[ref].quantity -= units
        self.made += 1
        return {"job": {"id": gid("Job", self.made), "done": False}, "orderCancelUserErrors": [], "userErrors": []}

    def _refund(self, args: Args) -> Made:
        asked = args["input"]
        sale = self.market.sales.get(_tail(asked["orderId"]))
        if sale is None:
            return {"refund": None, "userErrors": [_error("", "Order does not exist", "input", "orderId")]}
        rows = {_tail(row["lineItemId"]): row for row in asked["refundLineItems"]}
        with self.market.lock:
            for line in sale.lines:
                row = rows.get(line.line_id)
                if row and row["quantity"] > self._refundable(sale, line, row["restockType"]):
                    text = "Refund line items quantity cannot refund more items than were purchased"
                    return {"refund": None, "userErrors": [_error("", text, "input", "refundLineItems")]}
            self.made += 1
            money = [row["amount"] for row in asked.get("transactions") or []]
            units = {line_id: row["quantity"] for line_id, row in rows.items()}
            made = {"id": self.made, "note": asked.get("note") or "", "amounts": money, "units": units}
            sale.refunds.append(made)
            unsent = {line_id: n for line_id, n in units.items() if rows[line_id]["restockType"] == "CANCEL"}
            self.market.cancel(sale.ref, unsent)
        return {"refund": {"id": gid("Refund", self.made)}, "userErrors": []}

    @staticmethod
    def _refundable(sale: Any, line: Any, restock: str) -> int:
        """Units that have not left, for a cancel; else those that have and were not paid back."""
        if restock == "CANCEL":
            return int(line.quantity - line.cancelled - line.shipped)
        back = sum(made.get("units", {}).get(line.line_id, 0) for made in sale.refunds)
        return int(line.quantity - back)


def level_of(changes: Changes, ref: str) -> Callable[[Args], Any]:
    """What inventoryLevel answers for an item."""

    def level(args: Args) -> Any:
        item = changes.market.items[ref]
        if _tail(args["locationId"]) not in {PLACE, OTHER_PLACE} or item.extra.get("unstocked"):
            return None
        number = item.quantity if _tail(args["locationId"]) == PLACE else 0

        def quantities(asked: Args) -> list[dict[str, Any]]:
            shown = {"available": number, "on_hand": number}
            return [
                {"id": gid("InventoryQuantity", f"{ref}?name={name}"), "name": name, "quantity": shown[name]}
                for name in asked["names"]
            ]

        return {"id": gid("InventoryLevel", ref), "isActive": True, "quantities": quantities}

    return level


def moved(market: Market, sale: Sale, place: str) -> None:
    """The shop routes what is open to another of its locations: the fulfilment orders are others now."""
    sale.extra |= {"moved": int(sale.extra.get("moved", 0)) + 1, "place": place}
    market.change(sale.ref)


def uninstalled_at(at: float) -> dict[str, Any]:
    """The body of app/uninstalled."""
    return {"id": 548380009, "name": "Simulated", "updated_at": stamp(at)}


def _error(code: str, message: str, *field: str) -> dict[str, Any]:
    return {"code": code or None, "field": list(field) or None, "message": message}


def _not_cancelled(code: str, message: str) -> Made:
    error = _error(code, message, "orderId")
    return {"job": None, "orderCancelUserErrors": [error], "userErrors": [error]}


def _tail(found: str) -> str:
    return str(found).rpartition("/")[2]
