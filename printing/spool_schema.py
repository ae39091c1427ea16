"""The spool's file: its tables, and an older file brought up to date when it is opened."""

import sqlite3
from pathlib import Path

_TABLES = """
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
    data BLOB,
    printer TEXT NOT NULL,
    cover BLOB NOT NULL DEFAULT x'',
    ticket TEXT NOT NULL DEFAULT '',
    wanted_at TEXT NOT NULL DEFAULT '',
    wanted_cover BLOB NOT NULL DEFAULT x''
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE INDEX IF NOT EXISTS jobs_by_reference ON jobs (reference);
CREATE INDEX IF NOT EXISTS jobs_by_original ON jobs (original);
CREATE TABLE IF NOT EXISTS torn (printer TEXT PRIMARY KEY, job_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent_elsewhere (
    printer TEXT NOT NULL, kind TEXT NOT NULL, to_printer TEXT NOT NULL, PRIMARY KEY (printer, kind)
);
"""
_TEXT, _BLOB = "TEXT NOT NULL DEFAULT ''", "BLOB NOT NULL DEFAULT x''"
_ADDED = {"printer": _TEXT, "cover": _BLOB, "ticket": _TEXT, "wanted_at": _TEXT, "wanted_cover": _BLOB}
"""Columns which the first files had not: there was one printer, it had no name, and followed nothing."""


def opened(path: Path) -> sqlite3.Connection:
    """Open or make the file; each statement is a transaction of its own, forced to disk. Raises sqlite3.Error."""
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    # Labels hold names and addresses: erased means overwritten.
    db.execute("PRAGMA secure_delete = ON")
    db.executescript(_TABLES)
    there = {row[1] for row in db.execute("PRAGMA table_info(jobs)")}
    for name, kind in _ADDED.items():
        if name not in there:
            db.execute(f"ALTER TABLE jobs ADD COLUMN {name} {kind}")
    db.execute("CREATE INDEX IF NOT EXISTS jobs_by_printer ON jobs (printer, requested_at)")
    return db
