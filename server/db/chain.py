"""The chain over all events: one sha256 for each committed block of ledger and audit rows.

hash = sha256(hash of the block before + sha256(the block's ids, time and rows as JSON)). The head's lock is the last
one a transaction takes, so that ``batch.seq`` is the order of the commits, whatever server wrote them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from server.db import raw, tables
from server.db.bulk import encoded, insert_rows

BLOCK = 4096
"""Event ids that PostgreSQL's sequence gives out at once."""

Row = dict[str, Any]
Facts = tuple[int, int, float, int]
"""First and last id, time and number of events of a block: they are hashed with its rows."""

_NEXT_BLOCK = "SELECT nextval('event_block')"
_place = itemgetter("audit_id", "kind", "ref")


@dataclass(slots=True)
class Block:
    """Event ids from ``first`` on, and what was written under them."""

    first: int
    size: int | None
    next_id: int
    ledger: list[Row] = field(default_factory=list)
    audit: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)

    def facts(self, at: float) -> Facts:
        """What its ``batch`` row will say of it."""
        return self.first, self.next_id - 1, at, len(self.ledger) + len(self.audit)


@dataclass(slots=True)
class Events:
    """Ledger and audit rows of one transaction; they are written when it ends."""

    connection: Connection
    blocks: list[Block] = field(default_factory=list)
    _ahead: Any = None
    """The cursor of a block of ids that was asked for and not read yet."""

    def note(self, row: Row, subjects: Mapping[str, str]) -> int:
        """Add an audit row; return its event id."""
        block = self._room(1)
        event_id = block.next_id
        block.next_id += 1
        block.audit.append({"id": event_id, **row})
        for kind, ref in subjects.items():
            block.subjects.append({"audit_id": event_id, "kind": kind, "ref": ref})
        return event_id

    def post(self, rows: Sequence[Row]) -> None:
        """Add ledger rows; each gets its event id."""
        done = 0
        while done < len(rows):
            block = self._room(1)
            some = rows[done : done + self._left(block, len(rows) - done)]
            first = block.next_id
            for n, row in enumerate(some):
                row["id"] = first + n
            block.next_id += len(some)
            block.ledger.extend(some)
            done += len(some)

    def take_ids(self, count: int) -> list[int]:
        """Ids of the same series for rows that are no events themselves, such as holds."""
        ids: list[int] = []
        while len(ids) < count:
            block = self._room(1)
            some = self._left(block, count - len(ids))
            ids.extend(range(block.next_id, block.next_id + some))
            block.next_id += some
        return ids

    def ask_ahead(self) -> None:
        """PostgreSQL, inside ``raw.together``: ask for ids, for the answer to come with others."""
        if self.connection.dialect.name != "sqlite" and not self.blocks:
            self._ahead = raw.execute(self.connection, _NEXT_BLOCK)

    def seal(self, at: float) -> None:
        """Write everything and lengthen the chain; nothing when nothing happened."""
        if self.blocks:
            with raw.together(self.connection):
                self.send(at)

    def send(self, at: float) -> None:
        """As ``seal`` inside the caller's ``raw.together``; what is noted afterwards begins another block."""
        contents = [self._write(block, at) for block in self.blocks]
        for block, content in zip(self.blocks, contents, strict=True):
            _lengthen(self.connection, block, content, at)
        self.blocks.clear()

    def _write(self, block: Block, at: float) -> str:
        """Add the block's rows; return the hash of their content, from the very text that was sent."""
        digest = hashlib.sha256(encoded(block.facts(at)).encode())
        subjects = _in_order(block.subjects)
        for table, rows in (
            (tables.ledger, block.ledger),
            (tables.audit, block.audit),
            (tables.audit_subject, subjects),
        ):
            text = encoded(rows)
            insert_rows(self.connection, table, rows, text=text)
            digest.update(text.encode())
        return digest.hexdigest()

    def _room(self, wanted: int) -> Block:
        if not self.blocks or self._left(self.blocks[-1], wanted) < wanted:
            self.blocks.append(self._new_block())
        return self.blocks[-1]

    @staticmethod
    def _left(block: Block, wanted: int) -> int:
        return wanted if block.size is None else min(wanted, block.first + block.size - block.next_id)

    def _new_block(self) -> Block:
        if self.connection.dialect.name == "sqlite":
            # One writer at a time: what follows the last id is ours.
            last = raw.execute(self.connection, "SELECT last_id FROM chain_head").fetchone()[0]
            return Block(last + 1, None, last + 1)
        cursor, self._ahead = self._ahead or raw.execute(self.connection, _NEXT_BLOCK), None
        first = cursor.fetchone()[0] * BLOCK
        return Block(first, BLOCK, first)


def content_hash(facts: Facts, ledger: Sequence[Any], audit: Sequence[Any], subjects: Sequence[Any]) -> str:
    """The hash of a block: what its ``batch`` row says, then its rows, as mappings or as structs with sorted fields.

    Ledger and audit rows in the order of their ids, subjects in that of event, kind and ref: the database keeps none.
    """
    texts = [encoded(each) for each in (facts, ledger, audit, subjects)]
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def _in_order(subjects: Sequence[Row]) -> list[Row]:
    return sorted(subjects, key=_place)


def link(before: str, content: str) -> str:
    """The hash of a block from that of the one before and its content's."""
    return hashlib.sha256((before + content).encode()).hexdigest()


def _lengthen(connection: Connection, block: Block, content: str, at: float) -> None:
    first, last, _, events = block.facts(at)
    if connection.dialect.name == "sqlite":
        seq, before = raw.execute(connection, "SELECT seq, hash FROM chain_head").fetchone()
        now = link(before, content)
        raw.execute(
            connection,
            "INSERT INTO batch (seq, first_id, last_id, at, events, hash) VALUES (?, ?, ?, ?, ?, ?)",
            (seq + 1, first, last, at, events, now),
        )
        raw.execute(connection, "UPDATE chain_head SET seq = ?, hash = ?, last_id = ?", (seq + 1, now, last))
        return
    raw.execute(connection, _LENGTHEN, (content, last, first, last, at, events))


_LENGTHEN = """
WITH head AS (
  UPDATE chain_head SET seq = seq + 1, hash = encode(sha256(convert_to(hash || %s, 'UTF8')), 'hex'), last_id = %s
  RETURNING seq, hash)
INSERT INTO batch (seq, first_id, last_id, at, events, hash) SELECT seq, %s, %s, %s, %s, hash FROM head
"""
