"""What customs are told of a parcel, from the product master: attributes of each product, in the words of a person.

A unit is worth what the product's ``customs_value`` says. A product without one is worth what the buyer paid for it:
who sells at prices with tax in them says the value without it, who does not need say nothing.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import orders, tables
from server.domain.masterdata.customs import HS_CODE, ORIGIN, TEXT, VALUE
from server.trade.customs import TEXT_MAX, CustomsItem
from server.usecases.benchwork.pack_lines import units_in
from server.usecases.benchwork.wants import plain


def goods_of(connection: Connection, order_id: int, contents: Mapping[str, int] | None) -> tuple[CustomsItem, ...]:
    """What lies in a parcel, by SKU; ``contents`` of one box of several, None for all of the order.

    What nobody has said of a product is left empty: who needs it names it (``trade.customs.lacking``).
    """
    units = units_in(connection, order_id, contents)
    paid = _paid(connection, order_id)
    p = tables.product
    rows = connection.execute(select(p).where(p.c.sku.in_(sorted(filter(None, units)))).order_by(p.c.sku))
    return tuple(_item(row, units[row.sku], paid.get(row.sku, "")) for row in rows)


def _paid(connection: Connection, order_id: int) -> dict[str, str]:
    """What one unit was sold for by SKU, as "4.50 USD"; not of lines without a price, or at several currencies.

    Lines of one SKU at several prices give their mean: which unit lies in which box nobody knows.
    """
    r, sold = tables.recipient, dict[str, list[tuple[Decimal, str, int]]]()
    texts = connection.execute(select(r.c.texts).where(r.c.order_id == order_id)).scalar() or {}
    for line in orders.lines(connection, order_id):
        text, _, currency = str((texts.get("prices") or {}).get(str(line.line_no), "")).partition(" ")
        sold.setdefault(line.sku, []).append((_money(text) or Decimal(0), currency, line.quantity))
    paid = {}
    for sku, lines in sold.items():
        worth, units = sum((price * n for price, _, n in lines), Decimal(0)), sum(n for _, _, n in lines)
        if units and len({currency for _, currency, _ in lines}) == 1 and all(price > 0 for price, _, _ in lines):
            paid[sku] = f"{(worth / units).quantize(Decimal('0.01'), ROUND_HALF_UP)} {lines[0][1]}"
    return paid


def _item(row: Row[Any], units: int, paid: str) -> CustomsItem:
    said = {name: plain(str(value)) for name, value in dict(row.attributes).items()}
    value, _, currency = (said.get(VALUE) or paid).partition(" ")
    return CustomsItem(
        sku=row.sku,
        units=units,
        text=(said.get(TEXT) or plain(row.name))[:TEXT_MAX],
        value=_money(value),
        currency=currency.strip().upper(),
        grams=row.weight_grams,
        origin=said.get(ORIGIN, "").upper(),
        hs_code=said.get(HS_CODE, "").replace(".", "").replace(" ", ""),
    )


def _money(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
