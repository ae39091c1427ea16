"""How it goes with each platform, and which worker holds its line."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from server.db import tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t = tables.channel_state


def of(connection: Connection, channel_id: int) -> Row[Any] | None:
    """One row; None before anything was written."""
    return connection.execute(select(_t).where(_t.c.channel_id == channel_id)).first()


def every(connection: Connection) -> dict[int, Row[Any]]:
    """All of them by channel id."""
    return {row.channel_id: row for row in connection.execute(select(_t))}


def goes_well(connection: Connection, channel_id: int, *, told_since: float) -> bool:
    """Whether the channel took something, or an order of its was taken in, since then."""
    state = of(connection, channel_id)
    return state is not None and max(state.told_at or 0.0, state.order_at or 0.0) > told_since


def note(tx: Transaction, channel_id: int, **columns: Any) -> None:
    """Write some columns, making the row where there is none."""
    row = insert_into(tx.connection, _t).values(channel_id=channel_id, **columns)
    tx.connection.execute(row.on_conflict_do_update(index_elements=["channel_id"], set_=columns))


def note_all(tx: Transaction, channel_ids: Collection[int], **columns: Any) -> None:
    """The same columns of several channels."""
    rows = [{"channel_id": channel_id, **columns} for channel_id in sorted(channel_ids)]
    news = ", ".join(f"{name} = excluded.{name}" for name in columns)
    insert_rows(tx.connection, _t, rows, f"ON CONFLICT (channel_id) DO UPDATE SET {news}")


def denied(connection: Connection, channel_ids: Collection[int]) -> list[int]:
    """Those of these channels whose platforms do not let us in."""
    query = select(_t.c.channel_id).where(_t.c.channel_id.in_(channel_ids), _t.c.denied_at.is_not(None))
    return list(connection.execute(query.order_by(_t.c.channel_id)).scalars())


def hold(tx: Transaction, channel_id: int, owner: str, seconds: float) -> bool:
    """Take or keep the line of this channel for so long; False while another worker has it."""
    made = insert_into(tx.connection, _t).values(channel_id=channel_id)
    tx.connection.execute(made.on_conflict_do_nothing())
    free = or_(_t.c.owner == owner, _t.c.owned_until <= tx.now)
    query = update(_t).where(_t.c.channel_id == channel_id, free).values(owner=owner, owned_until=tx.now + seconds)
    return tx.connection.execute(query).rowcount > 0


def let_go(tx: Transaction, owner: str) -> None:
    """A worker that ends gives its lines back."""
    tx.connection.execute(update(_t).where(_t.c.owner == owner).values(owned_until=0.0))
