"""An engine for SQLite or PostgreSQL with the settings that the guarantees rest on."""

import threading
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

_writer_locks: dict[str, threading.RLock] = {}


def open_engine(url: str) -> Engine:
    """Open a database by address: ``sqlite:////path/file.db`` or ``postgresql://user@host/name``.

    SQLite: WAL, synchronous=FULL, foreign keys on. PostgreSQL: READ COMMITTED with explicit row locks, and no
    generic plans, since a plan made while tables were small stays when they grow.
    Errors never show parameters: one of them may be a buyer's address, on its way into a log.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        settings = {"timeout": 30, "check_same_thread": False}
        engine = create_engine(address, connect_args=settings, pool_size=20, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    options = "-c plan_cache_mode=force_custom_plan"
    pool = {"pool_size": 20, "max_overflow": 20, "pool_pre_ping": True}
    return create_engine(address, connect_args={"options": options}, hide_parameters=True, **pool)


def is_sqlite(engine: Engine) -> bool:
    """Whether this engine is the embedded one."""
    return engine.dialect.name == "sqlite"


def writer_lock(engine: Engine) -> threading.RLock:
    """One writer at a time in this process: SQLite's own lock is polled, and 500 writers would starve each other."""
    return _writer_locks.setdefault(str(engine.url), threading.RLock())


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # BEGIN is ours to say (see transaction.py), not the driver's to guess.
    connection.isolation_level = None
    # Without recursive_triggers INSERT OR REPLACE would change rows that refuse it.
    kept = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "recursive_triggers=ON")
    for pragma in kept:
        connection.execute(f"PRAGMA {pragma}")
