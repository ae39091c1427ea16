"""Rows of learned weights: mean and spread of one unit, a box at a time."""

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t = tables.sku_weight
BOXES_MIN = 3
"""Fewer boxes say nothing of the spread."""


def learn(tx: Transaction, sku: str, grams: float) -> None:
    """One more box. Running mean and sum of squares (Welford 1962), so that no box is kept."""
    empty = insert_into(tx.connection, _t).values(sku=sku, boxes=0, mean=0.0, squares=0.0, at=tx.now)
    tx.connection.execute(empty.on_conflict_do_nothing())
    row = tx.connection.execute(select(_t).where(_t.c.sku == sku).with_for_update()).one()
    boxes = row.boxes + 1
    mean = row.mean + (grams - row.mean) / boxes
    squares = row.squares + (grams - row.mean) * (grams - mean)
    values = {"boxes": boxes, "mean": mean, "squares": squares, "at": tx.now}
    tx.connection.execute(update(_t).where(_t.c.sku == sku).values(**values))


def learned(connection: Connection, skus: Iterable[str]) -> dict[str, tuple[float, float]]:
    """(mean, standard deviation) in grams of one unit of each SKU that was weighed often enough."""
    query = select(_t).where(_t.c.sku.in_(sorted(set(skus))), _t.c.boxes >= BOXES_MIN)
    return {row.sku: (row.mean, (row.squares / (row.boxes - 1)) ** 0.5) for row in connection.execute(query)}
