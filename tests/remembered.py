"""The same beginning for many tests is made once and copied from then on: a warehouse takes a tenth of the time."""

import atexit
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import select

from server.db import tables
from server.db.engine import is_sqlite
from server.db.transaction import Database
from tests.postgres import Contents

T = TypeVar("T")
_begun: dict[tuple[str, Hashable], tuple[Any, Any]] = {}


def remembered(db: Database, name: Hashable, make: Callable[[], T]) -> T:
    """Do ``make`` in an empty database, or put there what it left the first time it was done under this name.

    The value must be true of every database of that beginning. With a clock of its own, or in a database that is not
    empty, it is made as if there were no memory.
    """
    if db.now is not time.time or not _is_empty(db):
        return make()
    key = (db.engine.dialect.name, name)
    if key in _begun:
        contents, value = _begun[key]
        _put(db, contents)
        found: T = value
        return found
    value = make()
    _begun[key] = (_contents(db), value)
    return value


def _is_empty(db: Database) -> bool:
    with db.read() as connection:
        return connection.execute(select(tables.chain_head.c.seq)).scalar() == 0


def _contents(db: Database) -> Path | Contents:
    if not is_sqlite(db.engine):
        with psycopg.connect(_address(db)) as connection:
            return Contents.of(connection)
    kept = Path(tempfile.mkdtemp(prefix="pp-begun-")) / "book.db"
    atexit.register(shutil.rmtree, kept.parent, ignore_errors=True)
    _copy(_file(db), kept)
    return kept


def _put(db: Database, contents: Any) -> None:
    if isinstance(contents, Contents):
        with psycopg.connect(_address(db)) as connection:
            contents.put(connection)
        return
    _copy(contents, _file(db))


def _copy(whole: Path, over: Path) -> None:
    """Between the transactions of others: a server may have either open."""
    with closing(sqlite3.connect(whole)) as source, closing(sqlite3.connect(over, timeout=30)) as target:
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target)


def _address(db: Database) -> str:
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _file(db: Database) -> Path:
    return Path(str(db.engine.url.database))
