"""What buyers hold against orders that left, by channel: what account health counts as defects (KPI-14)."""

from collections.abc import Mapping

from sqlalchemy import Connection, exists, func, select

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t = tables.order_claim


def note(tx: Transaction, place: tuple[int, str], kind: str, at: float, source: str) -> bool:
    """Keep one of a kind (a domain ClaimKind) for each order (channel id, its id there); False when it was known."""
    row = {"channel_id": place[0], "channel_order_id": place[1][:120], "kind": kind, "at": at}
    made = insert_into(tx.connection, _t).values(**row, source=source[:120], noted_at=tx.now)
    return tx.connection.execute(made.on_conflict_do_nothing()).rowcount > 0


def is_held(connection: Connection, place: tuple[int, str], kind: str) -> bool:
    """Whether one of this kind is kept for an order (channel id, its id there), whoever said so."""
    mine = (_t.c.channel_id == place[0]) & (_t.c.channel_order_id == place[1][:120]) & (_t.c.kind == kind)
    return bool(connection.execute(select(exists().where(mine))).scalar())


def counts(connection: Connection, channel_id: int, since: float) -> Mapping[str, int]:
    """Orders of a channel since then by kind of claim; one order may be under several."""
    query = select(_t.c.kind, func.count()).where(_t.c.channel_id == channel_id, _t.c.at >= since)
    return {kind: int(orders) for kind, orders in connection.execute(query.group_by(_t.c.kind))}
