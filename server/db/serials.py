"""Rows of serial numbers: which unit lies in which order's box, and where each of them was last."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_u, _o = tables.serial_unit, tables.order
PACKED, SHIPPED, IN_STOCK = "packed", "shipped", "in_stock"
_ON_SHELF = {"state": IN_STOCK, "order_id": None, "box_no": None}
Unit = tuple[str, str]
"""(SKU, serial number)."""


def of_order(connection: Connection, order_id: int) -> dict[Unit, int | None]:
    """The units that lie in the boxes of an order, each with the number of its box; None where nobody knows it."""
    query = select(_u.c.sku, _u.c.serial, _u.c.box_no).where(_u.c.order_id == order_id, _u.c.state == PACKED)
    return {(row.sku, row.serial): row.box_no for row in connection.execute(query)}


def with_serial(connection: Connection, serial: str, sku: str = "") -> Sequence[Row[Any]]:
    """The units with this serial number, of this product or of any, each with the number of the order that has it.

    As it is spelled; where nothing is called just so, however it was typed.
    """
    query = select(_u, _o.c.number.label("order_number")).outerjoin(_o, _o.c.id == _u.c.order_id)
    query = query.where(_u.c.serial.in_(_spellings(serial))).order_by(_u.c.sku, _u.c.serial)
    found = connection.execute(query.where(_u.c.sku.in_({sku, sku.upper()})) if sku else query).all()
    return [row for row in found if row.serial == serial] or found


def in_box(connection: Connection, order_id: int, box_no: int) -> Sequence[str]:
    """The serial numbers of the units that lie in this box of an order, or left in it."""
    there = (_u.c.order_id == order_id) & (_u.c.box_no == box_no)
    return connection.execute(select(_u.c.serial).where(there).order_by(_u.c.sku, _u.c.serial)).scalars().all()


def as_known(connection: Connection, units: Collection[Unit]) -> dict[Unit, Unit]:
    """How the book spells these units: a scanner that plays a keyboard with caps lock on sends ``sn1`` for ``SN1``."""
    spelled = {(sku, text): (sku, serial) for sku, serial in units for text in _spellings(serial)}
    query = select(_u.c.sku, _u.c.serial).where(tuple_(_u.c.sku, _u.c.serial).in_(sorted(spelled)))
    known = {(row.sku, row.serial) for row in connection.execute(query)}
    others = {spelled[unit]: unit for unit in sorted(known - set(units))}
    return {unit: others.get(unit, unit) if unit not in known else unit for unit in units}


def _spellings(serial: str) -> set[str]:
    return {serial, serial.upper(), serial.lower(), serial.swapcase()}


def lock(tx: Transaction, units: Collection[Unit]) -> Sequence[Row[Any]]:
    """Those of the units that are known, locked in one order, with number and status of the order that has them."""
    query = (
        select(_u, _o.c.number.label("order_number"), _o.c.status.label("order_status"))
        .outerjoin(_o, _o.c.id == _u.c.order_id)
        .where(tuple_(_u.c.sku, _u.c.serial).in_(sorted(units)))
    )
    return tx.connection.execute(query.order_by(_u.c.sku, _u.c.serial).with_for_update(of=_u)).all()


def pack(tx: Transaction, order_id: int, site_id: int, units: Mapping[Unit, int]) -> None:
    """They lie in these boxes of this order; a unit that nobody has seen before is known from now on."""
    for (sku, serial), box_no in sorted(units.items()):
        values = {"site_id": site_id, "state": PACKED, "order_id": order_id, "box_no": box_no, "at": tx.now}
        made = insert_into(tx.connection, _u).values(sku=sku, serial=serial, **values)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["sku", "serial"], set_=values))


def unpack(tx: Transaction, order_id: int, units: Collection[Unit]) -> None:
    """They are out of the box of this order again."""
    mine = (_u.c.order_id == order_id) & (_u.c.state == PACKED)
    for sku, serial in sorted(units):
        one = mine & (_u.c.sku == sku) & (_u.c.serial == serial)
        tx.connection.execute(update(_u).where(one).values(**_ON_SHELF, at=tx.now))


def give_back(tx: Transaction, order_ids: Collection[int]) -> None:
    """These orders hold nothing any more: their units go back to the shelf."""
    mine = _u.c.order_id.in_(sorted(order_ids)) & (_u.c.state == PACKED)
    tx.connection.execute(update(_u).where(mine).values(**_ON_SHELF, at=tx.now))


def ship(tx: Transaction, order_ids: Collection[int]) -> None:
    """The boxes of these orders have left."""
    mine = _u.c.order_id.in_(sorted(order_ids)) & (_u.c.state == PACKED)
    tx.connection.execute(update(_u).where(mine).values(state=SHIPPED, site_id=None, at=tx.now))
