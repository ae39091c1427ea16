"""Rows of what carriers are told of closed loads (SCAN form, ground close)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.db import tables
from server.db.transaction import Transaction

_t, _p, _on, _label = tables.load_close, tables.parcel, tables.load_parcel, tables.parcel_label


def find(connection: Connection, load_id: str) -> Row[Any] | None:
    """What is known of a load's carrier; None where it does not want to know."""
    return connection.execute(select(_t).where(_t.c.load_id == load_id)).first()


def want(tx: Transaction, load_id: str, carrier: str) -> None:
    """The carrier is to be told of this load, from now on until it has answered."""
    tx.connection.execute(insert(_t).values(load_id=load_id, carrier=carrier, state="asking", next_at=tx.now))


def due(connection: Connection, now: float, most: int) -> Sequence[str]:
    """Loads whose carrier must be asked now, the longest waiting first."""
    query = select(_t.c.load_id).where(_t.c.next_at <= now).order_by(_t.c.next_at, _t.c.load_id).limit(most)
    return connection.execute(query).scalars().all()


def claim(tx: Transaction, load_id: str, next_at: float) -> Row[Any] | None:
    """Ask for this load, alone until ``next_at``; None when somebody else does."""
    mine = (_t.c.load_id == load_id) & (_t.c.next_at <= tx.now)
    query = update(_t).where(mine).values(next_at=next_at, tries=_t.c.tries + 1)
    return tx.connection.execute(query.returning(*_t.c)).first()


def write(tx: Transaction, load_id: str, **columns: Any) -> None:
    """What the carrier said; an answer once given stays."""
    open_one = (_t.c.load_id == load_id) & _t.c.state.in_(("asking", "pending"))
    tx.connection.execute(update(_t).where(open_one).values(**columns))


def shipments(connection: Connection, load_id: str) -> Sequence[Row[Any]]:
    """Labels of the load that live, with the carrier's own ids: nothing void, one origin and day (FLR-10)."""
    own: Select[Any] = select(_p.c.id, _p.c.tracking, _p.c.service, _label.c.shipment_id).join(
        _on, _on.c.parcel_id == _p.c.id
    )
    query = own.outerjoin(_label, _label.c.parcel_id == _p.c.id)
    alive = (_on.c.load_id == load_id) & _p.c.void_wanted_at.is_(None) & (_p.c.state == "loaded")
    return connection.execute(query.where(alive).order_by(_on.c.position)).all()
