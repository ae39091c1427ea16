"""The limit: a bare script on the raw driver that writes the rows of a hold set-based, many orders a transaction.

It does what cannot be left out: it locks the stock in one order, decides in memory, writes every column that our path
writes to ``stock``, ``hold``, ``hold_line``, ``ledger``, ``batch`` and ``chain_head``, and commits to the disk. It
looks for no earlier key, knows no rules, and hashes nothing but the head.
"""

import hashlib
import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg

from server.usecases.booking.hold_batch import PlaceHold

CHUNK = 100
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
_COLUMNS = {
    "hold": "id bigint, channel_id int, key text, fingerprint text, state text, answer text, at float, "
    "expires_at float",
    "hold_line": "hold_id bigint, sku text, site_id int, lot text, quantity int",
    "ledger": "id bigint, at float, kind text, sku text, site_id int, lot text, d_on_hand int, d_reserved int, "
    "d_held int, d_transit int, order_id bigint, hold_id bigint, channel_id int, actor text, reason text",
}
_NAMES = {table: tuple(c.split()[0] for c in columns.split(", ")) for table, columns in _COLUMNS.items()}


class Rows(NamedTuple):
    """What a transaction writes; ``moved`` are units by (sku, site, lot)."""

    tables: dict[str, list[tuple[Any, ...]]]
    moved: dict[tuple[str, int, str], int]
    last_id: int


def limit(raw: str, wishes: Sequence[PlaceHold]) -> float:
    """Write them all and return the seconds; ``raw`` is a file of SQLite or an address of PostgreSQL."""
    return _postgres(raw, wishes) if "://" in raw else _sqlite(raw, wishes)


def _chunks(wishes: Sequence[PlaceHold]) -> Iterator[Sequence[PlaceHold]]:
    return (wishes[start : start + CHUNK] for start in range(0, len(wishes), CHUNK))


def _decide(wishes: Sequence[PlaceHold], stock: Iterable[tuple[str, int, str, int]], first_id: int) -> Rows:
    """All or nothing for each, in their order."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
    place: dict[str, tuple[str, int, str]] = {}
    left: dict[str, int] = {}
    for sku, site, lot, n in stock:
        place[sku], left[sku] = (sku, site, lot), n
    moved: dict[tuple[str, int, str], int] = {}
    ids, now = itertools.count(first_id), time.time()
    for wish in wishes:
        hold_id, enough = next(ids), all(left[sku] >= n for sku, n in wish.units.items())
        state, ends = ("held", now + wish.ttl) if enough else ("refused", None)
        answer = f'{{"hold":"{wish.key}","state":"{state}","expires_at":"{now:.13f}"}}'
        rows["hold"].append((hold_id, wish.channel_id, wish.key, wish.fingerprint, state, answer, now, ends))
        if not enough:
            continue
        for sku, n in wish.units.items():
            left[sku] -= n
            moved[place[sku]] = moved.get(place[sku], 0) + n
            rows["hold_line"].append((hold_id, *place[sku], n))
            told = (0, 0, n, 0, None, hold_id, wish.channel_id, wish.actor.name, "")
            rows["ledger"].append((next(ids), now, "hold", *place[sku], *told))
    return Rows(rows, moved, next(ids) - 1)


def _sqlite(path: str, wishes: Sequence[PlaceHold]) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    begun = time.perf_counter()
    for some in _chunks(wishes):
        connection.execute("BEGIN IMMEDIATE")
        seq, before, last = connection.execute("SELECT seq, hash, last_id FROM chain_head").fetchone()
        rows = _decide(some, connection.execute(_SQLITE_STOCK, (_asked(some),)), last + 1)
        for table, values in rows.tables.items():
            connection.executemany(_SQLITE_INSERT[table], values)
        connection.executemany(_SQLITE_MOVE, [(n, *place) for place, n in sorted(rows.moved.items())])
        head = _link(before, rows)
        block = (seq + 1, last + 1, rows.last_id, time.time(), len(rows.tables["ledger"]), head)
        connection.execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)", block)
        connection.execute("UPDATE chain_head SET seq = ?, hash = ?, last_id = ?", (seq + 1, head, rows.last_id))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


def _asked(wishes: Sequence[PlaceHold]) -> str:
    return msgspec.json.encode(sorted({sku for wish in wishes for sku in wish.units})).decode()


def _link(before: str, rows: Rows) -> str:
    return hashlib.sha256(f"{before}{rows.last_id}".encode()).hexdigest()


_SQLITE_STOCK = """
SELECT sku, site_id, lot, on_hand - reserved - held FROM stock WHERE sku IN (SELECT value FROM json_each(?))
ORDER BY sku, site_id, lot
"""
_SQLITE_MOVE = """
UPDATE stock SET held = held + ?1 WHERE sku = ?2 AND site_id = ?3 AND lot = ?4 AND reserved + held + ?1 <= on_hand
"""
_SQLITE_INSERT = {
    table: f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    for table, names in _NAMES.items()
}


def _postgres(address: str, wishes: Sequence[PlaceHold]) -> float:
    options = "-c plan_cache_mode=force_custom_plan"
    with psycopg.connect(address, options=options, autocommit=True) as connection, connection.pipeline() as pipeline:
        begun, next_id, end = time.perf_counter(), 0, 0
        for some in _chunks(wishes):
            connection.execute("BEGIN")
            if end - next_id < CHUNK * 4:
                next_id = connection.execute("SELECT nextval('event_block') * 4096").fetchone()[0]  # type: ignore[index]
                end = next_id + 4096
            stock = connection.execute(_POSTGRES_STOCK, (sorted({sku for wish in some for sku in wish.units}),))
            rows = _decide(some, stock, next_id)
            for table, values in rows.tables.items():
                named = [dict(zip(_NAMES[table], row, strict=True)) for row in values]
                connection.execute(_POSTGRES_INSERT[table], (msgspec.json.encode(named).decode(),))
            moves = msgspec.json.encode([{"k": k[0], "s": k[1], "l": k[2], "n": n} for k, n in rows.moved.items()])
            connection.execute(_POSTGRES_MOVE, (moves.decode(),))
            block = (_link("", rows), rows.last_id, next_id, rows.last_id, time.time(), len(rows.tables["ledger"]))
            connection.execute(_POSTGRES_HEAD, block)
            connection.execute("COMMIT")
            pipeline.sync()
            next_id = rows.last_id + 1
        return time.perf_counter() - begun


_POSTGRES_STOCK = """
SELECT sku, site_id, lot, on_hand - reserved - held FROM stock WHERE sku = ANY(%s) ORDER BY sku, site_id, lot FOR UPDATE
"""
_POSTGRES_INSERT = {
    table: f"INSERT INTO {table} ({', '.join(_NAMES[table])}) SELECT {', '.join(_NAMES[table])} "
    f"FROM json_to_recordset(%s::json) AS r({columns})"
    for table, columns in _COLUMNS.items()
}
_POSTGRES_MOVE = """
UPDATE stock SET held = held + n FROM json_to_recordset(%s::json) AS r(k text, s int, l text, n int)
WHERE sku = k AND site_id = s AND lot = l AND reserved + held + n <= on_hand
"""
_POSTGRES_HEAD = """
WITH head AS (UPDATE chain_head SET seq = seq + 1, hash = %s, last_id = %s RETURNING seq, hash)
INSERT INTO batch (seq, first_id, last_id, at, events, hash) SELECT seq, %s, %s, %s, %s, hash FROM head
"""
