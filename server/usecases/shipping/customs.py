"""What customs are told of a parcel, from the product master: attributes of each product, in the words of a person."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import orders, tables
from server.domain.masterdata.customs import HS_CODE, ORIGIN, TEXT, VALUE
from server.trade.customs import TEXT_MAX, CustomsItem
from server.usecases.benchwork.pack_lines import pack_lines
from server.usecases.benchwork.wants import plain


def goods_of(connection: Connection, order_id: int, contents: Mapping[str, int] | None) -> tuple[CustomsItem, ...]:
    """What lies in a parcel, by SKU; ``contents`` of one box of several, None for all of the order.

    What nobody has said of a product is left empty: who needs it names it (``trade.customs.lacking``).
    """
    units = Counter(dict(contents or {}))
    order = orders.find(connection, order_id)
    if contents is None and order is not None:
        for line in pack_lines(connection, order):
            units[line.sku] += line.quantity
    p = tables.product
    rows = connection.execute(select(p).where(p.c.sku.in_(sorted(units))).order_by(p.c.sku))
    return tuple(_item(row, units[row.sku]) for row in rows)


def _item(row: Row[Any], units: int) -> CustomsItem:
    said = {name: plain(str(value)) for name, value in dict(row.attributes).items()}
    value, _, currency = said.get(VALUE, "").partition(" ")
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
        return Decimal(text)
    except InvalidOperation:
        return None
