"""Rows of what supervisors want of the paper of benches, and of paper that comes out at other benches."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from server.db import tables
from server.db.transaction import Transaction

_o, _b, _s = tables.paper_order, tables.bench, tables.bench_state


def add(tx: Transaction, order_id: str, bench_id: int, kind: str, to: str) -> None:
    """Keep an order until its bench has done it; an earlier one for the same paper is void."""
    same = (_o.c.bench_id == bench_id) & ((_o.c.kind == kind) if kind else True)
    tx.connection.execute(delete(_o).where(same))
    values = {"id": order_id, "bench_id": bench_id, "kind": kind, "to_printer": to, "at": tx.now}
    tx.connection.execute(insert(_o).values(**values))


def of_bench(connection: Connection, bench_id: int) -> Sequence[Row[Any]]:
    """The orders this bench has not done, the oldest first."""
    return connection.execute(select(_o).where(_o.c.bench_id == bench_id).order_by(_o.c.at, _o.c.id)).all()


def drop(tx: Transaction, order_ids: Sequence[str]) -> None:
    """Done, or too old to be meant still."""
    if order_ids:
        tx.connection.execute(delete(_o).where(_o.c.id.in_(order_ids)))


def elsewhere(connection: Connection, bench_id: int, since: float) -> Sequence[Row[Any, Any]]:
    """Other benches at the site of this one that were heard since and have paper elsewhere: name and beat."""
    mine = select(_b.c.site_id).where(_b.c.id == bench_id).scalar_subquery()
    away = _s.c.paper_elsewhere & (_s.c.bench_id != bench_id) & (_s.c.seen_at > since) & (_b.c.site_id == mine)
    query = select(_b.c.name, _s.c.beat).join(_s, _s.c.bench_id == _b.c.id).where(away).order_by(_b.c.name)
    return connection.execute(query).all()
