"""Rows of channels that take nothing from us at this moment, and what they show meanwhile."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select

from server.db import stale, tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t, _c, _s = tables.channel_stale, tables.channel, tables.channel_state
_o, _d = tables.outbox, tables.delivery


def stale_channels(connection: Connection) -> Sequence[Row[Any]]:
    """Id, code, since and marked_at of each."""
    query: Select[Any] = select(_t.c.channel_id, _c.c.code, _t.c.since, _t.c.marked_at).join(
        _c, _c.c.id == _t.c.channel_id
    )
    return connection.execute(query.order_by(_t.c.channel_id)).all()


def deaf(connection: Connection, failures: int) -> dict[int, float | None]:
    """Active channels that failed so many times in a row, or do not let us in: since when, where that is known.

    It is when the first number was to be told of those that were tried in vain.
    """
    first = (
        select(func.min(_o.c.created_at))
        .where(_o.c.channel_id == _c.c.id, _o.c.state == "waiting", _o.c.kind == "stock", _o.c.attempts > 0)
        .correlate(_c)
    )
    query = (
        select(_c.c.id, _s.c.denied_at, first.scalar_subquery().label("first"))
        .select_from(_c.outerjoin(_s, _s.c.channel_id == _c.c.id))
        .where(_c.c.active, (_c.c.failures >= failures) | _s.c.denied_at.is_not(None))
    )
    rows = connection.execute(query)
    return {row.id: min((at for at in (row.first, row.denied_at) if at is not None), default=None) for row in rows}


def any_trouble(connection: Connection, failures: int) -> bool:
    """Whether a channel is stale, or was: asked after every commit."""
    bad = select(_c.c.id).where(_c.c.failures >= failures).limit(1)
    denied = select(_s.c.channel_id).where(_s.c.denied_at.is_not(None)).limit(1)
    known = select(_t.c.channel_id).limit(1)
    return any(connection.execute(query).first() is not None for query in (bad, denied, known))


def put(tx: Transaction, channel_id: int, since: float) -> bool:
    """It has become stale; False when that was known."""
    row = insert_into(tx.connection, _t).values(channel_id=channel_id, since=since, marked_at=tx.now)
    made = tx.connection.execute(row.on_conflict_do_nothing().returning(_t.c.channel_id))
    return made.first() is not None


def note_marked(tx: Transaction, channel_id: int) -> None:
    """The others' numbers allow for it until now."""
    tx.connection.execute(_t.update().where(_t.c.channel_id == channel_id).values(marked_at=tx.now))


def drop(tx: Transaction, channel_id: int) -> bool:
    """It hears us again; False when that was known."""
    return tx.connection.execute(delete(_t).where(_t.c.channel_id == channel_id)).rowcount > 0


def mark_told(tx: Transaction, channel_id: int, cause: int) -> None:
    """The numbers of everything that this channel was ever told must be worked out again, for the others."""
    keys = select(_o.c.key).where(_o.c.channel_id == channel_id, _o.c.kind == "stock")
    stale.where(tx, tables.product.c.sku.in_(keys), cause)


def told_skus(connection: Connection, channel_id: int) -> list[str]:
    """What it was ever told that sells at all."""
    moving = select(tables.velocity.c.sku)
    query = select(_o.c.key).where(_o.c.channel_id == channel_id, _o.c.kind == "stock", _o.c.key.in_(moving))
    return sorted(connection.execute(query).scalars())


def shown(connection: Connection, channel_id: int, skus: Sequence[str]) -> dict[str, int]:
    """The number that the channel took last of each of these products; it still shows it, as far as we know."""
    query = select(_o.c.key, _o.c.payload, _o.c.state).where(_o.c.channel_id == channel_id, _o.c.kind == "stock")
    rows = connection.execute(query.where(_o.c.key.in_(skus))).all()
    found = {row.key: int(row.payload["data"]["available"]) for row in rows if row.state == "sent"}
    other = [row.key for row in rows if row.state != "sent"]
    taken = (_d.c.kind == "stock") & (_d.c.channel_id == channel_id) & _d.c.ok & _d.c.key.in_(other)
    newest = select(func.max(_d.c.id)).where(taken).group_by(_d.c.key)
    for row in connection.execute(select(_d.c.key, _d.c.after).where(_d.c.id.in_(newest))) if other else ():
        found[row.key] = int(row.after)
    return found
