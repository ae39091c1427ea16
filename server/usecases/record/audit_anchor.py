"""Anchors: where the chain ended and when, on a file apart from the database, so that a cut of its end is found."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from server.db import audit_chain, tables
from server.db.transaction import Database

FILE = "audit-anchors"
EVERY = 60.0
"""Seconds between two anchors while something happens."""


class Anchor(NamedTuple):
    """The batch that was the newest one at a moment (ISO, UTC)."""

    seq: int
    hash: str
    at: str


class Anchors(NamedTuple):
    """What a file holds; ``unreadable`` are numbers of lines, such as one that a power cut tore."""

    anchors: tuple[Anchor, ...]
    unreadable: tuple[int, ...] = ()


class Anchoring:
    """Called every few seconds by the worker: an anchor once a minute and after each load that was closed."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._at, self._seq, self._closed = float("-inf"), 0, 0.0

    def __call__(self, db: Database) -> None:
        """Write an anchor when it is time and the chain has grown."""
        with db.read() as connection:
            # The load first: the head that is read after it contains its closing.
            closed = connection.execute(select(func.max(tables.load.c.closed_at))).scalar() or 0.0
            head = audit_chain.head(connection)
        now = db.now()
        if head.seq == self._seq or (now < self._at + EVERY and closed == self._closed):
            return
        append(self._path, Anchor(head.seq, head.hash, datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")))
        self._at, self._seq, self._closed = now, head.seq, closed


def append(path: Path, anchor: Anchor) -> None:
    """Add a line, on disk before this returns; a line that was torn before is left as it is."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    file = os.open(path, flags, 0o640)
    try:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        line = f"{anchor.seq} {anchor.hash} {anchor.at}\n"
        os.write(file, (f"\n{line}" if torn else line).encode())
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> Anchors:
    """The anchors in this file; none when there is no file. Raise OSError when it cannot be read."""
    if not path.exists():
        return Anchors(())
    found: list[Anchor] = []
    unreadable: list[int] = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        words = line.split()
        if len(words) == 3 and words[0].isdecimal() and len(words[1]) == 64:
            found.append(Anchor(int(words[0]), words[1], words[2]))
        elif words:
            unreadable.append(number)
    return Anchors(tuple(found), tuple(unreadable))
