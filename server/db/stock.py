"""Rows of stock, holds and reservations. Locks are taken in (sku, site, lot) order, for all sites of a SKU at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from server.db import raw, tables
from server.db.bulk import encoded, insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.booking.stock import Move, StockKey, StockLevel

_t = tables.stock
Levels = dict[StockKey, StockLevel]
Deltas = dict[StockKey, list[int]]
"""Changes of on hand, reserved, held and in transit for each row."""

_COLUMNS = "sku, site_id, on_hand, reserved, held, in_transit, lot, expires_on"


def create_missing(tx: Transaction, rows: Iterable[tuple[str, int, str, str]]) -> None:
    """Empty rows for these (sku, site, lot, expires_on) where there are none.

    The product is locked first: two transactions that each add a row to one SKU must see each other's.
    """
    wanted = {row[:3]: row for row in rows}
    skus = sorted({sku for sku, _, _ in wanted})
    have = tx.connection.execute(select(_t.c.sku, _t.c.site_id, _t.c.lot).where(_t.c.sku.in_(skus)))
    missing = sorted(wanted.keys() - {tuple(row) for row in have})
    if missing:
        p = tables.product
        lock = select(p.c.sku).where(p.c.sku.in_(skus)).order_by(p.c.sku).with_for_update(key_share=True)
        tx.connection.execute(lock).all()
        made = [
            {"sku": sku, "site_id": site, "lot": lot, "expires_on": wanted[sku, site, lot][3]}
            for sku, site, lot in missing
        ]
        tx.connection.execute(insert_into(tx.connection, _t).on_conflict_do_nothing(), made)


def lock(tx: Transaction, skus: Iterable[str]) -> Levels:
    """The levels of these SKUs at every site, locked."""
    return {level.key: level for level in lock_rows(tx.connection, skus)}


def lock_rows(connection: Connection, skus: Iterable[str]) -> list[StockLevel]:
    """As ``lock``, in lock order."""
    return ask_rows(connection, skus)()


def ask_rows(connection: Connection, skus: Iterable[str]) -> Callable[[], list[StockLevel]]:
    """As ``lock_rows``, for the answer to come with others inside ``raw.together``."""
    cursor = _about(connection, f"SELECT {_COLUMNS} FROM stock", skus, "ORDER BY sku, site_id, lot", "FOR UPDATE")  # noqa: S608
    return lambda: [StockLevel(*row) for row in cursor]


def owed(connection: Connection, skus: Iterable[str]) -> list[tuple[str, int]]:
    """Units of each SKU that older orders wait for, where there are any."""
    return ask_owed(connection, skus)()


def ask_owed(connection: Connection, skus: Iterable[str]) -> Callable[[], list[tuple[str, int]]]:
    """As ``owed``, for the answer to come with others inside ``raw.together``."""
    cursor = _about(connection, "SELECT sku, sum(quantity) FROM waiting_line", skus, "GROUP BY sku")
    return lambda: [(sku, int(units)) for sku, units in cursor]


def _about(connection: Connection, query: str, skus: Iterable[str], then: str, locking: str = "") -> Any:
    sqlite, wanted = connection.dialect.name == "sqlite", sorted(set(skus))
    chosen = "IN (SELECT value FROM json_each(?))" if sqlite else "= ANY(%s)"
    statement = f"{query} WHERE sku {chosen} {then} {'' if sqlite else locking}"
    return raw.execute(connection, statement, (encoded(wanted) if sqlite else wanted,))


def deltas(moves: Iterable[Move]) -> Deltas:
    """The moves summed for each row."""
    found: Deltas = {}
    for _, sku, site_id, d_on_hand, d_reserved, d_held, d_transit, lot in moves:
        row = found.get((sku, site_id, lot))
        if row is None:
            found[sku, site_id, lot] = [d_on_hand, d_reserved, d_held, d_transit]
            continue
        row[0] += d_on_hand
        row[1] += d_reserved
        row[2] += d_held
        row[3] += d_transit
    return found


def write(connection: Connection, changes: Deltas) -> Callable[[], int]:
    """Move the counters of these rows; the result tells how many were moved: fewer when one would break its bounds."""
    if not changes:
        return lambda: 0
    ordered = sorted(changes.items())
    if connection.dialect.name == "sqlite":
        # executemany adds the rows up; the guard of each is its own.
        values = [(*d, *key, d[1], d[2], d[3], d[1], d[2], d[0]) for key, d in ordered]
        moved = raw.execute_many(connection, _SQLITE_WRITE, values)
        return lambda: moved
    rows = [
        {"k": sku, "s": site_id, "l": lot, "a": d[0], "b": d[1], "c": d[2], "d": d[3]}
        for (sku, site_id, lot), d in ordered
    ]
    cursor = raw.execute(connection, _POSTGRES_WRITE, (encoded(rows),))
    return lambda: int(cursor.rowcount)


_SQLITE_WRITE = """
UPDATE stock SET on_hand = on_hand + ?, reserved = reserved + ?, held = held + ?, in_transit = in_transit + ?
WHERE sku = ? AND site_id = ? AND lot = ? AND reserved + ? >= 0 AND held + ? >= 0 AND in_transit + ? >= 0
  AND reserved + ? + held + ? <= on_hand + ?
"""
_POSTGRES_WRITE = """
UPDATE stock SET on_hand = on_hand + a, reserved = reserved + b, held = held + c, in_transit = in_transit + d
FROM json_to_recordset(%s::json) AS r(k text, s int, l text, a int, b int, c int, d int)
WHERE stock.sku = k AND stock.site_id = s AND stock.lot = l AND reserved + b >= 0 AND held + c >= 0
  AND in_transit + d >= 0 AND reserved + b + held + c <= on_hand + a
"""


def put_reserved(tx: Transaction, claims: Mapping[int, Iterable[Move]]) -> None:
    """What orders hold, by order id. A row that was released before is used again; a live one grows."""
    wanted: dict[tuple[int, str, int, str], int] = {}
    for order_id, moves in claims.items():
        for m in moves:
            if m.d_reserved > 0:
                key = order_id, m.sku, m.site_id, m.lot
                wanted[key] = wanted.get(key, 0) + m.d_reserved
    names = ("order_id", "sku", "site_id", "lot")
    rows = [
        dict(zip(names, key, strict=True)) | {"quantity": units, "state": "reserved"}
        for key, units in sorted(wanted.items())
    ]
    then = (
        "ON CONFLICT (order_id, sku, site_id, lot) DO UPDATE SET state = 'reserved', quantity = excluded.quantity + "
        "CASE WHEN reservation.state = 'reserved' THEN reservation.quantity ELSE 0 END "
        "WHERE reservation.state <> 'shipped'"
    )
    insert_rows(tx.connection, tables.reservation, rows, then)


def end_reserved(tx: Transaction, order_ids: Iterable[int], state: str) -> Sequence[Row[Any]]:
    """Lock the live reservations of these orders, give them their last state, and return them: once each."""
    r = tables.reservation
    query = select(r).where(r.c.order_id.in_(sorted(set(order_ids))), r.c.state == "reserved")
    rows = tx.connection.execute(query.order_by(r.c.order_id, r.c.sku, r.c.site_id, r.c.lot).with_for_update()).all()
    done = update(r).where(r.c.order_id.in_({row.order_id for row in rows}), r.c.state == "reserved")
    tx.connection.execute(done.values(state=state))
    return rows


def live(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """What an order holds now: sku, site_id, lot, quantity."""
    r = tables.reservation
    query = select(r).where(r.c.order_id == order_id, r.c.state == "reserved")
    return connection.execute(query.order_by(r.c.sku, r.c.site_id, r.c.lot)).all()


def channels_of(connection: Connection, order_ids: Iterable[int]) -> dict[int, int]:
    """The channel id of each of these orders."""
    o = tables.order
    rows = connection.execute(select(o.c.id, o.c.channel_id).where(o.c.id.in_(sorted(set(order_ids)))))
    return {row.id: row.channel_id for row in rows}


def shrink_reserved(tx: Transaction, order_id: int, key: StockKey, units: int) -> None:
    """The order wants so many units less of this row; the caller holds the row's lock and has looked."""
    r = tables.reservation
    sku, site_id, lot = key
    mine = (r.c.order_id == order_id) & (r.c.sku == sku) & (r.c.site_id == site_id) & (r.c.lot == lot)
    live_one = mine & (r.c.state == "reserved")
    whole = update(r).where(live_one, r.c.quantity == units).values(state="released")
    if tx.connection.execute(whole).rowcount == 0:
        tx.connection.execute(update(r).where(live_one, r.c.quantity > units).values(quantity=r.c.quantity - units))


def available(connection: Connection, skus: Iterable[str]) -> dict[str, int]:
    """Sellable units over all sites; a SKU without a stock row is missing."""
    left = func.sum(_t.c.on_hand - _t.c.reserved - _t.c.held)
    query = select(_t.c.sku, left).where(_t.c.sku.in_(sorted(set(skus))))
    return {sku: int(units) for sku, units in connection.execute(query.group_by(_t.c.sku))}


def of_sku(connection: Connection, sku: str) -> Sequence[Row[Any]]:
    """The rows of one SKU with the site's code."""
    site = tables.site
    query = select(_t, site.c.code.label("site")).join(site, site.c.id == _t.c.site_id)
    return connection.execute(query.where(_t.c.sku == sku).order_by(_t.c.site_id, _t.c.lot)).all()


def set_bin(tx: Transaction, sku: str, site_id: int, bin_code: str, lot: str = "") -> None:
    """Where the SKU, or one lot of it, lies at this site."""
    where = (_t.c.sku == sku) & (_t.c.site_id == site_id) & (_t.c.lot == lot)
    tx.connection.execute(update(_t).where(where).values(bin=bin_code))
