"""Years of trade in a database: orders that came from checkouts and were shipped, made by the database itself."""

from sqlalchemy import Connection

from server.db.engine import is_sqlite
from server.db.transaction import Database

_FIRST = 1 << 40
"""Ids of the made rows begin here, far above those that a benchmark takes before."""


def trade(db: Database, orders: int, skus: int) -> None:
    """So many orders, each with its hold, its lines, its reservation and four ledger rows; the counters follow."""
    numbers = f"SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {orders - 1}"
    with db.engine.connect() as connection:
        sqlite = is_sqlite(db.engine)
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        key = "lower(hex(randomblob(16)))" if sqlite else "md5(i::text)"
        for table, columns in _rows(key, _sku(skus)):
            made = f"WITH RECURSIVE n(i) AS ({numbers}) SELECT {', '.join(columns.values())} FROM n"
            connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) {made}")
        _settle(connection, orders, sqlite=sqlite)
        connection.commit()
    _tidy(db)


def _sku(skus: int) -> str:
    """The SKU of order i: all in turn, but not in the order of their names."""
    return f"'SKU-' || (i * 7919 - i * 7919 / {skus} * {skus})"


def _rows(key: str, sku: str) -> list[tuple[str, dict[str, str]]]:
    """Tables with an expression for each column of row i."""
    number = f"{_FIRST} + i"
    claim = {"sku": sku, "site_id": "1", "lot": "''", "quantity": "1"}
    order = {
        "id": number,
        "number": "'OLD-' || i",
        "channel_id": "1",
        "channel_order_id": key,
        "fingerprint": key,
        "status": "'SHIPPED'",
        "version": "1",
        "site_id": "1",
        "carrier": "'demo'",
        "service": "'standard'",
        "payment": "'paid'",
        "placed_at": "1.0",
        "received_at": "1.0",
    }
    hold = {
        "id": number,
        "channel_id": "1",
        "key": key,
        "fingerprint": key,
        "state": "'used'",
        "answer": "'an answer of about as many letters as a real one has, with its key and a time'",
        "at": "1.0",
        "order_id": number,
    }
    return [
        ("orders", order),
        ("order_line", {"order_id": number, "line_no": "1", "channel_sku": sku, "sku": sku, "quantity": "1"}),
        ("reservation", {"order_id": number, **claim, "state": "'shipped'"}),
        ("hold", hold),
        ("hold_line", {"hold_id": number, **claim}),
        *(("ledger", _told(n, sku)) for n in range(len(_LIFE))),
    ]


_LIFE = (("hold", 0, 0, 1), ("claim", 0, 0, -1), ("reserve", 0, 1, 0), ("ship", -1, -1, 0))
"""Kind and changes of on hand, reserved and held of the four moves of one unit."""


def _told(n: int, sku: str) -> dict[str, str]:
    kind, on_hand, reserved, held = _LIFE[n]
    return {
        "id": f"{_FIRST} + i * {len(_LIFE)} + {n}",
        "at": "1.0",
        "kind": f"'{kind}'",
        "sku": sku,
        "site_id": "1",
        "lot": "''",
        "d_on_hand": str(on_hand),
        "d_reserved": str(reserved),
        "d_held": str(held),
        "d_transit": "0",
        "order_id": f"{_FIRST} + i",
        "hold_id": f"{_FIRST} + i" if held else "NULL",
        "channel_id": "1",
        "actor": "'channel:shop0'",
        "reason": "''",
    }


def _settle(connection: Connection, orders: int, *, sqlite: bool) -> None:
    shipped = f"SELECT sku AS osku_of, count(*) AS n FROM ledger WHERE kind = 'ship' AND id >= {_FIRST} GROUP BY sku"
    connection.exec_driver_sql(f"UPDATE stock SET on_hand = on_hand - n FROM ({shipped}) AS s WHERE sku = osku_of")
    last = _FIRST + orders * len(_LIFE)
    if sqlite:
        connection.exec_driver_sql("UPDATE chain_head SET last_id = ?", (last,))
    else:
        connection.exec_driver_sql("SELECT setval('event_block', %s)", (last // 4096 + 1,))
        # The next order's own number.
        connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('orders', 'id'), %s)", (last,))


def _tidy(db: Database) -> None:
    """What a database does by itself in the hours after."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_sqlite(db.engine):
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
            connection.exec_driver_sql("CHECKPOINT")
