"""Packed parcels of which no channel was told shortly before their ship-by: at the dock, or on an open load."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, literal, select

from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.dock.values import ParcelState
from server.domain.incidents import IncidentType
from server.usecases.record import incidents
from server.usecases.talking.deadlines import BEFORE_SHIP_BY, span

MOST = 200
_PREFIX = "packed:"
_WATCH = Actor("dock watch")
_p, _o, _x, _i = tables.parcel, tables.order, tables.outbox, tables.incident
_PACKED = (ParcelState.READY.value, ParcelState.LOADED.value)


def watch(db: Database) -> bool:
    """The worker's share; True when there is more to look at right now."""
    with db.read() as connection:
        until = db.now() + BEFORE_SHIP_BY
        waits = connection.execute(_fresh(until)).all()
        over = connection.execute(_over(until)).scalars().all()
    fresh = {row.order_id: row for row in waits}.values()
    if fresh or over:
        with transaction(db, _WATCH, "untold") as tx:
            for key in over:
                incidents.close_by_key(tx, key, "its channel is told, or it need not leave so soon any more")
            for row in fresh:
                where = "ready and on no load" if row.state == ParcelState.READY else "on a load that is not closed"
                cause = f"order {row.number} is packed and nobody was told: it is {where}, its ship-by is "
                cause += span(row.ship_by - tx.now)
                key = f"{_PREFIX}{row.order_id}"
                incidents.open_incident(tx, IncidentType.UNTOLD, cause, order_id=row.order_id, once_key=key)
    return len(waits) == MOST


def _fresh(until: float) -> Select[Any]:
    """Parcels whose ship-by is before then and of which nobody was told, of orders that nobody was warned of yet."""
    columns = (_p.c.id, _p.c.order_id, _p.c.state, _o.c.number, _o.c.ship_by)
    warned = exists().where(_i.c.once_key == _key(), _i.c.state == "open")
    query = _untold(select(*columns), until).where(~warned)
    return query.order_by(_o.c.ship_by, _p.c.number).limit(MOST)


def _over(until: float) -> Select[Any]:
    """Keys of the warnings whose orders have no such parcel any more."""
    still = _untold(select(_p.c.id), until).where(_i.c.once_key == _key()).correlate(_i)
    return select(_i.c.once_key).where(_i.c.state == "open", _i.c.once_key.startswith(_PREFIX), ~still.exists())


def _key() -> ColumnElement[str]:
    """The key of an order's warning."""
    return literal(_PREFIX).concat(cast(_o.c.id, String))


def _untold(query: Select[Any], until: float) -> Select[Any]:
    """Of packed parcels those with no word about them in the outbox."""
    about = (_x.c.kind == "shipment") & (_x.c.key == _p.c.id)
    joined = query.select_from(_p.join(_o, _o.c.id == _p.c.order_id).outerjoin(_x, about))
    packed = _p.c.state.in_(_PACKED) & _o.c.status.in_(("packed", "packing"))
    return joined.where(packed, _o.c.ship_by <= until, _x.c.id.is_(None))
