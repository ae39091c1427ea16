"""What the shop shows of orders, products and itself."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Item, Line, Sale

if TYPE_CHECKING:
    from server.simulated.platforms.woocommerce import WooCommerce

BEHIND = 5 * 3600
"""Seconds that the shop's own clock shows less than GMT: New York, in winter."""

FULFILMENTS = r"/wc/v3/orders/(?P<order_id>[\d]+)/fulfillments"


def index(shop: "WooCommerce", ask: Ask, ids: list[str]) -> Said:  # noqa: ARG001
    """GET /wp-json/: open to everybody."""
    spaces, routes = ["oembed/1.0", "wc/v3", "wp/v2"], [r"/wc/v3/orders", r"/wc/v3/products"]
    if shop.way == "plugin":
        spaces.append("wc-shipment-tracking/v3")
    if shop.way == "fulfillments":
        routes.append(FULFILMENTS)
    shown = {"name": "Zoë's Candles", "url": shop.base(), "home": shop.base(), "namespaces": spaces}
    return Said.of(row_fields(ask, {**shown, "routes": {route: {"namespace": "wc/v3"} for route in routes}}))


def row_fields(ask: Ask, row: dict[str, Any]) -> dict[str, Any]:
    """Only the fields that were asked for, where any were."""
    wanted = [name for name in ask.one("_fields").split(",") if name]
    return {name: value for name, value in row.items() if name in wanted} if wanted else row


def local(name: str, at: float | None) -> dict[str, str | None]:
    """A time as the shop's clock shows it, and as GMT: whole seconds, no zone."""
    if at is None:
        return {name: None, f"{name}_gmt": None}
    return {name: _text(at - BEHIND), f"{name}_gmt": _text(at)}


def gmt(text: str) -> float:
    """The other way round; raise ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def amount(cents: int) -> str:
    """As the shop writes money."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def tax(cents: int) -> int:
    """A tenth, so that refunds have taxes to share."""
    return round(cents / 10)


def line_cents(line: Line) -> int:
    """A line's total without tax."""
    return line.cents * line.quantity


def total(sale: Sale) -> int:
    """All of an order, with tax."""
    return sum(line_cents(line) + tax(line_cents(line)) for line in sale.lines)


def status(sale: Sale) -> str:
    """The order's status in the shop's words."""
    if sale.status == "cancelled":
        return "cancelled"
    if said := sale.extra.get("status"):
        return str(said)
    if sale.fulfilled_by == "channel":
        # A shop has no warehouse of a marketplace: what others shipped, a till sold, was completed at once.
        return "completed"
    return {"unpaid": "pending", "refunded": "refunded", "failed": "failed"}.get(sale.paid, "processing")


def order(shop: "WooCommerce", sale: Sale) -> dict[str, Any]:
    """GET orders/{id}."""
    said = status(sale)
    paid = sale.paid != "unpaid" and said not in ("pending", "on-hold", "failed")
    first, _, last = str(sale.buyer["name"]).partition(" ")
    lines = [str(each) for each in sale.buyer["lines"] if each]
    there = {
        "first_name": first,
        "last_name": last,
        "company": str(sale.buyer["company"]),
        "address_1": lines[0] if lines else "",
        "address_2": ", ".join(lines[1:]),
        "city": str(sale.buyer["city"]),
        "state": str(sale.buyer["region"]),
        "postcode": str(sale.buyer["postcode"]),
        "country": str(sale.buyer["country"]),
        "phone": str(sale.buyer["phone"]),
    }
    completed = sale.extra.get("completed_at") or (sale.placed_at if said == "completed" else None)
    taxes = sum(tax(line_cents(line)) for line in sale.lines)
    return {
        "id": int(sale.ref),
        "parent_id": 0,
        "number": sale.ref,
        "order_key": f"wc_order_{sale.ref}",
        "created_via": "checkout",
        "version": "9.9.5",
        "status": said,
        "currency": "USD",
        **local("date_created", sale.placed_at),
        **local("date_modified", sale.changed_at),
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "0.00",
        "shipping_tax": "0.00",
        "cart_tax": amount(taxes),
        "total": amount(total(sale)),
        "total_tax": amount(taxes),
        "prices_include_tax": False,
        "customer_id": 0,
        "customer_ip_address": "203.0.113.7",
        "customer_user_agent": "Mozilla/5.0",
        "customer_note": sale.note,
        "billing": {**there, "email": str(sale.buyer["email"])},
        "shipping": there,
        "payment_method": "stripe",
        "payment_method_title": "Card",
        "transaction_id": f"pi_{sale.ref}" if paid else "",
        **local("date_paid", sale.placed_at if paid else None),
        **local("date_completed", completed),
        "cart_hash": "0" * 32,
        "meta_data": _order_meta(sale),
        "line_items": [_line(shop, line) for line in sale.lines],
        "tax_lines": [],
        "shipping_lines": [_shipping(sale)],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [
            {"id": each["id"], "reason": each["reason"], "total": amount(-each["cents"])} for each in sale.refunds
        ],
        "payment_url": f"{shop.base()}/checkout/order-pay/{sale.ref}/",
        "is_editable": said in ("pending", "on-hold"),
        "needs_payment": said in ("pending", "failed"),
        "needs_processing": True,
        **sale.spoilt,
    }


def product(shop: "WooCommerce", item: Item) -> dict[str, Any]:
    """A simple product, as GET products shows it; of a variation see ``variation``."""
    return {
        **_common(shop, item),
        "name": item.title or item.sku,
        "slug": item.sku.lower(),
        "type": "simple",
        "featured": False,
        "catalog_visibility": "visible",
        "short_description": "",
        "parent_id": 0,
        "variations": [],
        "grouped_products": [],
        "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
        "attributes": [],
        "images": [],
        "total_sales": 0,
        "has_options": False,
    }


def variable(shop: "WooCommerce", ref: str, name: str) -> dict[str, Any]:
    """A variable product: its stock is that of its variations."""
    own = [int(item.ref) for item in shop.market.items.values() if item.extra.get("parent") == ref]
    item = Item(ref=ref, sku="", quantity=0, title=name)
    shown = product(shop, item) | {"type": "variable", "variations": own, "has_options": True}
    return shown | {"manage_stock": False, "stock_quantity": None, "stock_status": "instock"}


def variation(shop: "WooCommerce", item: Item) -> dict[str, Any]:
    """GET products/{id}/variations."""
    option = {"id": 1, "name": "Size", "option": str(item.extra["option"])}
    return {**_common(shop, item), "attributes": [option], "image": None, "type": "variation"}


def _common(shop: "WooCommerce", item: Item) -> dict[str, Any]:
    return {
        "id": int(item.ref),
        "permalink": f"{shop.base()}/product/{item.ref}/",
        "status": "publish",
        "description": "",
        "sku": item.sku,
        "global_unique_id": item.gtin,
        "price": amount(item.cents),
        "regular_price": amount(item.cents),
        "sale_price": "",
        "on_sale": False,
        "purchasable": True,
        "virtual": False,
        "downloadable": False,
        "tax_status": "taxable",
        "tax_class": "",
        "manage_stock": bool(item.extra.get("manage_stock", True)),
        "stock_quantity": item.quantity if item.extra.get("manage_stock", True) else None,
        "stock_status": item.extra.get("stock_status") or ("instock" if item.quantity > 0 else "outofstock"),
        "backorders": "no",
        "backorders_allowed": False,
        "backordered": False,
        "low_stock_amount": None,
        "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_class": "",
        "menu_order": 0,
        "meta_data": [],
    }


def _line(shop: "WooCommerce", line: Line) -> dict[str, Any]:
    item = shop.market.items.get(line.ref)
    parent = item.extra.get("parent") if item else None
    typed = {"id": int(line.line_id) * 10, "key": "Engraving", "value": line.personalisation}
    shown = {"display_key": "Engraving", "display_value": line.personalisation}
    cents = line_cents(line)
    return {
        "id": int(line.line_id),
        "name": line.title,
        "product_id": int(parent or line.ref),
        "variation_id": int(line.ref) if parent else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": amount(cents),
        "subtotal_tax": amount(tax(cents)),
        "total": amount(cents),
        "total_tax": amount(tax(cents)),
        "taxes": [{"id": 1, "total": amount(tax(cents)), "subtotal": amount(tax(cents))}],
        "meta_data": [typed | shown] if line.personalisation else [],
        "sku": line.sku,
        "price": line.cents / 100,
        "image": {"id": 31, "src": f"{shop.base()}/wp-content/uploads/{line.ref}.jpg"},
        "parent_name": None,
    }


def _shipping(sale: Sale) -> dict[str, Any]:
    money = {"total": "0.00", "total_tax": "0.00", "taxes": []}
    named = {"method_title": sale.service, "method_id": "flat_rate", "instance_id": "3"}
    return {"id": int(sale.ref) + 100_000, **named, **money, "meta_data": []}


def _order_meta(sale: Sale) -> list[dict[str, Any]]:
    found = [{"id": 1, "key": "_wc_order_attribution_source_type", "value": "typein"}]
    if sale.gift_message:
        found.append({"id": 2, "key": "gift_message", "value": sale.gift_message})
    if tracked := sale.extra.get("trackings"):
        found.append({"id": 3, "key": "_wc_shipment_tracking_items", "value": tracked})
    return [*found, *sale.extra.get("meta", [])]


def _text(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S")
