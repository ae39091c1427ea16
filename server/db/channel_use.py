"""What each channel has taken of SKUs with shares; read and written under the lock of the SKU's stock rows."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, case, delete, func, select

from server.db import tables
from server.db.bulk import insert_rows
from server.db.offering import first_event
from server.db.transaction import Transaction

_t, _p, _l = tables.channel_use, tables.product, tables.ledger
_TAKES = ("hold", "reserve", "release", "claim", "unhold", "expire", "ship")
"""Kinds of moves that count against a share, as in ``usecases.stock``."""


def read(connection: Connection, skus: Iterable[str]) -> dict[tuple[str, int], int]:
    """Units by (SKU, channel id)."""
    rows = connection.execute(select(_t).where(_t.c.sku.in_(sorted(set(skus)))))
    return {(row.sku, row.channel_id): row.used for row in rows}


def add(tx: Transaction, taken: Mapping[tuple[str, int], int]) -> None:
    """Add to what was taken; negative when units came back."""
    rows = [{"sku": sku, "channel_id": channel_id, "used": n} for (sku, channel_id), n in sorted(taken.items())]
    then = "ON CONFLICT (sku, channel_id) DO UPDATE SET used = channel_use.used + excluded.used"
    insert_rows(tx.connection, _t, rows, then)


def counted(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    """SKUs with anything counted, of the products of which this condition on ``product`` is true."""
    query = select(_t.c.sku).distinct().join(_p, _p.c.sku == _t.c.sku).where(which).order_by(_t.c.sku)
    return list(connection.execute(query).scalars())


def forget(tx: Transaction, skus: Iterable[str], channel_id: int | None = None) -> None:
    """Count from zero again: for every channel, or for one; the caller has locked the stock rows."""
    mine = _t.c.sku.in_(sorted(set(skus)))
    tx.connection.execute(delete(_t).where(mine if channel_id is None else mine & (_t.c.channel_id == channel_id)))


def taken_since(connection: Connection, since: float, which: ColumnElement[bool]) -> dict[tuple[str, int], int]:
    """Units by (SKU, channel id) that the ledger says were taken from this moment (epoch seconds) on."""
    shipped = case((_l.c.kind == "ship", -_l.c.d_on_hand), else_=0)
    query = (
        select(_l.c.sku, _l.c.channel_id, func.sum(_l.c.d_reserved + _l.c.d_held + shipped))
        .join(_p, _p.c.sku == _l.c.sku)
        .where(_l.c.id >= first_event(connection, since), _l.c.at >= since, _l.c.kind.in_(_TAKES))
        .where(_l.c.channel_id.is_not(None), which)
        .group_by(_l.c.sku, _l.c.channel_id)
    )
    return {(sku, channel_id): int(units) for sku, channel_id, units in connection.execute(query)}
