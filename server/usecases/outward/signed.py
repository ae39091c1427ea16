"""A signed message of a channel about one of its orders: acted on once, its answer kept for the sender's next try."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row

from server.channels import caller_of
from server.db import orders
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.typed import learnt
from server.usecases.outward import webhooks

T = TypeVar("T")
Place = tuple[str, str]
"""(channel, channel order id); the id is empty where the message brings a new one."""
Headers = Mapping[str, str]


def acted_on(
    db: Database,
    actor: Actor,
    place: Place,
    headers: Headers,
    body: bytes,
    *,
    verb: str,
    work: Callable[[Transaction, Row[Any]], str],
) -> str:
    """The JSON answer of ``work(tx, channel)``, or the one given before to the same message.

    Raise DomainError("not_found" | "bad_signature" | "webhook_reused") and whatever ``work`` raises.
    """
    channel, about = place
    with db.read() as connection:
        row = webhooks.sender(connection, channel)
    message_id = caller_of(row.kind).verify(row.settings, headers, body)
    seen = webhooks.Seen(row.id, message_id, webhooks.fingerprint(verb.encode(), about.encode(), body))

    def once() -> str:
        with transaction(db, actor, verb) as tx:
            answer = webhooks.stored(tx.connection, seen)
            if answer is None:
                answer = work(tx, row)
                webhooks.store(tx, seen, 200, answer)
            return answer

    return again(once)


def read(body: bytes, kind: type[T], what: str) -> T:
    """The message; raise DomainError("malformed") naming the field, what was expected and what came."""
    try:
        return msgspec.json.decode(body, type=learnt(kind))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DomainError("malformed", f"{what}: {error}") from error


def named(tx: Transaction, place: Place) -> Row[Any]:
    """The order a channel names; raise DomainError("not_found")."""
    row = orders.by_channel_id(tx.connection, *place)
    if row is None:
        raise DomainError("not_found", f"there is no order {place[1][:120]!r} of {place[0]}")
    return row


def told(row: Row[Any], status: str, **more: Any) -> str:
    """The JSON answer about an order."""
    return msgspec.json.encode({"order": row.number, "status": status} | more).decode()
