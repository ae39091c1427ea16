"""Listings Items 2021-08-01 over the market: a listing's SKU is its id."""

from typing import Any

from server.simulated.platforms.amazon.doors import errors
from server.simulated.platforms.amazon.orders import MARKETPLACE, stamp
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Item, Market

FIRST = 1_600_000_000.0
REACH = 1000


def standing(market: Market) -> list[Item]:
    """What is on sale, in the order in which it was put there."""
    return [item for item in market.items.values() if not item.extra.get("gone")]


def find(market: Market, sku: str) -> Item | None:
    """The listing with this SKU."""
    return next((item for item in standing(market) if item.sku == sku), None)


def search(market: Market, ask: Ask) -> Said:
    """A page of listings, by SKUs or all of them; nobody sees more than a thousand of one search."""
    with market.lock:
        order = {id(item): nth for nth, item in enumerate(market.items.values())}
        found = standing(market)
        if ask.one("identifiers"):
            if ask.one("identifiersType") != "SKU" or len(ask.one("identifiers").split(",")) > 20:
                return errors(400, "BAD_REQUEST", "Invalid input")
            skus = frozenset(ask.one("identifiers").split(","))
            found = [item for item in found if item.sku in skus]
        if after := ask.one("createdAfter"):
            found = [item for item in found if stamp(FIRST + order[id(item)]) >= after]
        size, token = int(ask.one("pageSize", "10")), ask.one("pageToken") or "0"
        if not 1 <= size <= 20 or not token.isdecimal() or ask.one("marketplaceIds") != MARKETPLACE:
            return errors(400, "BAD_REQUEST", "Invalid input")
        at, data = int(token), (ask.one("includedData") or "summaries").split(",")
        items = [_shown(item, FIRST + order[id(item)], data) for item in found[at : min(at + size, REACH)]]
    said: dict[str, Any] = {"numberOfResults": len(found), "items": items}
    if at + size < min(len(found), REACH):
        said["pagination"] = {"nextToken": str(at + size)}
    return Said.of(said)


def one(market: Market, sku: str, ask: Ask) -> Said:
    """One listing by its SKU."""
    with market.lock:
        item = find(market, sku)
        if item is None:
            return errors(404, "NOT_FOUND", f"SKU '{sku}' not found in marketplace {MARKETPLACE}")
        at = FIRST + list(market.items.values()).index(item)
        return Said.of(_shown(item, at, (ask.one("includedData") or "summaries").split(",")))


def patched(market: Market, sku: str, patches: Any) -> list[dict[str, Any]]:
    """Carry out the patches of one listing; the issues that hinder it, empty when it is done."""
    with market.lock:
        item = find(market, sku)
        if item is None:
            return [issue("13013", f"SKU '{sku}' not found in marketplace {MARKETPLACE}")]
        try:
            for patch in patches:
                value = patch["value"][0]
                if patch["path"] != "/attributes/fulfillment_availability" or patch["op"] not in {"merge", "replace"}:
                    return [issue("90000900", "The attributes are invalid.")]
                if patch["op"] == "replace":
                    item.extra.pop("lead_time", None)
                if value["fulfillment_channel_code"] != "DEFAULT":
                    return [issue("4000001", "'fulfillment_channel_code' has an invalid value.")]
                market.write(item.ref, int(value["quantity"]))
        except (KeyError, IndexError, TypeError, ValueError):
            return [issue("4000001", "'quantity' has an invalid value.")]
    return []


def issue(code: str, message: str) -> dict[str, Any]:
    """An issue as the Listings API shows it."""
    return {"code": code, "message": message, "severity": "ERROR", "categories": ["INVALID_ATTRIBUTE"]}


def _shown(item: Item, at: float, data: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"sku": item.sku}
    if "summaries" in data:
        summary: dict[str, Any] = {
            "marketplaceId": MARKETPLACE,
            "asin": f"B0{int(item.ref) % 10**8:08d}" if item.ref.isdecimal() else "B000000000",
            "productType": item.extra.get("product_type", "LUGGAGE"),
            "conditionType": "new_new",
            "status": ["BUYABLE", "DISCOVERABLE"] if item.quantity else ["DISCOVERABLE"],
            "itemName": item.title or item.sku,
            "createdDate": stamp(at),
            "lastUpdatedDate": stamp(at),
        }
        shown["summaries"] = [summary]
    if "attributes" in data:
        known = [{"type": "ean", "value": item.gtin, "marketplace_id": MARKETPLACE}] if item.gtin else []
        shown["attributes"] = {"externally_assigned_product_identifier": known}
    if "fulfillmentAvailability" in data:
        code = item.extra.get("channel", "DEFAULT")
        shown["fulfillmentAvailability"] = [
            {"fulfillmentChannelCode": code, **({"quantity": item.quantity} if code == "DEFAULT" else {})}
        ]
    return shown
