"""Many rows in one statement: what group commit stands on.

PostgreSQL gets one JSON text for all rows (measured against arrays, COPY and multi-row VALUES: the least work for the
client), SQLite the driver's own executemany.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import JSON, Connection, Table
from sqlalchemy.dialects import postgresql

from server.db import raw
from server.db.nul import refuse_in_json

Rows = Sequence[Mapping[str, Any]]

_dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_encode = msgspec.json.Encoder(order="sorted").encode


def insert_rows(connection: Connection, table: Table, rows: Rows, then: str = "", *, text: str = "") -> int:
    """Add these rows, all with the same columns; ``then`` is an ON CONFLICT clause. Return how many were written.

    ``text`` is ``encoded(rows)`` where the caller has it already.
    """
    if not rows:
        return 0
    columns = tuple(rows[0])
    if text:
        refuse_in_json(text)
    if connection.dialect.name == "sqlite":
        values = map(_values(columns), _plain(table, rows))
        return raw.execute_many(connection, _sqlite_insert(table, columns, then), values)
    statement = _json_insert(table, columns, then, nested=bool(text))
    if not text:
        text = encoded(_plain(table, rows))
        refuse_in_json(text)
    return int(raw.execute(connection, statement, (text,)).rowcount)


def encoded(rows: Any) -> str:
    """Rows as the JSON text that is sent and that the audit chain hashes."""
    return _encode(rows).decode()


def _plain(table: Table, rows: Rows) -> Sequence[Mapping[str, Any]]:
    """JSON as text: SQLite keeps it so, and PostgreSQL would stumble over a NUL inside of it."""
    texts = [c.name for c in table.columns if isinstance(c.type, JSON) and c.name in rows[0]]
    if not texts:
        return rows
    return [{**row, **{name: encoded(row[name]) for name in texts}} for row in rows]


@lru_cache
def _sqlite_insert(table: Table, columns: tuple[str, ...], then: str) -> str:
    names, values = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({values}) {then}'  # noqa: S608 - our own names


@lru_cache
def _values(columns: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """A row's values in this order: SQLite looks for a parameter by its name longer than for one by its place."""
    if len(columns) == 1:
        return lambda row: (row[columns[0]],)
    return itemgetter(*columns)


@lru_cache
def _json_insert(table: Table, columns: tuple[str, ...], then: str, *, nested: bool) -> str:
    """``nested``: JSON columns are part of the text, not texts in the text."""
    names = ", ".join(f'"{c}"' for c in columns)
    casts = {c for c in columns if isinstance(table.columns[c].type, JSON) and not nested}
    values = ", ".join(f'"{c}"::json' if c in casts else f'"{c}"' for c in columns)
    types = {c: "text" if c in casts else table.columns[c].type.compile(_dialect) for c in columns}
    typed = ", ".join(f'"{c}" {kind}' for c, kind in types.items())
    rows = f"json_to_recordset(%s::json) AS r({typed})"
    return f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM {rows} {then}'  # noqa: S608 - our own names
