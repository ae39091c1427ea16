"""The only way to write: ``with transaction(db, actor, action) as tx``. It writes the audit rows itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from server.db import raw
from server.db.chain import Events
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
    """An open transaction with its actor. ``note`` adds an audit row; it is written, with the chain, at the end."""

    connection: Connection
    actor: Actor
    now: float
    action: str
    events: Events
    noted: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Action, actor and subjects of each audit row, for the log: never the detail."""

    def note(
        self,
        action: str,
        detail: dict[str, Any] | None = None,
        *,
        by: Actor | None = None,
        **subjects: str | int | None,
    ) -> int:
        """Add one audit row about the named subjects (``order=``, ``sku=``, ``parcel=`` ...); return its event id.

        ``by`` names the actor where one transaction serves several requests.
        """
        actor = by or self.actor
        told = {kind: str(ref) for kind, ref in subjects.items() if ref is not None}
        row = {"at": self.now, "actor": actor.name, "bench": actor.bench, "action": action}
        self.noted.append((action, actor.name, told))
        return self.events.note(row | {"request_id": actor.request_id, "detail": detail or {}}, told)


def turn_to_write(engine: Engine) -> AbstractContextManager[Any]:
    """Wait until this thread may write; it may begin transactions inside. What gathers meanwhile goes in one of them.

    PostgreSQL lets everybody write.
    """
    return writer_lock(engine) if is_sqlite(engine) else nullcontext()


@contextmanager
def transaction(db: Database, actor: Actor, action: str) -> Iterator[Transaction]:
    """Commit on leaving, roll back on any exception; tell the listeners only after a commit."""
    with turn_to_write(db.engine), db.engine.connect() as connection:
        connection.begin()  # Statements that go past SQLAlchemy would not begin one.
        if is_sqlite(db.engine):
            raw.execute(connection, "BEGIN IMMEDIATE")
        try:
            tx = Transaction(connection, actor, float(db.now()), action, Events(connection))
            yield tx
            tx.events.seal(tx.now)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    for noted, name, subjects in tx.noted:
        where = {"bench": actor.bench} if actor.bench else {}
        log.info(noted, actor=name, request_id=actor.request_id, **subjects | where)
    for tell in db.on_commit:
        tell()
