"""What a packer scans for an order: never the name of a kit, always what is in it (KIT-03)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import kits as kit_rows
from server.db import orders, tables
from server.db import stock as db_stock
from server.domain.packing.order import OrderLine

_p = tables.product


def pack_lines(connection: Connection, order: Row[Any]) -> tuple[OrderLine, ...]:
    """The lines of an order. One with kits has a line for each SKU on the shelves, numbered anew.

    Components are those of the version the kit was sold under. Units which the order took from pre-built stock stay a
    line of the kit: its own barcode satisfies them (KIT-04).
    """
    lines = orders.lines(connection, order.id)
    if not any(line.kit_version for line in lines):
        return tuple(OrderLine(n.line_no, n.sku, n.name, n.variant, n.quantity, n.bin) for n in lines)
    wanted = _expanded(connection, order.id, lines)
    names = {row.sku: row for row in connection.execute(select(_p).where(_p.c.sku.in_(sorted(wanted))))}
    return tuple(
        OrderLine(number, sku, names[sku].name, names[sku].variant, units, _bin(connection, sku, order.site_id))
        for number, (sku, units) in enumerate(wanted.items(), 1)
    )


def _expanded(connection: Connection, order_id: int, lines: Sequence[Row[Any]]) -> dict[str, int]:
    """Units of each SKU in the order in which the lines name them."""
    bills = kit_rows.leaves(connection, {(line.sku, line.kit_version) for line in lines if line.kit_version})
    built = _held(connection, order_id)
    wanted: dict[str, int] = {}
    for line in lines:
        bill: Mapping[str, int] = bills.get((line.sku, line.kit_version), {line.sku: 1})
        whole = line.quantity if line.sku in bill else min(line.quantity, built.get(line.sku, 0))
        if whole:
            wanted[line.sku] = wanted.get(line.sku, 0) + whole
            built[line.sku] = built.get(line.sku, 0) - whole
        for sku, units in bill.items() if line.quantity > whole else ():
            wanted[sku] = wanted.get(sku, 0) + units * (line.quantity - whole)
    return wanted


def _held(connection: Connection, order_id: int) -> dict[str, int]:
    held: dict[str, int] = {}
    for row in db_stock.live(connection, order_id):
        held[row.sku] = held.get(row.sku, 0) + row.quantity
    return held


def _bin(connection: Connection, sku: str, site_id: int | None) -> str:
    t = tables.stock
    query = select(t.c.bin).where(t.c.sku == sku, t.c.site_id == site_id, t.c.bin != "").order_by(t.c.bin).limit(1)
    return str(connection.execute(query).scalar() or "")
