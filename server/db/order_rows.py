"""Many new orders at once, and the ids they get before they exist."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from server.db import raw, tables
from server.db.bulk import encoded, insert_rows
from server.db.transaction import Transaction

_o, _c = tables.order, tables.channel
Place = tuple[int, str]
"""(channel id, channel order id)."""


def new_ids(tx: Transaction, count: int) -> list[int]:
    """So many ids, rising; the numbers on labels and slips are made of them."""
    if count == 0:
        return []
    if tx.connection.dialect.name == "sqlite":
        last = int(tx.connection.execute(select(func.coalesce(func.max(_o.c.id), 0))).scalar_one())
        return list(range(last + 1, last + 1 + count))
    query = "SELECT nextval(pg_get_serial_sequence('orders', 'id')) FROM generate_series(1, %s)"
    return sorted(row[0] for row in raw.execute(tx.connection, query, (count,)))


class Known(NamedTuple):
    """What is remembered of an order that came before."""

    id: int
    channel_id: int
    channel_order_id: str
    number: str
    fingerprint: str
    status: str
    held_because: str


def known(connection: Connection, places: Sequence[Place]) -> dict[Place, Known]:
    """The first parts of the orders that channels sent before."""
    if not places:
        return {}
    askable = [place for place in places if "\x00" not in place[1]]
    if connection.dialect.name == "sqlite":
        rows = raw.execute(connection, _SQLITE_KNOWN, (encoded(askable),))
    else:
        columns = [list(column) for column in zip(*askable, strict=True)] or [[], []]
        rows = raw.execute(connection, _POSTGRES_KNOWN, tuple(columns))
    found = [Known(*row) for row in rows]
    return {(row.channel_id, row.channel_order_id): row for row in found}


_KNOWN = "SELECT o.id, o.channel_id, o.channel_order_id, o.number, o.fingerprint, o.status, o.held_because FROM "
_ON = "AND o.part = 1"
_SQLITE_KNOWN = (
    f"{_KNOWN} json_each(?) AS r JOIN orders AS o ON o.channel_id = json_extract(r.value, '$[0]') "
    f"AND o.channel_order_id = json_extract(r.value, '$[1]') {_ON}"
)
_POSTGRES_KNOWN = (
    f"{_KNOWN} unnest(%s::int[], %s::text[]) AS r(c, k) JOIN orders AS o ON o.channel_id = r.c "
    f"AND o.channel_order_id = r.k {_ON}"
)


def insert(
    tx: Transaction,
    orders: Sequence[dict[str, Any]],
    lines: Sequence[dict[str, Any]],
    recipients: Sequence[dict[str, Any]],
) -> None:
    """New orders, their lines and their recipients."""
    insert_rows(tx.connection, _o, orders)
    insert_rows(tx.connection, tables.order_line, lines)
    insert_rows(tx.connection, tables.recipient, recipients)
