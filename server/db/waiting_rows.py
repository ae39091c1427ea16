"""The wait queue: what each waiting order may take. Newer orders do not see those units.

Who waits for a kit may get one that was built before, or its components: there is a row for each.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from server.db import stale, tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction

_w, _o, _s, _l = tables.waiting_line, tables.order, tables.stock, tables.order_line


def join(tx: Transaction, order_id: int, units: Mapping[str, int], waiting_for: str) -> None:
    """The order waits for these units; its place in the queue is its order date."""
    rows = [{"order_id": order_id, "sku": sku, "quantity": n} for sku, n in sorted(units.items())]
    insert_rows(tx.connection, _w, rows, "ON CONFLICT (order_id, sku) DO UPDATE SET quantity = excluded.quantity")
    since = func.coalesce(_o.c.waiting_since, tx.now)
    row = update(_o).where(_o.c.id == order_id).values(waiting_for=waiting_for, waiting_since=since)
    tx.connection.execute(row)
    stale.mark(tx, units)


def leave(tx: Transaction, order_ids: Iterable[int]) -> None:
    """These orders wait no longer; others may take what they were to get."""
    ids = sorted(order_ids)
    gone = tx.connection.execute(delete(_w).where(_w.c.order_id.in_(ids)).returning(_w.c.sku)).scalars().all()
    if gone:
        tx.connection.execute(update(_o).where(_o.c.id.in_(ids)).values(waiting_for=""))
        stale.mark(tx, gone)


def units_of(connection: Connection, order_id: int) -> dict[str, int]:
    """What this order waits for."""
    rows = connection.execute(select(_w.c.sku, _w.c.quantity).where(_w.c.order_id == order_id))
    return {row.sku: row.quantity for row in rows}


def queue(connection: Connection) -> Sequence[Row[Any]]:
    """order_id, placed_at and what it was sold (sku, quantity) of every waiting order that free units might serve."""
    free = func.sum(_s.c.on_hand - _s.c.reserved - _s.c.held)
    stocked = select(_s.c.sku).where(_s.c.sku.in_(select(_w.c.sku))).group_by(_s.c.sku).having(free > 0)
    hopeful = select(_w.c.order_id).where(_w.c.sku.in_(stocked))
    units = (_l.c.quantity - _l.c.cancelled).label("quantity")
    query: Select[Any] = select(_l.c.order_id, _o.c.placed_at, _l.c.sku, units).join(_o, _o.c.id == _l.c.order_id)
    query = query.where(_l.c.order_id.in_(hopeful), _l.c.sku.is_not(None), _l.c.quantity > _l.c.cancelled)
    return connection.execute(query.order_by(_o.c.placed_at, _o.c.id)).all()


def oversold(connection: Connection, channel_id: int, skus: Iterable[str]) -> dict[str, int]:
    """Units by which this channel has sold more than there is, and which still wait."""
    query = (
        select(_w.c.sku, func.sum(_w.c.quantity))
        .join(_o, _o.c.id == _w.c.order_id)
        .where(_w.c.sku.in_(sorted(skus)), _o.c.channel_id == channel_id, _o.c.waiting_for == "oversell")
        .group_by(_w.c.sku)
    )
    return {sku: int(units) for sku, units in connection.execute(query)}


def waited_for(connection: Connection, skus: Iterable[str]) -> dict[str, int]:
    """Units that all waiting orders together want."""
    query = select(_w.c.sku, func.sum(_w.c.quantity)).where(_w.c.sku.in_(sorted(skus))).group_by(_w.c.sku)
    return {sku: int(units) for sku, units in connection.execute(query)}
