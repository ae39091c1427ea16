"""Messages that were seen: each id is acted on once, and its answer kept for the sender's next try."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import sites, tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.domain.errors import DomainError

_t = tables.seen_webhook


@dataclass(frozen=True, slots=True)
class Seen:
    """One message: whose, under which id, and what it said."""

    channel_id: int
    message_id: str
    fingerprint: str


def sender(connection: Connection, channel: str) -> Row[Any]:
    """The active channel with this code; raise DomainError("not_found")."""
    row = sites.channel(connection, channel)
    if row is None or not row.active:
        raise DomainError("not_found", f"there is no channel {channel[:40]!r}")
    return row


def fingerprint(*parts: bytes) -> str:
    """A digest of what a message asks for."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def stored(connection: Connection, seen: Seen) -> str | None:
    """The answer given before, None for a new message; raise DomainError("webhook_reused") for another body."""
    return judged(seen, stored_many(connection, [seen]))


def stored_many(connection: Connection, many: Iterable[Seen]) -> dict[tuple[int, str], Row[Any]]:
    """The rows of those that were seen, by (channel id, message id)."""
    by_channel: dict[int, list[str]] = {}
    for seen in many:
        by_channel.setdefault(seen.channel_id, []).append(seen.message_id)
    found: dict[tuple[int, str], Row[Any]] = {}
    for channel_id, ids in by_channel.items():
        query = select(_t).where(_t.c.channel_id == channel_id, _t.c.webhook_id.in_(ids))
        found |= {(row.channel_id, row.webhook_id): row for row in connection.execute(query)}
    return found


def judged(seen: Seen, known: Mapping[tuple[int, str], Row[Any]]) -> str | None:
    """As ``stored``, from rows that were read already."""
    row = known.get((seen.channel_id, seen.message_id))
    if row is None:
        return None
    if row.fingerprint != seen.fingerprint:
        raise DomainError("webhook_reused", f"message {seen.message_id} came before with another content")
    return str(row.answer)


def store(tx: Transaction, seen: Seen, status: int, answer: str) -> None:
    """Keep the answer with the change it reports."""
    store_many(tx, [(seen, status, answer)])


def store_many(tx: Transaction, answers: Iterable[tuple[Seen, int, str]]) -> None:
    """As ``store`` for several."""
    rows = [
        {
            "channel_id": seen.channel_id,
            "webhook_id": seen.message_id,
            "fingerprint": seen.fingerprint,
            "at": tx.now,
            "status": status,
            "answer": answer,
        }
        for seen, status, answer in answers
    ]
    insert_rows(tx.connection, _t, rows)
