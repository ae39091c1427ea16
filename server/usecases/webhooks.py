"""Messages that were seen: each id is acted on once, and its answer kept for the sender's next try."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from server.db import sites, tables
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
    query = select(_t).where(_t.c.channel_id == seen.channel_id, _t.c.webhook_id == seen.message_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    if row.fingerprint != seen.fingerprint:
        raise DomainError("webhook_reused", f"message {seen.message_id} came before with another content")
    return str(row.answer)


def store(tx: Transaction, seen: Seen, status: int, answer: str) -> None:
    """Keep the answer with the change it reports."""
    row = insert(_t).values(
        channel_id=seen.channel_id,
        webhook_id=seen.message_id,
        fingerprint=seen.fingerprint,
        at=tx.now,
        status=status,
        answer=answer,
    )
    tx.connection.execute(row)
