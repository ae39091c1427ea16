"""What published numbers are made of: free units by site, what is owed, what was sold lately."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from server.db import tables

_p, _s = tables.product, tables.stock
_ledger, _batch = tables.ledger, tables.batch
_BLOCKS = 64 * 4096
"""Event ids by which a batch may be committed out of order (see ``chain.BLOCK``)."""


class Lying(NamedTuple):
    """Units nobody claims at a selling site; ``expires_on`` is their last ISO day, "" for none."""

    sku: str
    site_id: int
    expires_on: str
    units: int


def free_units(connection: Connection, skus: Sequence[str], sites: Sequence[int]) -> list[Lying]:
    """What lies there for whoever comes, expired or not."""
    left = func.sum(_s.c.on_hand - _s.c.reserved - _s.c.held)
    query = (
        select(_s.c.sku, _s.c.site_id, _s.c.expires_on, left)
        .where(_s.c.sku.in_(skus), _s.c.site_id.in_(sites))
        .group_by(_s.c.sku, _s.c.site_id, _s.c.expires_on)
    )
    return [Lying(*row[:3], int(row[3])) for row in connection.execute(query)]


def facts(connection: Connection, skus: Sequence[str]) -> Mapping[str, Any]:
    """Category, made-to-order number, lead time and margin of these products, by SKU."""
    columns = (_p.c.sku, _p.c.category, _p.c.made_to_order, _p.c.lead_days, _p.c.margin_percent)
    return {row.sku: row for row in connection.execute(select(*columns).where(_p.c.sku.in_(skus)))}


def shipped(connection: Connection, skus: Sequence[str], since: float, until: float) -> dict[str, int]:
    """Units that left the building in [since, until), by SKU."""
    if not skus:
        return {}
    query = (
        select(_ledger.c.sku, -func.sum(_ledger.c.d_on_hand))
        .where(_ledger.c.sku.in_(skus), _ledger.c.id >= first_event(connection, since))
        .where(_ledger.c.kind == "ship", _ledger.c.at >= since, _ledger.c.at < until)
        .group_by(_ledger.c.sku)
    )
    return {sku: int(units) for sku, units in connection.execute(query)}


def first_event(connection: Connection, at: float) -> int:
    """An event id before everything that happened from ``at`` on; batches are numbered as they were committed."""
    low, high = 0, int(connection.execute(select(func.max(_batch.c.seq))).scalar() or 0)
    while low < high:
        middle = (low + high + 1) // 2
        seen = connection.execute(select(_batch.c.at).where(_batch.c.seq == middle)).scalar()
        low, high = (middle, high) if seen is not None and seen < at else (low, middle - 1)
    first = connection.execute(select(_batch.c.first_id).where(_batch.c.seq == low)).scalar()
    return int(first or 0) - _BLOCKS
