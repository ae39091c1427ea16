"""The only way to write: ``with transaction(db, actor, action) as tx``. It writes the audit rows itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, insert

from server.db import tables
from server.db.engine import is_sqlite, writer_lock

log = structlog.get_logger("audit")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, from which bench, in which request."""

    name: str
    bench: str = ""
    request_id: str = ""


@dataclass(slots=True)
class Database:
    """An engine, a clock, and who wants to know of commits."""

    engine: Engine
    now: Callable[[], float] = time.time
    on_commit: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; one consistent view on SQLite, one statement at a time on PostgreSQL."""
        with self.engine.connect() as connection:
            if is_sqlite(self.engine):
                # Without it every SELECT would see a state of its own.
                connection.exec_driver_sql("BEGIN")
            yield connection


@dataclass(slots=True)
class Transaction:
    """An open transaction with its actor. ``note`` writes one audit row."""

    connection: Connection
    actor: Actor
    now: float
    action: str
    noted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Action and subjects of each audit row, for the log: never the detail."""

    def note(self, action: str, detail: dict[str, Any] | None = None, **subjects: str | int | None) -> int:
        """Write one audit row about the named subjects (``order=``, ``sku=``, ``parcel=`` ...); return its id."""
        row = insert(tables.audit).values(
            at=self.now,
            actor=self.actor.name,
            bench=self.actor.bench,
            request_id=self.actor.request_id,
            action=action,
            detail=detail or {},
        )
        audit_id = int(self.connection.execute(row.returning(tables.audit.c.id)).scalar_one())
        told = {kind: str(ref) for kind, ref in subjects.items() if ref is not None}
        self.noted.append((action, told))
        rows = [{"audit_id": audit_id, "kind": kind, "ref": ref} for kind, ref in told.items()]
        if rows:
            self.connection.execute(insert(tables.audit_subject), rows)
        return audit_id


@contextmanager
def transaction(db: Database, actor: Actor, action: str) -> Iterator[Transaction]:
    """Commit on leaving, roll back on any exception; tell the listeners only after a commit."""
    lock = writer_lock(db.engine) if is_sqlite(db.engine) else nullcontext()
    with lock, db.engine.connect() as connection:
        if is_sqlite(db.engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            tx = Transaction(connection, actor, db.now(), action)
            yield tx
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    for noted, subjects in tx.noted:
        where = {"bench": actor.bench} if actor.bench else {}
        log.info(noted, actor=actor.name, request_id=actor.request_id, **subjects | where)
    for tell in db.on_commit:
        tell()
