"""What nothing can ask for any more is let go: ids of old messages, inbox rows long done, numbers told long ago.

Orders, shipments, cancels, the ledger and the record stay. Of each number a channel was told the newest stays too: what
it was told last is compared with what it shows.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Table, bindparam, delete, exists, select

from server.db import tables
from server.db.transaction import Actor, Database, transaction

DAY = 86_400.0
MESSAGES_DAYS = 30
"""Signed messages are refused after five minutes by their own time; an id kept longer protects nothing."""
INBOX_DAYS = 90
"""A platform that tells of an older order again makes a new row, and the order is looked at once more."""
NUMBERS_DAYS = 400
"""A year and a month: the record of an inspection."""

MOST = 2_000
"""Rows in one transaction: nobody waits for a purge."""

_WORKER = Actor("worker")
_d, _i, _m = tables.delivery, tables.inbox, tables.seen_webhook


def purge(db: Database) -> bool | None:
    """Let go of one handful from each table; True while there may be more."""
    now = db.now()
    # What is old is looked for beforehand, so that no writer waits for the look.
    with db.read() as connection:
        old = {
            _m: _keys(connection, _m, _m.c.at < now - MESSAGES_DAYS * DAY),
            _i: _keys(connection, _i, (_i.c.state == "done") & (_i.c.done_at < now - INBOX_DAYS * DAY)),
            _d: _keys(connection, _d, _told_long_ago(now - NUMBERS_DAYS * DAY)),
        }
    if not any(old.values()):
        return None
    with transaction(db, _WORKER, "purge") as tx:
        for table, keys in old.items():
            if keys:
                tx.connection.execute(_by_key(table), [{f"old_{name}": row[name] for name in row} for row in keys])
        tx.note("record.purged", {table.name: len(keys) for table, keys in old.items() if keys})
    return True if any(len(keys) == MOST for keys in old.values()) else None


def _told_long_ago(before: float) -> ColumnElement[bool]:
    newer = _d.alias()
    same = (newer.c.channel_id == _d.c.channel_id) & (newer.c.kind == _d.c.kind) & (newer.c.key == _d.c.key)
    return (_d.c.kind == "stock") & (_d.c.at < before) & exists().where(same & (newer.c.id > _d.c.id))


def _keys(connection: Connection, table: Table, old: ColumnElement[bool]) -> list[Mapping[str, Any]]:
    columns = table.primary_key.columns
    return [dict(row._mapping) for row in connection.execute(select(*columns).where(old).limit(MOST))]


def _by_key(table: Table) -> Delete:
    # An inbox row that was heard again meanwhile stays.
    same = [column == bindparam(f"old_{column.name}") for column in table.primary_key.columns]
    return delete(table).where(*same, *([_i.c.state == "done"] if table is _i else []))
