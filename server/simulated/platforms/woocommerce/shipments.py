"""Three ways to be told that a parcel left."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Sale, Shipment
from server.simulated.platforms.woocommerce import orders, views
from server.simulated.platforms.woocommerce.errors import Problem, bad

if TYPE_CHECKING:
    from server.simulated.platforms.woocommerce import WooCommerce

PROVIDERS = ("Canada Post", "DHL US", "Fedex", "OnTrac", "Royal Mail", "UPS", "USPS")


def notes(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """GET orders/{id}/notes, newest first."""
    kind = ask.one("type", "any")
    found = orders.find(shop, ids[0]).extra.get("notes", [])
    return Said.of([each for each in reversed(found) if kind == "any" or each["customer_note"] == (kind == "customer")])


def note(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """POST orders/{id}/notes: the buyer gets a mail of a customer note."""
    sale, body = orders.find(shop, ids[0]), ask.json()
    if not body.get("note"):
        raise bad("note")
    made = {"id": shop.next_id(), "author": "Packproof", **views.local("date_created", shop.now())}
    made |= {"note": body["note"], "customer_note": bool(body.get("customer_note"))}
    sale.extra.setdefault("notes", []).append(made)
    return Said.of(made, 201)


def fulfilments(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET orders/{id}/fulfillments."""
    _only(shop, "fulfillments")
    return Said.of(orders.find(shop, ids[0]).extra.get("fulfillments", []))


def fulfil(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """POST orders/{id}/fulfillments. No more than is open, and at least one unit."""
    _only(shop, "fulfillments")
    sale, body = orders.find(shop, ids[0]), ask.json()
    meta = {each["key"]: each["value"] for each in body.get("meta_data", ())}
    items = meta.get("_items")
    if not isinstance(items, list) or not items:
        raise Problem("woocommerce_rest_fulfillment_error", "The fulfillment should contain at least one item.", 400)
    if not all(isinstance(item.get("item_id"), int) and isinstance(item.get("qty"), int) for item in items):
        raise Problem("woocommerce_rest_fulfillment_error", "Invalid item.", 400)
    provider = str(meta.get("_shipment_provider") or "")
    units = {str(item["item_id"]): item["qty"] for item in items}
    _ship(shop, sale, provider, str(meta.get("_tracking_number") or ""), units)
    made = {
        "id": shop.next_id(),
        "entity_type": "WC_Order",
        "entity_id": sale.ref,
        "status": body.get("status", "unfulfilled"),
        "is_fulfilled": bool(body.get("is_fulfilled")),
        "date_updated": views.local("at", shop.now())["at"],
        "date_deleted": None,
        "meta_data": [{"id": shop.next_id(), "key": key, "value": value} for key, value in meta.items()],
    }
    sale.extra.setdefault("fulfillments", []).append(made)
    return Said.of(made, 201)


def trackings(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET orders/{id}/shipment-trackings."""
    _only(shop, "plugin")
    return Said.of(orders.find(shop, ids[0]).extra.get("trackings", []))


def track(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """POST orders/{id}/shipment-trackings: a provider of its list, or a custom one. It knows no lines."""
    _only(shop, "plugin")
    sale, body = orders.find(shop, ids[0]), ask.json()
    provider = body.get("tracking_provider", "")
    if not body.get("tracking_number") or (provider and provider not in PROVIDERS):
        raise bad("tracking_number, tracking_provider")
    made = {
        "tracking_id": f"{shop.next_id():032x}",
        "tracking_provider": provider or body.get("custom_tracking_provider", ""),
        "tracking_link": "",
        "tracking_number": body["tracking_number"],
        "date_shipped": body.get("date_shipped", ""),
    }
    sale.extra.setdefault("trackings", []).append(made)
    shop.market.change(sale.ref)
    return Said.of(made, 201)


def recorded(shop: "WooCommerce", sale: Sale, meta: Mapping[str, Any]) -> None:
    """Our own record: where the shop itself knows no lines, it is all that says what left."""
    if not str(meta["key"]).startswith("_packproof_shipment_"):
        return
    value = meta["value"]
    tracking = str(value["tracking_number"])
    if any(each.tracking == tracking for each in sale.shipments):
        return
    units = {str(row["line_id"]): int(row["quantity"]) for row in value["lines"]}
    _ship(shop, sale, str(value["carrier"]), tracking, units)


def _ship(shop: "WooCommerce", sale: Sale, carrier: str, tracking: str, units: dict[str, int]) -> None:
    left = Shipment(
        ref=str(shop.next_id()),
        carrier=carrier,
        service="",
        tracking=tracking,
        units=units,
        shipped_at=shop.now(),
        told_at=shop.now(),
    )
    try:
        shop.market.ship(sale.ref, left)
    except (KeyError, ValueError) as error:
        raise Problem("woocommerce_rest_fulfillment_error", f"Invalid item: {error}", 400) from error


def _only(shop: "WooCommerce", way: str) -> None:
    if shop.way != way:
        raise Problem("rest_no_route", "No route was found matching the URL and request method.", 404)
