"""The spool's own SQLite file: what was asked for, what has left, and the bytes until they are erased.

Each change is one committed transaction, forced to disk. Safe to call from several threads.
"""

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    original TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    requested_at REAL NOT NULL,
    sent_at REAL,
    data BLOB
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE INDEX IF NOT EXISTS jobs_by_reference ON jobs (reference);
CREATE INDEX IF NOT EXISTS jobs_by_original ON jobs (original);
"""
_COLUMNS = "job_id, kind, reference, state, attempts, detail, requested_at, sent_at, held"


class JobState(StrEnum):
    """Where a job is."""

    REQUESTED = "requested"
    """On disk; no byte has left."""
    SENDING = "sending"
    """Bytes may be leaving at this moment."""
    SENT = "sent"
    """The printer has taken all of it; whether paper came out is not known."""
    PRINTED = "printed"
    """The printer says it has nothing left to print."""
    APPLIED = "applied"
    """The packer has scanned the paper back: it exists."""
    FAILED = "failed"
    """It did not print and never will under this id."""
    UNCERTAIN = "uncertain"
    """It was cut off while leaving: look whether paper came out, then scan it or reprint."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of paper asked for once. Times are seconds since 1970; `detail` is for a person."""

    job_id: str
    kind: str
    reference: str
    state: JobState
    attempts: int
    detail: str
    requested_at: float
    sent_at: float | None
    held: bool = False


class SpoolStore:
    """The table of jobs. `transition` is the only way a state changes, and it names the states it may change from."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        # Labels hold names and addresses: erased means overwritten.
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Nothing may be called after."""
        with self._lock:
            self._db.close()

    def add(self, job: Job, original: str, data: bytes | None) -> bool:
        """Keep a new job; false if its id is known already, and then nothing changes."""
        values = (job.job_id, original, job.kind, job.reference, job.state, job.detail, job.requested_at, data)
        insert = (
            "INSERT INTO jobs (job_id, original, kind, reference, state, detail, requested_at, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id) DO NOTHING"
        )
        return self._changed(insert, values) == 1

    def job(self, job_id: str) -> Job | None:
        """The job of this id."""
        found = self._jobs("job_id = ?", (job_id,))
        return found[0] if found else None

    def copies(self, original: str) -> tuple[Job, ...]:
        """The first print and its reprints, oldest first."""
        return self._jobs("original = ?", (original,))

    def of_reference(self, reference: str) -> tuple[Job, ...]:
        """All jobs about one thing."""
        return self._jobs("reference = ?", (reference,))

    def in_state(self, *states: JobState) -> tuple[Job, ...]:
        """Oldest first."""
        return self._jobs(f"state IN ({_marks(states)})", states)

    def caught(self) -> tuple[Job, ...]:
        """What the printer took and then complained about, oldest first."""
        return self._jobs("state = ? AND detail <> ''", (JobState.SENT,))

    def original(self, job_id: str) -> str | None:
        """The id this job is a reprint of, or its own."""
        row = self._one("SELECT original FROM jobs WHERE job_id = ?", (job_id,))
        return None if row is None else str(row[0])

    def data(self, job_id: str) -> bytes | None:
        """The bytes to print; None once they are erased."""
        row = self._one("SELECT data FROM jobs WHERE job_id = ?", (job_id,))
        return None if row is None or row[0] is None else bytes(row[0])

    def next_to_send(self) -> Job | None:
        """The oldest job that waits and is not held."""
        found = self._jobs("state = ? AND held = 0", (JobState.REQUESTED,), limit=1)
        return found[0] if found else None

    def claim(self, job_id: str) -> bool:
        """Begin to send; false if it was held, erased or taken meanwhile."""
        claim = "UPDATE jobs SET state = ?, attempts = attempts + 1 WHERE job_id = ? AND state = ? AND held = 0"
        return self._changed(claim, (JobState.SENDING, job_id, JobState.REQUESTED)) == 1

    def transition(
        self, job_id: str, to: JobState, detail: str, *, only_from: Iterable[JobState], sent_at: float | None = None
    ) -> bool:
        """Move a job on; false if it is in none of the states it may come from."""
        allowed = tuple(only_from)
        move = "UPDATE jobs SET state = ?, detail = ?, sent_at = coalesce(?, sent_at) WHERE job_id = ?"
        values = (to, detail, sent_at, job_id, *allowed)
        return self._changed(f"{move} AND state IN ({_marks(allowed)})", values) == 1

    def note(self, job_id: str, detail: str) -> bool:
        """Say why a job waits; false if that is what it said."""
        note = "UPDATE jobs SET detail = ? WHERE job_id = ? AND state = ? AND detail <> ?"
        return self._changed(note, (detail, job_id, JobState.REQUESTED, detail)) == 1

    def set_held(self, job_id: str, held: bool) -> bool:
        """Hold a waiting job back, or let it go; false if nothing changed."""
        change = "UPDATE jobs SET held = ? WHERE job_id = ? AND state = ? AND held <> ?"
        return self._changed(change, (held, job_id, JobState.REQUESTED, held)) == 1

    def blank(self, reference: str) -> None:
        """Forget the bytes, in the file and in its log."""
        self._changed("UPDATE jobs SET data = NULL WHERE reference = ?", (reference,))
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _jobs(self, where: str, values: tuple[object, ...], limit: int = -1) -> tuple[Job, ...]:
        query = f"SELECT {_COLUMNS} FROM jobs WHERE {where} ORDER BY number LIMIT {limit:d}"  # noqa: S608
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return tuple(
            Job(job_id, kind, reference, JobState(state), attempts, detail, requested_at, sent_at, bool(held))
            for job_id, kind, reference, state, attempts, detail, requested_at, sent_at, held in rows
        )

    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return row

    def _changed(self, statement: str, values: tuple[object, ...]) -> int:
        with self._lock:
            return self._db.execute(statement, values).rowcount


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
