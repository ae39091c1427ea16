"""The bench's own memory: every scan whose verdict was shown, on disk before it was shown.

SQLite and not a hand-written log: a torn last record after a power cut, a full disk in the middle of a write, a damaged
page, checksums, and rotation while unsent events are still needed are solved and tested there by others. An append is
one INSERT in a transaction of its own; with WAL and synchronous=FULL that is one write and one fsync. The simulation
``powercut`` opens it on what 100,000 power cuts leave of the writes of real shifts.

The log is the state. A session's place is the replay of its entries, so nothing beside the log can disagree with it.
Each entry also keeps the scan as it was *read* then: a catalogue that changed since must not change a verdict shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server import wire
from server.domain.benchwork.scans import Scan
from server.domain.packing.order import PackOrder
from station.lease_rows import DROP, DROP_LABELS, LEASE_SCHEMA, LeaseRows
from station.store import JournalFailed, Statement

__all__ = ["DockEntry", "Entry", "Journal", "JournalFailed", "StoredSession"]

BATCH = 200
_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
  id TEXT PRIMARY KEY, place INTEGER NOT NULL, order_json BLOB NOT NULL, opened_at REAL NOT NULL,
  over INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pack_event (
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, seq INTEGER NOT NULL, event BLOB NOT NULL,
  scan BLOB, sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (session_id, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dock_event (
  dock_session TEXT NOT NULL, seq INTEGER NOT NULL, load_id TEXT NOT NULL, event BLOB NOT NULL, scan BLOB NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (dock_session, seq)
) WITHOUT ROWID;
"""
_OPEN = """
INSERT OR IGNORE INTO session (id, place, order_json, opened_at)
VALUES (?, (SELECT coalesce(max(place), 0) + 1 FROM session), ?, ?)
"""
_KNOWN = "INSERT OR IGNORE INTO pack_event (session_id, seq, event, scan, sent) VALUES (?, ?, ?, ?, 1)"
_APPEND = "INSERT INTO pack_event (session_id, seq, event, scan) VALUES (?, ?, ?, ?)"
_APPEND_DOCK = "INSERT INTO dock_event (dock_session, seq, load_id, event, scan) VALUES (?, ?, ?, ?, ?)"
_UNSENT_SESSIONS = """
SELECT id FROM session WHERE EXISTS (SELECT 1 FROM pack_event WHERE session_id = id AND NOT sent) ORDER BY place
"""
_PURGE = """
DELETE FROM session WHERE over AND NOT EXISTS (SELECT 1 FROM pack_event WHERE session_id = id AND NOT sent)
"""
_PURGE_DOCKS = """
DELETE FROM dock_event
WHERE dock_session <> ? AND dock_session NOT IN (SELECT dock_session FROM dock_event WHERE NOT sent)
"""
_UNSENT_DOCKS = """
SELECT dock_session, load_id, event FROM dock_event AS e
WHERE seq = (SELECT min(seq) FROM dock_event WHERE dock_session = e.dock_session AND NOT sent)
"""
_COUNT = """
SELECT (SELECT count(*) FROM pack_event WHERE NOT sent) + (SELECT count(*) FROM dock_event WHERE NOT sent)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a session; ``scan`` is None for what is not a scan."""

    event: wire.PackEvent
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """An opened order and its whole log."""

    session_id: str
    order: PackOrder
    opened_at: float
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class DockEntry:
    """One scan of a dock session."""

    event: wire.DockEvent
    scan: Scan
    sent: bool = False


class Journal(LeaseRows):
    """Open orders, their events and the dock's, each event with a mark when the server holds it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA + LEASE_SCHEMA)
        self.unsent = int(self._rows(_COUNT)[0][0])

    def open_session(self, session_id: str, order: PackOrder, opened_at: float, entries: Iterable[Entry] = ()) -> None:
        """Keep a claimed order, with what the server already holds of its log; durable."""
        known: list[Statement] = [(_KNOWN, _row(session_id, entry)) for entry in entries]
        self._begin(session_id, order, opened_at, *known)

    def claim(self, session_id: str, order: PackOrder, opened_at: float, entry: Entry) -> None:
        """Begin an order of the lease with its first event, which the server has not seen: both on disk, or none."""
        with self._lock:
            self._begin(session_id, order, opened_at, (_APPEND, _row(session_id, entry)))
            self.unsent += 1

    def append(self, session_id: str, event: wire.PackEvent, scan: Scan | None = None) -> None:
        """Keep one event; it is on disk when this returns."""
        with self._lock:
            self._write((_APPEND, _row(session_id, Entry(event, scan))))
            self.unsent += 1

    def sessions(self) -> tuple[StoredSession, ...]:
        """Every session not yet purged, oldest first."""
        rows = self._rows("SELECT id, order_json, opened_at FROM session ORDER BY place")
        return tuple(
            StoredSession(session_id, wire.decode(order, PackOrder), opened_at, self._entries(session_id))
            for session_id, order, opened_at in rows
        )

    def unsent_sessions(self) -> tuple[str, ...]:
        """Sessions with unsent events, oldest first."""
        return tuple(row[0] for row in self._rows(_UNSENT_SESSIONS))

    def unsent_events(self, session_id: str, limit: int = BATCH) -> tuple[wire.PackEvent, ...]:
        """The next events to send, in order."""
        sql = "SELECT event FROM pack_event WHERE session_id = ? AND NOT sent ORDER BY seq LIMIT ?"
        return tuple(wire.decode(row[0], wire.PackEvent) for row in self._rows(sql, session_id, limit))

    def mark_sent(self, session_id: str, through: int) -> None:
        """The server holds everything up to this seq. Losing this mark only means sending again: no fsync."""
        self._mark("UPDATE pack_event SET sent = 1 WHERE session_id = ? AND seq <= ? AND NOT sent", session_id, through)

    def mark_unsent(self, session_id: str, since: int) -> int:
        """The server lost everything from this seq on (an older backup): send it again. How many events that are."""
        return self._unmark(
            "UPDATE pack_event SET sent = 0 WHERE session_id = ? AND seq >= ? AND sent", session_id, since
        )

    def finish(self, session_id: str) -> None:
        """This session is over; it is forgotten once all of it is sent. Its log already says so: no fsync."""
        self._write(("UPDATE session SET over = 1 WHERE id = ?", (session_id,)), durable=False)

    def purge(self) -> None:
        """Forget sessions that are over and wholly sent, and give their pages back."""
        with self._lock:
            if self._write((_PURGE, ()), durable=False):
                self._write((DROP_LABELS, ()), durable=False)
                self._checkpoint()

    def append_dock(self, dock_session: str, load_id: str, event: wire.DockEvent, scan: Scan) -> None:
        """Keep one dock scan; it is on disk when this returns."""
        row = (dock_session, event.seq, load_id, wire.encode(event), wire.encode(scan))
        with self._lock:
            self._write((_APPEND_DOCK, row))
            self.unsent += 1

    def dock_log(self, dock_session: str) -> tuple[DockEntry, ...]:
        """Every scan of a dock session, in order."""
        sql = "SELECT event, scan, sent FROM dock_event WHERE dock_session = ? ORDER BY seq"
        return tuple(
            DockEntry(wire.decode(event, wire.DockEvent), wire.decode(scan, Scan), bool(sent))
            for event, scan, sent in self._rows(sql, dock_session)
        )

    def unsent_docks(self) -> tuple[tuple[str, str], ...]:
        """(dock session, load) pairs with unsent scans, oldest first: what came off one load may be on the next."""
        rows = sorted(self._rows(_UNSENT_DOCKS), key=lambda row: wire.decode(row[2], wire.DockEvent).at)
        return tuple((row[0], row[1]) for row in rows)

    def unsent_dock_events(self, dock_session: str, limit: int = BATCH) -> tuple[wire.DockEvent, ...]:
        """The next dock scans to send, in order."""
        sql = "SELECT event FROM dock_event WHERE dock_session = ? AND NOT sent ORDER BY seq LIMIT ?"
        return tuple(wire.decode(row[0], wire.DockEvent) for row in self._rows(sql, dock_session, limit))

    def mark_dock_sent(self, dock_session: str, through: int) -> None:
        """As mark_sent, for a dock session."""
        sql = "UPDATE dock_event SET sent = 1 WHERE dock_session = ? AND seq <= ? AND NOT sent"
        self._mark(sql, dock_session, through)

    def mark_dock_unsent(self, dock_session: str, since: int) -> int:
        """As mark_unsent, for a dock session."""
        sql = "UPDATE dock_event SET sent = 0 WHERE dock_session = ? AND seq >= ? AND sent"
        return self._unmark(sql, dock_session, since)

    def rename_load(self, dock_session: str, load_id: str) -> None:
        """The load of this dock session has another id now."""
        self._write(("UPDATE dock_event SET load_id = ? WHERE dock_session = ?", (load_id, dock_session)))

    def purge_docks(self, keep: str = "") -> None:
        """Forget dock sessions that are wholly sent, but for the one in use."""
        self._write((_PURGE_DOCKS, (keep,)), durable=False)

    def _entries(self, session_id: str) -> tuple[Entry, ...]:
        rows = self._rows("SELECT event, scan FROM pack_event WHERE session_id = ? ORDER BY seq", session_id)
        return tuple(
            Entry(wire.decode(event, wire.PackEvent), wire.decode(scan, Scan) if scan else None) for event, scan in rows
        )

    def _begin(self, session_id: str, order: PackOrder, opened_at: float, *events: Statement) -> None:
        """What is begun leaves the lease in the same breath: it can never be begun twice."""
        opening = (_OPEN, (session_id, wire.encode(order), opened_at))
        with self._lock:
            self._write(opening, *events, (DROP, (order.order_id,)))
            self.lease_changes += 1

    def _mark(self, sql: str, *values: object) -> None:
        with self._lock:
            self.unsent -= self._write((sql, values), durable=False)

    def _unmark(self, sql: str, *values: object) -> int:
        with self._lock:
            touched = self._write((sql, values), durable=False)
            self.unsent += touched
            return touched


def _row(session_id: str, entry: Entry) -> tuple[object, ...]:
    return (session_id, entry.event.seq, wire.encode(entry.event), wire.encode(entry.scan) if entry.scan else None)
