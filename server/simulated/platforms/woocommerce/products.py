"""Products and variations, and their numbers."""

from typing import TYPE_CHECKING, Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Item
from server.simulated.platforms.woocommerce import views
from server.simulated.platforms.woocommerce.errors import Problem
from server.simulated.platforms.woocommerce.orders import listed, page_of, paged

if TYPE_CHECKING:
    from server.simulated.platforms.woocommerce import WooCommerce

BATCH_MAX = 100


def many(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET products: simple and variable ones, never variations."""
    include = listed(ask, "include")
    found: list[tuple[int, Item | str]] = [
        (int(item.ref), item)
        for item in shop.market.items.values()
        if not item.extra.get("parent") and item.ref not in shop.binned
    ]
    found += [(int(ref), name) for ref, name in shop.parents.items()]
    found = sorted((row for row in found if not include or str(row[0]) in include), key=lambda row: row[0])
    rows = [
        views.product(shop, each) if isinstance(each, Item) else views.variable(shop, str(ref), each)
        for ref, each in paged(ask, found)
    ]
    return page_of(ask, [views.row_fields(ask, row) for row in rows], len(found))


def variations(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """GET products/{id}/variations."""
    include = listed(ask, "include")
    found = [
        item
        for item in shop.market.items.values()
        if item.extra.get("parent") == ids[0] and item.ref not in shop.binned and (not include or item.ref in include)
    ]
    rows = [views.row_fields(ask, views.variation(shop, item)) for item in paged(ask, found)]
    return page_of(ask, rows, len(found))


def batch(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """POST products/batch, or the batch of one product's variations. A row that fails is no failure of the call."""
    body = ask.json()
    if sum(len(body.get(name, ())) for name in ("create", "update", "delete")) > BATCH_MAX:
        message = f"Unable to accept more than {BATCH_MAX} items for this request."
        raise Problem("woocommerce_rest_request_entity_too_large", message, 413)
    return Said.of({"update": [_written(shop, row, ids[0] if ids else "") for row in body.get("update", ())]})


def _written(shop: "WooCommerce", row: dict[str, Any], parent: str) -> dict[str, Any]:
    item = shop.market.items.get(str(row.get("id")))
    try:
        if item is None or item.ref in shop.binned or item.extra.get("parent", "") != parent:
            raise Problem("woocommerce_rest_product_invalid_id", "Invalid ID.", 400)
        item.extra["manage_stock"] = bool(row.get("manage_stock", item.extra.get("manage_stock", True)))
        if "stock_quantity" in row:
            shop.market.write(item.ref, int(row["stock_quantity"]))
        return views.variation(shop, item) if parent else views.product(shop, item)
    except Problem as problem:
        return {"id": row.get("id"), "error": problem.body()}
