"""What a packer scans for an order: what is in a kit, shown under its name (KIT-03)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import kits as kit_rows
from server.db import orders, tables
from server.db import stock as db_stock
from server.domain.packing.order import OrderLine
from server.usecases.benchwork.pack_goods import with_goods

_p = tables.product


def pack_lines(connection: Connection, order: Row[Any]) -> tuple[OrderLine, ...]:
    """The lines of an order. One with kits has a line for each SKU of each kit, numbered anew.

    Components are those of the version the kit was sold under. Units which the order took from pre-built stock stay a
    line of the kit: its own barcode satisfies them (KIT-04).
    """
    lines = orders.lines(connection, order.id)
    if not any(line.kit_version for line in lines):
        plain = tuple(OrderLine(n.line_no, n.sku, n.name, n.variant, n.quantity, n.bin) for n in lines)
        return with_goods(connection, order, plain)
    wanted = _expanded(connection, order.id, lines)
    named = sorted({sku for each in wanted for sku in each if sku})
    names = {row.sku: row for row in connection.execute(select(_p).where(_p.c.sku.in_(named)))}
    made = []
    for number, ((kit, sku), units) in enumerate(wanted.items(), 1):
        product, place = names[sku], _bin(connection, sku, order.site_id)
        line = OrderLine(number, sku, product.name, product.variant, units, place)
        made.append(replace(line, kit_sku=kit, kit_name=names[kit].name) if kit else line)
    return with_goods(connection, order, made)


def units_in(connection: Connection, order_id: int, contents: Mapping[str, int] | None) -> Counter[str | None]:
    """Units by SKU of one box (``contents``), or of all that is wanted of the order; of kits their parts.

    None is the SKU of a line that is no product of ours yet.
    """
    if contents is not None:
        return Counter[str | None](contents)
    lines = orders.lines(connection, order_id)
    if any(line.kit_version for line in lines):
        found = Counter[str | None]()
        for (_, sku), units in _expanded(connection, order_id, lines).items():
            found[sku] += units
        return found
    return sum((Counter({line.sku: int(line.quantity)}) for line in lines), Counter[str | None]())


def skus_in(connection: Connection, order_id: int, contents: Mapping[str, int] | None) -> tuple[str, ...]:
    """SKUs of what lies in one box (``contents``), or of all of the order; and of the kits it was sold in."""
    lines = orders.lines(connection, order_id)
    kits = any(line.kit_version for line in lines)
    wanted = _expanded(connection, order_id, lines) if kits else [("", line.sku) for line in lines if line.sku]
    inside = {sku for pair in wanted if contents is None or pair[1] in contents for sku in pair if sku}
    return tuple(sorted(inside | set(contents or ())))


def _expanded(connection: Connection, order_id: int, lines: Sequence[Row[Any]]) -> dict[tuple[str, str], int]:
    """Units of each (kit, SKU) in the order in which the lines name them; no kit: the goods are packed as they are."""
    bills = kit_rows.leaves(connection, {(line.sku, line.kit_version) for line in lines if line.kit_version})
    built = _held(connection, order_id)
    wanted: dict[tuple[str, str], int] = {}
    for line in lines:
        bill: Mapping[str, int] = bills.get((line.sku, line.kit_version), {line.sku: 1})
        whole = line.quantity if line.sku in bill else min(line.quantity, built.get(line.sku, 0))
        if whole:
            wanted["", line.sku] = wanted.get(("", line.sku), 0) + whole
            built[line.sku] = built.get(line.sku, 0) - whole
        for sku, units in bill.items() if line.quantity > whole else ():
            wanted[line.sku, sku] = wanted.get((line.sku, sku), 0) + units * (line.quantity - whole)
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
