"""Packed parcels of which no channel was told shortly before their ship-by: at the dock, or on an open load."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

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
        waits = _untold(connection, db.now() + BEFORE_SHIP_BY)
        ours = connection.execute(_open_ones()).scalars().all()
    due = {row.order_id: row for row in waits}
    over = [key for key in ours if int(key.removeprefix(_PREFIX)) not in due]
    fresh = [row for row in due.values() if f"{_PREFIX}{row.order_id}" not in set(ours)]
    if fresh or over:
        with transaction(db, _WATCH, "untold") as tx:
            for key in over:
                incidents.close_by_key(tx, key, "its channel is told, or it does not leave any more")
            for row in fresh:
                where = "ready and on no load" if row.state == ParcelState.READY else "on a load that is not closed"
                cause = f"order {row.number} is packed and nobody was told: it is {where}, its ship-by is "
                cause += span(row.ship_by - tx.now)
                key = f"{_PREFIX}{row.order_id}"
                incidents.open_incident(tx, IncidentType.UNTOLD, cause, order_id=row.order_id, once_key=key)
    return len(waits) == MOST and bool(fresh)


def _untold(connection: Connection, until: float) -> Sequence[Row[Any]]:
    """Parcels whose ship-by is before then, with no word about them in the outbox."""
    about = (_x.c.kind == "shipment") & (_x.c.key == _p.c.id)
    columns = (_p.c.id, _p.c.order_id, _p.c.state, _o.c.number, _o.c.ship_by)
    query: Select[Any] = select(*columns).join(_o, _o.c.id == _p.c.order_id).outerjoin(_x, about)
    packed = _p.c.state.in_(_PACKED) & _o.c.status.in_(("packed", "packing"))
    chosen = query.where(packed, _o.c.ship_by <= until, _x.c.id.is_(None))
    return connection.execute(chosen.order_by(_o.c.ship_by, _p.c.number).limit(MOST)).all()


def _open_ones() -> Select[Any]:
    return select(_i.c.once_key).where(_i.c.state == "open", _i.c.once_key.startswith(_PREFIX))
