"""What somebody does who can write to the database behind the program's back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from server.db.audit_chain import blocks, snapshot
from server.db.chain import link
from server.db.transaction import Database
from server.usecases.record.audit_anchor import Anchor
from server.usecases.record.audit_verify import Report, verify

GUARDED = ("ledger", "audit", "audit_subject", "batch")


def unguarded(connection: Connection) -> None:
    """Drop the triggers that refuse a change of the record."""
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in GUARDED:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


@contextmanager
def tampered(db: Database, *statements: str, **values: Any) -> Iterator[Connection]:
    """A connection that sees these changes of rows, made without the guards; they are undone afterwards."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        unguarded(connection)
        for statement in statements:
            connection.execute(text(statement), values)
        yield connection
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def faults(db: Database, *statements: str, anchors: Sequence[Anchor] = (), **values: Any) -> list[tuple[str, int]]:
    """(fault, batch) of each finding of verify after these changes."""
    with tampered(db, *statements, **values) as connection:
        return [(finding.fault.value, finding.seq) for finding in verify(connection, anchors).findings]


def verified(db: Database, *anchors: Anchor) -> Report:
    """What verify says."""
    with snapshot(db) as connection:
        return verify(connection, anchors)


def one(db: Database, query: str, **values: Any) -> Any:
    """The one value of a query."""
    with db.read() as connection:
        return connection.execute(text(query), values).scalar_one()


def remake(connection: Connection) -> None:
    """Make every hash of the chain anew from the rows as they are now, as a careful forger would."""
    before = ""
    for batch in sorted(blocks(connection, lambda _: None)):
        before = link(before, batch.content)
        connection.execute(text(f"UPDATE batch SET hash = '{before}' WHERE seq = {batch.seq}"))
    connection.execute(text(f"UPDATE chain_head SET hash = '{before}'"))
