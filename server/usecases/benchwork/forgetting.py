"""Orders of a bench whose buyers were erased: it may hold their labels and papers for two days yet."""

from sqlalchemy import select

from server import wire
from server.db import tables
from server.db.transaction import Database

BACK = 10 * 86_400.0
"""Seconds back in which an order was packed; what a bench printed before, it has let go by itself."""
_o, _r, _s = tables.order, tables.recipient, tables.pack_session


def erased(db: Database, bench_id: int) -> wire.ErasedAnswer:
    """Numbers of the orders that this bench packed lately and whose buyers are erased by now."""
    query = select(_o.c.number).join(_s, _s.c.order_id == _o.c.id).join(_r, _r.c.order_id == _o.c.id)
    with db.read() as connection:
        lately = (_s.c.bench_id == bench_id) & (_s.c.opened_at >= db.now() - BACK)
        found = connection.execute(query.where(lately, _r.c.erased_at.is_not(None)).distinct().order_by(_o.c.number))
        return wire.ErasedAnswer(numbers=tuple(found.scalars()))
