"""WooCommerce's order in our words.

Imported when it is ``processing`` and not before: ``on-hold`` waits for the money, or for the shop. A refund of units
that had not left cancels them; a refund of what had left is a return and changes nothing we owe. The order itself says
nothing of refunded units: they are in REFUNDS, which ``orders`` puts in from a second call.
"""

from collections.abc import Mapping
from typing import Any

from server.channels.woocommerce import fields
from server.channels.woocommerce.parcels import Parcel, parcels_of, tracking_of
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine

REFUNDS = "_refund_details"
UNPAID = frozenset({"pending", "on-hold", "checkout-draft", "auto-draft"})
PAID = frozenset({"processing", "completed", "refunded"})
CLOSED = frozenset({"cancelled", "refunded", "trash"})
_GIFT = ("gift_message", "_gift_message")
_SERVICE_MAX = 64


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """See Platform.read_order; raise DomainError("malformed") naming the field."""
    status = fields.text(raw, "status")
    changed = fields.moment(raw, "date_modified_gmt") or fields.moment(raw, "date_created_gmt")
    if not status or changed is None:
        raise fields.wrong("date_modified_gmt" if status else "status", "one", None)
    gone = status in CLOSED and not handed_over(raw)
    lines = tuple(line for row in fields.rows(raw, "line_items") if (line := _line(raw, row)) is not None)
    payment = _payment(raw, status)
    currency = fields.text(raw, "currency")
    total = fields.money(raw, "total") + sum(fields.money(row, "total") for row in fields.rows(raw, "refunds"))
    due = max(0, fields.minor(total, currency))
    incoming = IncomingOrder(
        order_id=fields.identity(raw),
        placed_at=fields.moment(raw, "date_created_gmt"),
        paid=payment == "paid",
        currency=currency,
        ship_by=None,
        carrier="",
        service=_service(raw),
        note=fields.text(raw, "customer_note"),
        ship_to=_ship_to(raw),
        lines=lines,
        raw=raw,
        gift_message=next((str(value) for key, value in fields.meta(raw) if key in _GIFT and value), ""),
        payment=payment,
        amount_due=due,
        amount_paid=due if payment == "paid" else 0,
    )
    return ChannelOrder(
        order=incoming,
        changed_at=changed,
        cancelled=gone and not lines,
        handed_over=handed_over(raw),
        tracking=tracking_of(raw),
        paid_back=_paid_back(raw),
    )


def handed_over(raw: Mapping[str, Any]) -> bool:
    """Whether all of it left, and nobody opened the order again."""
    status = raw.get("status")
    return status == "completed" or (status in CLOSED and bool(raw.get("date_completed_gmt")))


def _paid_back(raw: Mapping[str, Any]) -> bool:
    """Whether there is a refund from after all of it left."""
    left = fields.moment(raw, "date_completed_gmt") if handed_over(raw) else None
    moments = [fields.moment(refund, "date_created_gmt") or 0.0 for refund in fields.rows(raw, REFUNDS)]
    return left is not None and any(at > left for at in moments)


def wanted(raw: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    """Units of this line that are wanted of us in all."""
    line_id, ordered = fields.identity(row), fields.number(row, "quantity")
    parcels = parcels_of(raw)
    if raw.get("status") in CLOSED and not handed_over(raw):
        return min(ordered, _left(parcels, line_id, float("inf")))
    completed = fields.moment(raw, "date_completed_gmt") if handed_over(raw) else None
    cancelled = 0
    for at, units in sorted(refunded(raw, line_id)):
        left = ordered if completed is not None and completed < at else _left(parcels, line_id, at)
        cancelled += min(units, max(0, ordered - cancelled - left))
    return ordered - cancelled


def refunded(raw: Mapping[str, Any], line_id: str) -> list[tuple[float, int]]:
    """(when, units) of each refund of this line; refunded units are negative there."""
    return [
        (fields.moment(refund, "date_created_gmt") or 0.0, -fields.number(row, "quantity", -fields.UNITS_MAX))
        for refund in fields.rows(raw, REFUNDS)
        for row in fields.rows(refund, "line_items")
        if any(key == "_refunded_item_id" and str(value) == line_id for key, value in fields.meta(row))
    ]


def _left(parcels: tuple[Parcel, ...], line_id: str, until: float) -> int:
    return sum(parcel.units.get(line_id, 0) for parcel in parcels if parcel.at < until)


def _line(raw: Mapping[str, Any], row: Mapping[str, Any]) -> SoldLine | None:
    units = wanted(raw, row)
    if units < 1:
        return None
    each = fields.money(row, "total") / max(1, fields.number(row, "quantity"))
    return SoldLine(
        sku=sku_of(fields.text(row, "sku"), row.get("variation_id") or row.get("product_id")),
        quantity=units,
        line_id=fields.identity(row),
        title=fields.text(row, "name"),
        price=str(fields.rounded(each, fields.text(raw, "currency"))),
        personalisation=_personal(row),
    )


def sku_of(sku: str, product: Any) -> str:
    """What the seller calls it; a product without a SKU, or deleted since, goes by its number."""
    return sku or f"#{product}"


def _personal(row: Mapping[str, Any]) -> str:
    """What was typed for this buyer: the visible fields of add-on plugins, without the attributes of a variation."""
    said = []
    for each in fields.rows(row, "meta_data"):
        key, value = str(each.get("key") or ""), each.get("display_value") or each.get("value")
        if not key or key.startswith(("_", "pa_")) or not isinstance(value, str) or not value:
            continue
        if row.get("variation_id") and value in fields.text(row, "name"):
            continue
        said.append(f"{each.get('display_key') or key}: {value}")
    return "\n".join(said)


def _payment(raw: Mapping[str, Any], status: str) -> str:
    if status == "failed":
        return "failed"
    if status in UNPAID:
        return "unpaid"
    # A status of a plugin, or one that ended the order, says nothing of the money.
    return "paid" if status in PAID or raw.get("date_paid_gmt") else "unpaid"


def _service(raw: Mapping[str, Any]) -> str:
    for row in fields.rows(raw, "shipping_lines"):
        for name in (row.get("method_title"), row.get("method_id")):
            if isinstance(name, str) and 0 < len(name) <= _SERVICE_MAX and name.isprintable():
                return name
    return ""


def _ship_to(raw: Mapping[str, Any]) -> ShipTo:
    """The shipping address; the billing address where the shop ships to no other."""
    billing, there = fields.table(raw, "billing"), fields.table(raw, "shipping")
    if not any(there.get(name) for name in ("first_name", "last_name", "company", "address_1", "postcode", "city")):
        there = billing
    names = (fields.text(there, "first_name"), fields.text(there, "last_name"))
    return ShipTo(
        name=" ".join(name for name in names if name),
        company=fields.text(there, "company"),
        lines=tuple(part for name in ("address_1", "address_2") if (part := fields.text(there, name))),
        city=fields.text(there, "city"),
        region=fields.text(there, "state"),
        postcode=fields.text(there, "postcode"),
        country=fields.text(there, "country"),
        phone=fields.text(there, "phone") or fields.text(billing, "phone"),
        email=fields.text(billing, "email"),
    )
