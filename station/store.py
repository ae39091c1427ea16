"""One SQLite file of the bench: opened for this process alone, whole transactions, one fsync for what must last."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from server.domain.errors import PackproofError

T = TypeVar("T")
Statement = tuple[str, tuple[object, ...]]
NOTES = "CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"


class JournalFailed(PackproofError):
    """The journal cannot write (disk full, read-only, in use by another station): nothing may count now."""


class Store:
    """One file, one connection, any thread. Every method raises JournalFailed when the file cannot be used."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._db = _opened(path, schema + NOTES)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def put(self, key: str, value: bytes | None, *, durable: bool = True) -> None:
        """Keep one note, or forget it (None)."""
        if value is None:
            self._write(("DELETE FROM note WHERE key = ?", (key,)), durable=durable)
        else:
            self._write(("INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)", (key, value)), durable=durable)

    def get(self, key: str) -> bytes | None:
        """One note."""
        rows = self._rows("SELECT value FROM note WHERE key = ?", key)
        return bytes(rows[0][0]) if rows else None

    def probe(self) -> None:
        """Prove that writing works: one durable write."""
        self.put("probe", b"1")

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self._guarded(lambda: self._db.execute(sql, values).fetchall())

    def _write(self, *statements: Statement, durable: bool = True) -> int:
        """Run the statements as one transaction; the number of rows touched."""
        return self._guarded(lambda: self._transact(statements, durable=durable))

    def _checkpoint(self) -> None:
        self._guarded(lambda: self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())

    def _transact(self, statements: tuple[Statement, ...], *, durable: bool) -> int:
        if not durable:
            self._db.execute("PRAGMA synchronous=NORMAL")
        touched = 0
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                touched += max(0, self._db.execute(sql, values).rowcount)
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        finally:
            if not durable:
                self._db.execute("PRAGMA synchronous=FULL")
        return touched

    def _guarded(self, work: Callable[[], T]) -> T:
        with self._lock:
            try:
                return work()
            except sqlite3.Error as error:
                raise JournalFailed(f"{self.path}: {error}") from error


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1.0)
    except (OSError, sqlite3.Error) as error:
        raise JournalFailed(f"{path} cannot be opened: {error}") from error
    try:
        # A second station on the same file must fail here, not interleave its scans with ours.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        db.executescript(schema)
    except sqlite3.Error as error:
        db.close()
        why = "another station is using it" if "locked" in str(error) else str(error)
        raise JournalFailed(f"{path} cannot be used: {why}") from error
    return db
