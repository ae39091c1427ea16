"""One SQLite file of the bench: opened for this process alone, whole transactions, one fsync for what must last.

A sync that fails is not asked for again: the kernel tells of it once, may forget what it could not write, and calls the
next sync good (https://wiki.postgresql.org/wiki/Fsync_Errors). So nothing counts before everything since the last good
one was written anew. For the same reason SQLite does not checkpoint by itself: it would keep such a failure to itself.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from server.domain.errors import PackproofError

T = TypeVar("T")
Statement = tuple[str, tuple[object, ...]]
CHECKPOINT_EVERY = 250
"""Transactions; each is two to four pages of 4 kB in the write-ahead log."""
NOTES = "CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
PUT_NOTE = "INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)"


_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "foreign_keys=ON")


class JournalFailed(PackproofError):
    """The journal cannot write (disk full, read-only, in use by another station): nothing may count now."""


class Store:
    """One file, one connection, any thread. Every method raises JournalFailed when the file cannot be used."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._since_checkpoint = 0
        self._hurt = False
        """Something could not be written or synced; what the file holds is not sure to be on the disk."""
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
            self._write((PUT_NOTE, (key, value)), durable=durable)

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
        """Bring the log into the file, so that the log begins anew."""
        self._guarded(lambda: self._into_file("PASSIVE"))

    def _transact(self, statements: tuple[Statement, ...], *, durable: bool) -> int:
        if durable and self._hurt:
            # Into the file, synced there, and the log emptied: nothing that was lost with a failed sync is needed now.
            self._into_file("TRUNCATE")
            self._hurt = False
        try:
            touched = self._committed(statements, durable=durable)
        except sqlite3.Error:
            self._hurt = True
            if durable:
                self._displace()
            raise
        self._since_checkpoint += 1
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            # What was just committed is safe whatever comes of this; the next one that must last finds out.
            with suppress(sqlite3.Error):
                self._into_file("PASSIVE")
        return touched

    def _committed(self, statements: tuple[Statement, ...], *, durable: bool) -> int:
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

    def _into_file(self, how: str) -> None:
        self._since_checkpoint = 0
        try:
            busy = self._db.execute(f"PRAGMA wal_checkpoint({how})").fetchone()[0]
        except sqlite3.Error:
            self._hurt = True
            raise
        if busy and how == "TRUNCATE":
            raise sqlite3.OperationalError("the log cannot be emptied")

    def _displace(self) -> None:
        """A commit whose sync failed lies whole in the log, and a restart would take it for good: write over it."""
        with suppress(sqlite3.Error):
            note = "INSERT OR REPLACE INTO note (key, value) VALUES ('probe', randomblob(8))"
            self._committed(((note, ()),), durable=False)

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
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        db.executescript(schema)
    except sqlite3.Error as error:
        db.close()
        why = "another station is using it" if "locked" in str(error) else str(error)
        raise JournalFailed(f"{path} cannot be used: {why}") from error
    return db
