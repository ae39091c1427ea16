"""Words of a cancel that are held back while a parcel of their order is on a vehicle, or is being stopped (CAN-04)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    cast,
    exists,
    func,
    literal,
    select,
    update,
)

from server.db import tables
from server.db.transaction import Transaction
from server.domain.incidents import IncidentType

HELD = "held"
_x, _o, _p, _c = tables.outbox, tables.order, tables.parcel, tables.channel
_on, _load, _i = tables.load_cancel, tables.load, tables.incident
_UNTRIED = (_x.c.kind == "cancel") & (_x.c.state == "waiting") & (_x.c.attempts == 0) & (_x.c.claimed_until == 0.0)
"""What was tried may have arrived: holding it back would hold back nothing."""


def _on_vehicle(order_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether a parcel of this order must come off a load that is open, and nobody has said that it did."""
    joined = _on.join(_p, _p.c.id == _on.c.parcel_id).join(_load, _load.c.id == _on.c.load_id)
    open_ones = (_on.c.answer == "") & _load.c.closed_at.is_(None)
    return exists().select_from(joined).where(_p.c.order_id == order_id, open_ones)


def _left(order_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether one has left, and its carrier is to stop it."""
    return exists().where(_i.c.order_id == order_id, _i.c.type == IncidentType.INTERCEPT.value, _i.c.state == "open")


def unsettled(connection: Connection, order_id: int) -> bool:
    """Whether a parcel of this order is on a vehicle or on its way, and must not be."""
    return bool(connection.execute(select(_on_vehicle(order_id) | _left(order_id))).scalar())


def hold(tx: Transaction, order_id: int) -> bool:
    """Hold the word of this order's cancel back; whether there was one that nobody has tried to send."""
    keys = select(_o.c.number).where(_o.c.id == order_id).scalar_subquery()
    mine = _UNTRIED & (_x.c.key == keys)
    return tx.connection.execute(update(_x).where(mine).values(state=HELD)).rowcount > 0


def free(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """(id, order id) of words that nothing holds back any more."""
    held = (_x.c.kind == "cancel") & (_x.c.state == HELD)
    return _words(connection, held & ~_on_vehicle(_o.c.id) & ~_left(_o.c.id), limit)


def late(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """(id, order id) of words that wait to be sent, and should not be: a dock took the parcel without news."""
    return _words(connection, _UNTRIED & (_on_vehicle(_o.c.id) | _left(_o.c.id)), limit)


LONG = "cancel_held:"
"""What begins the ``once_key`` of an incident of a word that waits too long; the order's id follows."""


def long(connection: Connection, held_before: float, limit: int) -> Sequence[Row[Any]]:
    """Order, load and channel of cancels from before then whose parcel lies on a vehicle; not where a person knows."""
    same = (_o.c.channel_id == _x.c.channel_id) & (_o.c.number == _x.c.key)
    told = exists().where(_i.c.once_key == literal(LONG).concat(cast(_o.c.id, String)))
    query: Select[Any] = select(
        _o.c.id.label("order_id"), _o.c.number, func.min(_on.c.load_id).label("load"), _c.c.name
    )
    query = query.select_from(_x).join(_o, same).join(_c, _c.c.id == _x.c.channel_id)
    query = query.join(_p, _p.c.order_id == _o.c.id).join(_on, _on.c.parcel_id == _p.c.id)
    query = query.join(_load, _load.c.id == _on.c.load_id).where(_on.c.answer == "", _load.c.closed_at.is_(None))
    held = (_x.c.kind == "cancel") & (_x.c.state == HELD) & (_x.c.created_at <= held_before)
    query = query.where(held, ~told).group_by(_o.c.id, _o.c.number, _c.c.name)
    return connection.execute(query.order_by(_o.c.id).limit(limit)).all()


def _words(connection: Connection, chosen: ColumnElement[bool], limit: int) -> Sequence[Row[Any]]:
    same = (_o.c.channel_id == _x.c.channel_id) & (_o.c.number == _x.c.key)
    query: Select[Any] = select(_x.c.id, _o.c.id.label("order_id")).join(_o, same).where(chosen)
    return connection.execute(query.order_by(_x.c.id).limit(limit)).all()


def send(tx: Transaction, outbox_id: int) -> bool:
    """It may leave now; False when another process was first."""
    mine = (_x.c.id == outbox_id) & (_x.c.state == HELD)
    return tx.connection.execute(update(_x).where(mine).values(state="waiting", next_at=tx.now)).rowcount > 0


def of_order(connection: Connection, order_id: int) -> Row[Any]:
    """Name of the order's channel, and the ``state`` of the word of its cancel: None where none was to be told."""
    same = (_x.c.channel_id == _o.c.channel_id) & (_x.c.kind == "cancel") & (_x.c.key == _o.c.number)
    joined = _o.join(_c, _c.c.id == _o.c.channel_id).outerjoin(_x, same)
    query: Select[Any] = select(_c.c.name.label("channel"), _x.c.state).select_from(joined)
    return connection.execute(query.where(_o.c.id == order_id)).one()
