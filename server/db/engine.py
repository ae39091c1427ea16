"""An engine for SQLite or PostgreSQL with the settings that the guarantees rest on."""

import threading
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from server.db import nul

_writer_locks: dict[str, threading.RLock] = {}
_REST = 1.0
"""Seconds after which a connection that nobody used is asked whether it still lives."""


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
        event.listen(engine, "before_cursor_execute", nul.refuse)
        return engine
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    options = "-c plan_cache_mode=force_custom_plan"
    pool = {"pool_size": 20, "max_overflow": 20}
    engine = create_engine(address, connect_args={"options": options}, hide_parameters=True, **pool)
    event.listen(engine, "checkout", _ping_after_a_rest)
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "before_cursor_execute", nul.refuse)
    return engine


def is_sqlite(engine: Engine) -> bool:
    """Whether this engine is the embedded one."""
    return engine.dialect.name == "sqlite"


def writer_lock(engine: Engine) -> threading.RLock:
    """One writer at a time in this process: SQLite's own lock is polled, and 500 writers would starve each other."""
    return _writer_locks.setdefault(str(engine.url), threading.RLock())


def _rests(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _ping_after_a_rest(connection: Any, record: Any, _proxy: Any) -> None:
    """A server that was restarted is noticed before work begins, without a round trip for every busy transaction."""
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _REST:
        return
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError("the database hung up") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # BEGIN is ours to say (see transaction.py), not the driver's to guess.
    connection.isolation_level = None
    # Without recursive_triggers INSERT OR REPLACE would change rows that refuse it.
    kept = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "recursive_triggers=ON")
    for pragma in kept:
        connection.execute(f"PRAGMA {pragma}")
