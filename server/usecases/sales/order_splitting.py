"""Some units of an order leave from another site: a part of its own, with its number, lines and address."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, select, update

from server.db import order_rows, tables
from server.db.transaction import Transaction
from server.domain.sales.orders import OrderStatus
from server.usecases.routes.split_notices import parts_of_order, tell_split
from server.usecases.sales.order_parts import number_of

_o, _l, _to = tables.order, tables.order_line, tables.recipient


class PartMade(NamedTuple):
    """The new part."""

    order_id: int
    number: str


def may_divide(tx: Transaction, order_id: int, units: Mapping[str, int]) -> bool:
    """Whether these units are lines of the order, and others of it stay: a component of a kit is no line."""
    here: dict[str, int] = {}
    for line in _lines(tx, order_id):
        here[line.sku] = here.get(line.sku, 0) + line.quantity - line.cancelled
    return all(here.get(sku, 0) >= n for sku, n in units.items()) and sum(here.values()) > sum(units.values())


def split_off(tx: Transaction, order: Row[Any], units: Mapping[str, int], site_id: int) -> PartMade:
    """A ready part for ``site_id`` with these units of the locked order's lines; the buyer's channel is told.

    The order keeps its number, which is on its slip; the parts made later are 1051-2, 1051-3. What the part holds is
    for the caller to reserve.
    """
    parts = parts_of_order(tx.connection, order.id)
    [new_id] = order_rows.new_ids(tx, 1)
    nth = max(part.part for part in parts) + 1
    number = number_of(parts[0].id, nth, nth)
    changed = {"id": new_id, "number": number, "part": nth, "parts": nth, "site_id": site_id, "version": 1}
    row = dict(order._mapping) | changed | {"status": OrderStatus.READY.value, "held_because": ""}
    recipient = tx.connection.execute(select(_to).where(_to.c.order_id == order.id)).one()
    lines = _divided(tx, order.id, new_id, dict(units))
    order_rows.insert(tx, [row], lines, [dict(recipient._mapping) | {"order_id": new_id}])
    tx.connection.execute(update(_o).where(_o.c.id.in_([part.id for part in parts])).values(parts=nth))
    tx.note("order.ready", {"before": "new", "number": number, "split_from": order.number}, order=new_id)
    tell_split(tx, parts[0].id)
    return PartMade(new_id, number)


def _divided(tx: Transaction, order_id: int, new_id: int, left: dict[str, int]) -> list[dict[str, Any]]:
    """Take the units from the last lines first; return them as lines of the new part."""
    made = []
    for line in reversed(_lines(tx, order_id)):
        taken = min(left.get(line.sku, 0), line.quantity - line.cancelled)
        if not taken:
            continue
        left[line.sku] -= taken
        made.append(dict(line._mapping) | {"order_id": new_id, "quantity": taken, "cancelled": 0})
        mine = (_l.c.order_id == order_id) & (_l.c.line_no == line.line_no)
        if taken == line.quantity:
            tx.connection.execute(delete(_l).where(mine))
        else:
            tx.connection.execute(update(_l).where(mine).values(quantity=line.quantity - taken))
    return made[::-1]


def _lines(tx: Transaction, order_id: int) -> list[Row[Any]]:
    query = select(_l).where(_l.c.order_id == order_id).order_by(_l.c.line_no)
    return [line for line in tx.connection.execute(query) if line.sku is not None]
