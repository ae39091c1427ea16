"""Orders as they are asked for and changed, and their refunds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Sale
from server.simulated.platforms.woocommerce import shipments, views
from server.simulated.platforms.woocommerce.errors import Problem, bad

if TYPE_CHECKING:
    from server.simulated.platforms.woocommerce import WooCommerce

STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
_PER_PAGE_MAX = 100


def find(shop: "WooCommerce", ref: str) -> Sale:
    """The order; raise Problem."""
    sale = shop.market.sales.get(ref)
    if sale is None:
        raise Problem("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
    return sale


def many(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET orders. ``modified_after`` means strictly later, in whole seconds."""
    if ask.one("orderby", "date") not in ("date", "id", "modified") or ask.one("order", "desc") not in ("asc", "desc"):
        raise bad("orderby, order")
    try:
        after = views.gmt(ask.one("modified_after")) if ask.one("modified_after") else -1.0
    except ValueError:
        raise bad("modified_after") from None
    if ask.one("modified_after") and ask.one("dates_are_gmt") != "true":
        after += views.BEHIND
    wanted, without = listed(ask, "status"), listed(ask, "exclude")
    found = [
        sale
        for sale in shop.market.sales.values()
        if int(sale.changed_at) > after
        and sale.ref not in without
        and (not wanted or "any" in wanted or views.status(sale) in wanted)
    ]
    by_change = ask.one("orderby") == "modified"
    found.sort(
        key=lambda sale: (int(sale.changed_at) if by_change else int(sale.placed_at), sale.number),
        reverse=ask.one("order", "desc") == "desc",
    )
    return page_of(ask, [views.row_fields(ask, views.order(shop, sale)) for sale in paged(ask, found)], len(found))


def one(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """GET orders/{id}."""
    return Said.of(views.row_fields(ask, views.order(shop, find(shop, ids[0]))))


def change(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """PUT orders/{id}: a status, meta data."""
    sale, body = find(shop, ids[0]), ask.json()
    if body.get("status", "pending") not in STATUSES:
        raise bad("status")
    kept = sale.extra.setdefault("meta", [])
    for each in body.get("meta_data", ()):
        known = next((meta for meta in kept if meta["key"] == each["key"]), None)
        if known is not None:
            known["value"] = each["value"]
        else:
            kept.append({"id": shop.next_id(), "key": each["key"], "value": each["value"]})
            shipments.recorded(shop, sale, each)
    if body.get("status") == "cancelled":
        sale.extra.pop("status", None)
        shop.market.cancel(sale.ref)
        if sale.status != "cancelled":
            sale.extra["status"] = "cancelled"
    elif "status" in body:
        sale.extra["status"] = body["status"]
        if body["status"] == "completed":
            sale.extra.setdefault("completed_at", shop.now())
        shop.market.change(sale.ref)
    else:
        shop.market.change(sale.ref)
    return Said.of(views.order(shop, sale))


def refunds(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """GET orders/{id}/refunds."""
    sale = find(shop, ids[0])
    shown = [_refund(sale, each) for each in reversed(sale.refunds)]
    return page_of(ask, list(paged(ask, shown)), len(shown))


def refund(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:
    """POST orders/{id}/refunds. What its rules do not allow is a 500, as in WooCommerce."""
    sale, body = find(shop, ids[0]), ask.json()
    cents = _cents(body.get("amount", "0"))
    units = {str(row["id"]): int(row.get("quantity") or 0) for row in body.get("line_items", ())}
    lines = {line.line_id: line for line in sale.lines}
    if cents < 0 or cents > views.total(sale) - sum(each["cents"] for each in sale.refunds):
        raise Problem("woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.", 500)
    if any(ref not in lines or count > lines[ref].quantity for ref, count in units.items()):
        raise Problem("woocommerce_rest_cannot_create_order_refund", "Invalid line items.", 500)
    for ref, count in units.items():
        lines[ref].cancelled += max(0, min(count, lines[ref].quantity - lines[ref].shipped - lines[ref].cancelled))
        if body.get("api_restock", True):
            shop.market.items[lines[ref].ref].quantity += count
    made = _keep(shop, sale, units, cents, body.get("reason") or "")
    made["api_refund"] = body.get("api_refund", True)
    made["meta"] = [{"id": shop.next_id(), **each} for each in body.get("meta_data", ())]
    if sum(each["cents"] for each in sale.refunds) == views.total(sale):
        sale.extra["status"] = "refunded"
    shop.market.change(sale.ref)
    return Said.of(_refund(sale, made), 201)


def refunds_by_hand(shop: "WooCommerce", sale: Sale) -> None:
    """Units that the shop's people cancelled: on its pages that is a refund of these lines."""
    if sale.status == "cancelled":
        return
    units = {}
    for line in sale.lines:
        known = sum(each["units"].get(line.line_id, 0) for each in sale.refunds)
        if line.cancelled > known:
            units[line.line_id] = line.cancelled - known
    if units:
        cents = sum(line.cents * units.get(line.line_id, 0) for line in sale.lines)
        _keep(shop, sale, units, cents + views.tax(cents), "")


def listed(ask: Ask, name: str) -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in ask.one(name).split(",") if part.strip()]


def paged(ask: Ask, found: list[Any]) -> list[Any]:
    """The page that was asked for; raise Problem."""
    size, page = ask.one("per_page", "10"), ask.one("page", "1")
    if not size.isdigit() or not 1 <= int(size) <= _PER_PAGE_MAX or not page.isdigit() or int(page) < 1:
        raise bad("per_page, page")
    return found[(int(page) - 1) * int(size) : int(page) * int(size)]


def page_of(ask: Ask, rows: list[Any], total: int) -> Said:
    """The answer, and how many there are."""
    pages = -(-total // int(ask.one("per_page", "10")))
    return Said.of(rows, x_wp_total=str(total), x_wp_totalpages=str(pages))


def _keep(shop: "WooCommerce", sale: Sale, units: Mapping[str, int], cents: int, reason: str) -> dict[str, Any]:
    made = {"id": shop.next_id(), "at": shop.now(), "units": dict(units), "cents": cents, "reason": reason, "meta": []}
    sale.refunds.append(made)
    return made


def _refund(sale: Sale, made: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "id": int(line.line_id) * 100 + made["id"] % 100,
            "name": line.title,
            "product_id": int(line.ref),
            "variation_id": 0,
            "quantity": -made["units"][line.line_id],
            "tax_class": "",
            "subtotal": views.amount(-line.cents * made["units"][line.line_id]),
            "subtotal_tax": "0.00",
            "total": views.amount(-line.cents * made["units"][line.line_id]),
            "total_tax": "0.00",
            "taxes": [],
            "meta_data": [{"id": made["id"] * 10, "key": "_refunded_item_id", "value": line.line_id}],
            "sku": line.sku,
            "price": line.cents / 100,
        }
        for line in sale.lines
        if made["units"].get(line.line_id)
    ]
    return {
        "id": made["id"],
        **views.local("date_created", made["at"]),
        "amount": views.amount(made["cents"]),
        "reason": made["reason"],
        "refunded_by": 1,
        "refunded_payment": bool(made.get("api_refund")),
        "meta_data": made["meta"],
        "line_items": rows,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }


def _cents(text: Any) -> int:
    return int(Decimal(str(text)) * 100)
