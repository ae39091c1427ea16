"""Why an order got what others wanted as well: told from the orders that lost when it was decided (CNF-01)."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from server.db import kits, tables
from server.domain.booking.kits import KitBook

_o, _l, _c = tables.order, tables.order_line, tables.channel
_IDS = 100_000
"""Ids by which two orders of one batch may be apart; the primary key finds them among millions."""


class Beaten(NamedTuple):
    """An order that got nothing in the same decision, and the sentence it was given then, with the policy's version."""

    number: str
    channel: str
    because: str


def beaten_by(connection: Connection, order: Row[Any]) -> list[Beaten]:
    """The orders that lost in the decision that served this one, and wanted some of the same goods."""
    near = _o.c.id.between(order.id - _IDS, order.id + _IDS) & (_o.c.received_at == order.received_at)
    query = (
        select(_o.c.id, _o.c.number, _o.c.decided, _c.c.code)
        .join(_c, _c.c.id == _o.c.channel_id)
        .where(near, _o.c.id != order.id, _o.c.decided.is_not(None))
        .order_by(_o.c.id)
    )
    losers = [row for row in connection.execute(query) if row.decided and row.decided.get("because")]
    if not losers:
        return []
    book = kits.read(connection)
    mine = _goods(connection, book, order.id)
    return [
        Beaten(row.number, row.code, row.decided["because"])
        for row in losers
        if not mine.isdisjoint(_goods(connection, book, row.id))
    ]


def _goods(connection: Connection, book: KitBook, order_id: int) -> set[str]:
    skus = connection.execute(select(_l.c.sku).where(_l.c.order_id == order_id, _l.c.sku.is_not(None))).scalars()
    return {leaf for sku in skus for leaf in (sku, *book.expand(sku))}
