"""The spool's own SQLite file: what was asked for, what has left, and the bytes until they are erased.

Each change is one committed transaction, forced to disk. Safe to call from several threads.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from printing import spool_schema

_COLUMNS = "job_id, kind, reference, state, attempts, detail, requested_at, sent_at, held, printer, ticket, wanted_at"
_BLANK = "UPDATE jobs SET data = NULL, cover = x'', wanted_cover = x''"


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
    """One piece of paper asked for once. Times are seconds since 1970; `detail` is for a person.

    `printer`: the name of the one it goes, or went, to; `ticket`: what that one calls it (see `printers.Follows`).
    `wanted_at`: another printer it was sent to when it had left for this one already; it goes there if it comes back.
    """

    job_id: str
    kind: str
    reference: str
    state: JobState
    attempts: int
    detail: str
    requested_at: float
    sent_at: float | None
    held: bool = False
    printer: str = ""
    ticket: str = ""
    wanted_at: str = ""


class SpoolStore:
    """The table of jobs. `transition` is the only way a state changes, and it names the states it may change from."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = spool_schema.opened(path)

    def close(self) -> None:
        """Nothing may be called after."""
        with self._lock:
            self._db.close()

    def add(self, job: Job, original: str, data: bytes | None, cover: bytes = b"") -> bool:
        """Keep a new job; false if its id is known already, and then nothing changes. `cover` prints in front of it."""
        values = (job.job_id, original, job.kind, job.reference, job.state, job.detail, job.requested_at)
        insert = (
            "INSERT INTO jobs (job_id, original, kind, reference, state, detail, requested_at, data, printer, cover)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id) DO NOTHING"
        )
        return self._changed(insert, (*values, data, job.printer, cover)) == 1

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

    def in_state(self, *states: JobState, printer: str | None = None) -> tuple[Job, ...]:
        """Oldest first, of one printer or of all."""
        where, values = _of(printer, f"state IN ({_marks(states)})", states)
        return self._jobs(where, values)

    def caught(self, printer: str) -> tuple[Job, ...]:
        """What this printer took and then complained about, oldest first."""
        return self._jobs("state = ? AND detail <> '' AND printer = ?", (JobState.SENT, printer))

    def unsettled(self, printer: str) -> tuple[Job, ...]:
        """What this printer took last, if it had not said yet that it came out when a program died."""
        last = "sent_at = (SELECT max(sent_at) FROM jobs WHERE printer = ?)"
        return self._jobs(f"state = ? AND detail = '' AND printer = ? AND {last}", (JobState.SENT, printer, printer))

    def original(self, job_id: str) -> str | None:
        """The id this job is a reprint of, or its own."""
        row = self._one("SELECT original FROM jobs WHERE job_id = ?", (job_id,))
        return None if row is None else str(row[0])

    def data(self, job_id: str) -> bytes | None:
        """The bytes to print; None once they are erased."""
        row = self._one("SELECT data FROM jobs WHERE job_id = ?", (job_id,))
        return None if row is None or row[0] is None else bytes(row[0])

    def sheets(self, job_id: str) -> tuple[bytes, bytes] | None:
        """The cover of a job (mostly empty) and its bytes; None once they are erased."""
        row = self._one("SELECT cover, data FROM jobs WHERE job_id = ?", (job_id,))
        return None if row is None or row[1] is None else (bytes(row[0]), bytes(row[1]))

    def next_to_send(self, printer: str) -> Job | None:
        """The oldest job that waits for this printer and is not held."""
        found = self._jobs("state = ? AND held = 0 AND printer = ?", (JobState.REQUESTED, printer), limit=1)
        return found[0] if found else None

    def claim(self, job_id: str, printer: str) -> bool:
        """Begin to send; false if it was held, erased, taken or sent to another printer meanwhile."""
        claim = (
            "UPDATE jobs SET state = ?, attempts = attempts + 1"
            " WHERE job_id = ? AND state = ? AND held = 0 AND printer = ?"
        )
        return self._changed(claim, (JobState.SENDING, job_id, JobState.REQUESTED, printer)) == 1

    def move(self, job_id: str, printer: str, cover: bytes) -> bool:
        """Let a job wait for another printer; one that is leaving or inside its own goes there if it comes back.

        False if it cannot come back any more, or waits there already. One statement: it may come back at this moment.
        """
        move = (
            "UPDATE jobs SET printer = iif(state = :waits, :to, printer), cover = iif(state = :waits, :cover, cover),"
            " detail = iif(state = :waits, '', detail),"
            " wanted_at = iif(state = :waits OR printer = :to, '', :to),"
            " wanted_cover = iif(state = :waits OR printer = :to, x'', :cover)"
            " WHERE job_id = :job AND state IN (:waits, :leaves, :sent) AND (printer <> :to OR wanted_at <> '')"
        )
        states = {"waits": JobState.REQUESTED, "leaves": JobState.SENDING, "sent": JobState.SENT}
        return self._changed(move, {"job": job_id, "to": printer, "cover": cover, **states}) == 1

    def come_back(self, job_id: str, detail: str, only_from: JobState) -> bool:
        """It has not left after all, or was taken back, and waits again: here, or where it is wanted by now."""
        back = (
            "UPDATE jobs SET state = ?, detail = iif(wanted_at = '', ?, ''), ticket = '',"
            " printer = iif(wanted_at = '', printer, wanted_at), cover = iif(wanted_at = '', cover, wanted_cover),"
            " wanted_at = '', wanted_cover = x'' WHERE job_id = ? AND state = ?"
        )
        return self._changed(back, (JobState.REQUESTED, detail, job_id, only_from)) == 1

    def set_ticket(self, job_id: str, ticket: str) -> None:
        """What the printer calls this job."""
        self._changed("UPDATE jobs SET ticket = ? WHERE job_id = ?", (ticket, job_id))

    def since(self, printer: str, requested_at: float) -> tuple[Job, ...]:
        """What was asked for after that moment and goes, or went, to this printer."""
        return self._jobs("printer = ? AND requested_at > ?", (printer, requested_at))

    def torn(self, printer: str) -> str:
        """The job of which a part may be inside this printer, since it broke off; empty for none."""
        row = self._one("SELECT job_id FROM torn WHERE printer = ?", (printer,))
        return "" if row is None else str(row[0])

    def set_torn(self, printer: str, job_id: str) -> None:
        """A job broke off on its way in, or (empty) the printer is known to have forgotten it."""
        if job_id:
            self._changed("INSERT OR REPLACE INTO torn VALUES (?, ?)", (printer, job_id))
        else:
            self._changed("DELETE FROM torn WHERE printer = ?", (printer,))

    def redirects(self) -> dict[tuple[str, str], str]:
        """The printer and the kind of paper that somebody has sent elsewhere (no kind: all of it), and where to."""
        with self._lock:
            found = self._db.execute("SELECT printer, kind, to_printer FROM sent_elsewhere").fetchall()
        return {(printer, kind): to for printer, kind, to in found}

    def set_redirect(self, printer: str, kind: str, to: str) -> None:
        """What is for one printer goes to another from now on; to itself takes that back. All of it: each kind too."""
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            which, values = ("", ()) if not kind else (" AND kind = ?", (kind,))
            self._db.execute(f"DELETE FROM sent_elsewhere WHERE printer = ?{which}", (printer, *values))  # noqa: S608
            if to != printer or kind:
                self._db.execute("INSERT INTO sent_elsewhere VALUES (?, ?, ?)", (printer, kind, to))

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
        """Hold a job back that may still come out, or let it go; false if nothing changed."""
        may_come = (JobState.REQUESTED, JobState.SENDING, JobState.SENT)
        change = "UPDATE jobs SET held = ? WHERE job_id = ? AND held <> ? AND state IN (?, ?, ?)"
        return self._changed(change, (held, job_id, held, *may_come)) == 1

    def blank(self, reference: str) -> None:
        """Forget the bytes, in the file and in its log."""
        self._changed(f"{_BLANK} WHERE reference = ?", (reference,))
        self._empty_log()

    def forget(self, bytes_before: float, all_before: float) -> None:
        """Forget the bytes of what left before one time, and that it ever was before another (seconds since 1970).

        What may still need them stays: what waits, is leaving, is caught inside a printer or broke off on its way in.
        """
        waits, leaves, caught = JobState.REQUESTED, JobState.SENDING, JobState.SENT
        over = (
            "coalesce(sent_at, requested_at) < ? AND state NOT IN (?, ?) AND NOT (state = ? AND detail <> '')"
            " AND job_id NOT IN (SELECT job_id FROM torn)"
        )
        blank = f"{_BLANK} WHERE data IS NOT NULL AND {over}"
        blanked = self._changed(blank, (bytes_before, waits, leaves, caught))
        # A copy is numbered after the others, so that they go together.
        drop = (
            f"DELETE FROM jobs WHERE {over} AND NOT EXISTS"  # noqa: S608
            " (SELECT 1 FROM jobs AS copy WHERE copy.original = jobs.original AND copy.requested_at >= ?)"
        )
        if blanked + self._changed(drop, (all_before, waits, leaves, caught, all_before)):
            self._empty_log()

    def name_printer(self, name: str) -> None:
        """What was asked for when there was one printer without a name is for this one."""
        self._changed("UPDATE jobs SET printer = ? WHERE printer = ''", (name,))

    def _empty_log(self) -> None:
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _jobs(self, where: str, values: tuple[object, ...], limit: int = -1) -> tuple[Job, ...]:
        query = f"SELECT {_COLUMNS} FROM jobs WHERE {where} ORDER BY number LIMIT {limit:d}"  # noqa: S608
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return tuple(_job(*row) for row in rows)

    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return row

    def _changed(self, statement: str, values: tuple[object, ...] | dict[str, object]) -> int:
        with self._lock:
            return self._db.execute(statement, values).rowcount


def _job(job_id: str, kind: str, reference: str, state: str, *rest: Any) -> Job:
    attempts, detail, requested_at, sent_at, held, *where = rest
    return Job(job_id, kind, reference, JobState(state), attempts, detail, requested_at, sent_at, bool(held), *where)


def _of(printer: str | None, where: str, values: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    return (where, values) if printer is None else (f"{where} AND printer = ?", (*values, printer))


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
