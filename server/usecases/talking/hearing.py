"""A message of a platform: its signature is checked, what it is about is written down, and it is answered (SYN-03).

Nothing else happens while the platform waits. The order itself is fetched afterwards: a message is a hint, so that one
that comes twice, late or out of order can do no harm.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Row

from server.channels import Platform, platform_of
from server.db import channel_states, inbox
from server.db.transaction import Database, Transaction
from server.domain.errors import DomainError
from server.usecases.outward.webhooks import sender
from server.usecases.talking.lines import Lines

log = structlog.get_logger("hearing")


def hear(db: Database, lines: Lines, channel: str, headers: Mapping[str, str], body: bytes) -> str:
    """Take one message in and return the body to answer with.

    Raise DomainError("not_found") for an unknown channel, "bad_signature" for a message it did not send.
    """
    row, platform = _place(db, channel)
    heard = platform.heard(lines.of(row.id, row.code, row.kind, row.settings), headers, body)
    items = [inbox.Item(ref.kind, ref.ref) for ref in heard.refs]

    def keep(tx: Transaction) -> None:
        inbox.put(tx, row.id, items)
        channel_states.note(tx, row.id, heard_at=tx.now)

    lines.writes.do(keep)
    lines.ring(row.code)
    log.info("heard", channel=channel, about=len(items))
    return heard.answer


def greet(db: Database, lines: Lines, channel: str, query: Mapping[str, str]) -> str:
    """The answer to a platform that checks our address. Raise DomainError("not_found")."""
    row, platform = _place(db, channel)
    return platform.greeting(lines.of(row.id, row.code, row.kind, row.settings), query)


def _place(db: Database, channel: str) -> tuple[Row[Any], Platform]:
    with db.read() as connection:
        row = sender(connection, channel)
    platform = platform_of(row.kind)
    if platform is None:
        raise DomainError("bad_signature", "expected a platform; a shop of your own sends its orders to /orders")
    return row, platform
