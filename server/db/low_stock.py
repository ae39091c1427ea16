"""What the low-stock watch reads: levels, shipments of the ledger, velocities, and whom it has told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, delete, func, select, union

from server.db import shelf_life, tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.booking.stock import MoveKind
from server.domain.warehouse.lowstock import HISTORY_DAYS, Day, Velocity

_s, _p, _site = tables.stock, tables.product, tables.site
_l, _b, _v, _low, _in = tables.ledger, tables.batch, tables.velocity, tables.low_stock, tables.inbound
TOTAL = 0
"""The site id of all sites together."""
DAY = 86_400
Place = tuple[str, int]
"""(SKU, site id)."""


class Shelf(NamedTuple):
    """One SKU at one active site; ``available`` leaves out lots that are past their day."""

    sku: str
    site_id: int
    site: str
    lead_days: float | None
    on_hand: int
    available: int
    inbound: int
    safety: int


def stocked_skus(connection: Connection) -> list[str]:
    """Every SKU with a row of stock, sorted."""
    return list(connection.execute(select(_s.c.sku).distinct().order_by(_s.c.sku)).scalars())


def shelves(connection: Connection, skus: Sequence[str], now: float) -> list[Shelf]:
    """These SKUs at every active site, by SKU and rank of the site; lots past their day are not available.

    Products made to order are left out: they never run out.
    """
    fresh = shelf_life.still_good(shelf_life.days(connection, now))
    query = (
        select(
            _s.c.sku,
            _s.c.site_id,
            _site.c.code.label("site"),
            _p.c.lead_days,
            func.sum(_s.c.on_hand).label("on_hand"),
            func.sum(case((fresh, _s.c.on_hand - _s.c.reserved - _s.c.held), else_=0)).label("available"),
            func.sum(_s.c.in_transit).label("inbound"),
            func.sum(_s.c.safety).label("safety"),
        )
        .join(_p, _p.c.sku == _s.c.sku)
        .join(_site, _site.c.id == _s.c.site_id)
        .where(_s.c.sku.in_(skus), _site.c.active, _p.c.made_to_order.is_(None))
        .group_by(_s.c.sku, _s.c.site_id, _site.c.code, _site.c.rank, _p.c.lead_days)
    )
    rows = connection.execute(query.order_by(_s.c.sku, _site.c.rank, _s.c.site_id))
    return [Shelf(*row[:4], *(int(number) for number in row[4:])) for row in rows]


def ordered(connection: Connection, skus: Sequence[str]) -> dict[Place, int]:
    """Units that suppliers still owe, by SKU and site."""
    open_units = func.sum(_in.c.quantity - _in.c.received)
    query = select(_in.c.sku, _in.c.site_id, open_units).where(_in.c.sku.in_(skus), _in.c.quantity > _in.c.received)
    return {(sku, site): int(n) for sku, site, n in connection.execute(query.group_by(_in.c.sku, _in.c.site_id))}


def history(connection: Connection, skus: Sequence[str], now: float) -> dict[Place, dict[int, Day]]:
    """What the ledger says of each day of the last ``HISTORY_DAYS`` on which units came or went."""
    start = now - HISTORY_DAYS * DAY
    first = connection.execute(select(func.min(_b.c.first_id)).where(_b.c.at >= start)).scalar() or 0
    ago = _days((now - _l.c.at) / DAY, connection)
    shipped = func.sum(case((_l.c.kind == MoveKind.SHIP.value, -_l.c.d_on_hand), else_=0))
    query = (
        select(_l.c.sku, _l.c.site_id, ago.label("ago"), func.sum(_l.c.d_on_hand), shipped)
        .where(_l.c.sku.in_(skus), _l.c.id >= first, _l.c.at >= start, _l.c.d_on_hand != 0)
        .group_by(_l.c.sku, _l.c.site_id, "ago")
    )
    found: dict[Place, dict[int, Day]] = {}
    for sku, site_id, day, moved, sold in connection.execute(query):
        found.setdefault((sku, site_id), {})[max(0, int(day))] = Day(int(moved), int(sold))
    return found


def velocities(connection: Connection, skus: Sequence[str]) -> dict[Place, Velocity]:
    """As they were this morning; SKUs that do not move are missing."""
    rows = connection.execute(select(_v.c.sku, _v.c.site_id, _v.c.shipped, _v.c.days).where(_v.c.sku.in_(skus)))
    return {(row.sku, row.site_id): Velocity(row.shipped, row.days) for row in rows}


def put_velocities(tx: Transaction, skus: Sequence[str], found: Mapping[Place, Velocity]) -> None:
    """Replace the velocities of these SKUs."""
    tx.connection.execute(delete(_v).where(_v.c.sku.in_(skus)))
    rows = [
        {"sku": sku, "site_id": site_id, "shipped": v.shipped, "days": v.days, "at": tx.now}
        for (sku, site_id), v in sorted(found.items())
        if v.shipped
    ]
    insert_rows(tx.connection, _v, rows)


def low(connection: Connection, skus: Sequence[str]) -> set[Place]:
    """Where people were told and the stock has not recovered."""
    query = select(_low.c.sku, _low.c.site_id).where(_low.c.sku.in_(skus))
    return {(row.sku, row.site_id) for row in connection.execute(query)}


def watched(connection: Connection) -> list[str]:
    """SKUs that can be on a reorder list at all: they move, have a safety stock, or are low."""
    names = union(select(_v.c.sku), select(_s.c.sku).where(_s.c.safety > 0), select(_low.c.sku))
    return sorted(connection.execute(names).scalars())


def fell(tx: Transaction, place: Place, threshold: int) -> bool:
    """Remember that people were told; False when they were already."""
    row = {"sku": place[0], "site_id": place[1], "threshold": threshold, "since": tx.now}
    made = insert_into(tx.connection, _low).values(**row).on_conflict_do_nothing().returning(_low.c.sku)
    return tx.connection.execute(made).first() is not None


def rose(tx: Transaction, place: Place) -> None:
    """It has recovered."""
    tx.connection.execute(delete(_low).where(_low.c.sku == place[0], _low.c.site_id == place[1]))


def moved_since(connection: Connection, seq: int, limit: int) -> tuple[int, list[str]]:
    """(last batch looked at, SKUs whose counters moved) in up to ``limit`` committed batches after this one."""
    some = select(_b.c.seq).where(_b.c.seq > seq).order_by(_b.c.seq).limit(limit).subquery()
    last = connection.execute(select(func.max(some.c.seq))).scalar()
    if last is None:
        return seq, []
    mine = _l.c.id.between(_b.c.first_id, _b.c.last_id)
    query = select(_l.c.sku).distinct().join(_b, mine).where(_b.c.seq > seq, _b.c.seq <= last)
    return int(last), sorted(connection.execute(query).scalars())


def newest_batch(connection: Connection) -> int:
    """The last committed one; 0 before the first."""
    return int(connection.execute(select(func.max(_b.c.seq))).scalar() or 0)


def chunks(skus: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """So many at a time, so that no transaction and no statement grows with the catalogue."""
    return (skus[start : start + size] for start in range(0, len(skus), size))


def _days(number: ColumnElement[Any], connection: Connection) -> ColumnElement[Any]:
    """Rounded down: SQLite's cast does that to what is not negative, PostgreSQL's rounds to the nearest."""
    return cast(number, Integer) if connection.dialect.name == "sqlite" else func.floor(number)
