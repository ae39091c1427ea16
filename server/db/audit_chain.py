"""The chain read again from the tables: blocks in the order of their ids, each with the rows that lie in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from server.db import tables
from server.db.chain import content_hash
from server.db.engine import is_sqlite
from server.db.transaction import Database

_PAGE = 5000
_STREAM = {"stream_results": True, "max_row_buffer": _PAGE}

_LEDGER = (
    "actor, at, channel_id, d_held, d_on_hand, d_reserved, d_transit, hold_id, id, kind, lot, order_id, reason, "
    "site_id, sku"
)
_AUDIT = "action, actor, at, bench, detail, id, request_id"
_SUBJECT = "audit_id, kind, ref"


def _struct(name: str, columns: str) -> type[msgspec.Struct]:
    """Encodes as the row's dict with sorted keys does, in a fraction of the time."""
    return msgspec.defstruct(name, [(c, Any) for c in columns.split(", ")], gc=False)


_place = attrgetter("audit_id", "kind", "ref")
_LedgerRow, _AuditRow, _SubjectRow = _struct("L", _LEDGER), _struct("A", _AUDIT), _struct("S", _SUBJECT)


class Head(NamedTuple):
    """Where the chain says that it ends."""

    seq: int
    hash: str
    last_id: int


class Batch(NamedTuple):
    """A block as it is stored, and the hash of what lies in it now."""

    seq: int
    first_id: int
    last_id: int
    at: float
    events: int
    hash: str
    content: str
    found: int
    """Events that lie in it now; ``events`` were written."""


class Stray(NamedTuple):
    """A row that no batch contains."""

    table: str
    row_id: int


@contextmanager
def snapshot(db: Database) -> Iterator[Connection]:
    """A connection for reading on which every statement sees the same moment, on both engines."""
    if is_sqlite(db.engine):
        with db.read() as connection:
            yield connection
        return
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect() as plain:
        connection = plain.execution_options(**options)
        yield connection
        connection.rollback()


def head(connection: Connection) -> Head:
    """The head's row."""
    t = tables.chain_head
    row = connection.execute(select(t.c.seq, t.c.hash, t.c.last_id)).one()
    return Head(row.seq, row.hash, row.last_id)


def gaps(connection: Connection) -> list[tuple[int, int]]:
    """Runs of batch numbers that are not there, as (first, last); the end of the chain is for the caller to judge."""
    query = "SELECT seq, coalesce(lag(seq) OVER (ORDER BY seq), 0) AS before FROM batch"
    rows = connection.exec_driver_sql(f"SELECT before + 1, seq - 1 FROM ({query}) AS b WHERE before + 1 <> seq")  # noqa: S608
    return [(row[0], row[1]) for row in rows]


def blocks(connection: Connection, stray: Callable[[Stray], None]) -> Iterator[Batch]:
    """Every batch in the order of its first id; rows outside all of them are told to ``stray``."""
    ledger = _Feed(connection, "ledger", _LEDGER, "id", _LedgerRow)
    audit = _Feed(connection, "audit", _AUDIT, "id", _AuditRow)
    subjects = _Feed(connection, "audit_subject", _SUBJECT, "audit_id", _SubjectRow)
    feeds = (ledger, audit, subjects)
    query = "SELECT seq, first_id, last_id, at, events, hash FROM batch ORDER BY first_id"
    for seq, first, last, at, events, stored in connection.exec_driver_sql(query, execution_options=_STREAM):
        for feed in feeds:
            for row_id in feed.until(first):
                stray(Stray(feed.table, row_id))
        moved, noted, about = (feed.rows(last + 1) for feed in feeds)
        content = content_hash((first, last, at, events), moved, noted, sorted(about, key=_place))
        yield Batch(seq, first, last, at, events, stored, content, len(moved) + len(noted))
    for feed in feeds:
        for row_id in feed.until(None):
            stray(Stray(feed.table, row_id))


class _Feed:
    """Rows of a table in the order of their event ids."""

    def __init__(self, connection: Connection, table: str, columns: str, key: str, kind: type[msgspec.Struct]) -> None:
        names = columns.split(", ")
        self.table = table
        self._key = names.index(key)
        self._detail = names.index("detail") if "detail" in names else None
        self._kind = kind
        # The stored text itself is hashed: what a reader would make of it does not matter.
        text = "detail::text" if connection.dialect.name == "postgresql" else "detail"
        query = f"SELECT {columns.replace('detail', text)} FROM {table} ORDER BY {key}"  # noqa: S608 - our own names
        pages = connection.exec_driver_sql(query, execution_options=_STREAM).partitions(_PAGE)
        self._rows: Iterator[Any] = chain.from_iterable(pages)
        self._next = next(self._rows, None)

    def until(self, end: int | None) -> Iterator[int]:
        """The ids of rows before this id, which are passed over."""
        while self._next is not None and (end is None or self._next[self._key] < end):
            yield self._next[self._key]
            self._next = next(self._rows, None)

    def rows(self, end: int) -> list[msgspec.Struct]:
        """The rows before this id."""
        taken: list[msgspec.Struct] = []
        row, rows, key, kind = self._next, self._rows, self._key, self._kind
        while row is not None and row[key] < end:
            taken.append(kind(*row) if self._detail is None else self._with_detail(row))
            row = next(rows, None)
        self._next = row
        return taken

    def _with_detail(self, row: Sequence[Any]) -> msgspec.Struct:
        cells = list(row)
        assert self._detail is not None  # noqa: S101 - told by the caller
        cells[self._detail] = msgspec.Raw(str(cells[self._detail]))
        return self._kind(*cells)
