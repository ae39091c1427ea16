"""Parcels of which no channel was told shortly before their ship-by: at the dock, on an open load, or gone and not
scanned by their carrier, where that is what their channel is told at.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, cast, exists, literal, select

from server.channels import of_kind
from server.db import sites, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.dock.values import ParcelState
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.domain.tracking.telling import TellAt, tell_at
from server.usecases.outward.telling_when import CAUGHT_UP
from server.usecases.record import incidents
from server.usecases.talking.deadlines import BEFORE_SHIP_BY, span

MOST = 200
_PREFIX = "packed:"
_WATCH = Actor("dock watch")
_p, _o, _x, _i, _t = tables.parcel, tables.order, tables.outbox, tables.incident, tables.parcel_track
_COLUMNS = (_p.c.id, _p.c.order_id, _p.c.state, _p.c.carrier, _o.c.number, _o.c.ship_by, _o.c.status)
_ABOUT = (_x.c.kind == "shipment") & (_x.c.key == _p.c.id)
_PACKED = (ParcelState.READY.value, ParcelState.LOADED.value)


def watch(db: Database) -> bool:
    """The worker's share; True when there is more to look at right now."""
    with db.read() as connection:
        until, since, channels = db.now() + BEFORE_SHIP_BY, db.now() - CAUGHT_UP, _at_first_scan(connection)
        packed = connection.execute(_fresh(until)).all()
        gone = connection.execute(_unscanned(until, since, channels)).all() if channels else ()
        over = connection.execute(_over(until, since, channels)).scalars().all()
    fresh = {row.order_id: row for row in (*packed, *gone)}.values()
    if fresh or over:
        with transaction(db, _WATCH, "untold") as tx:
            for key in over:
                incidents.close_by_key(tx, key, "its channel is told, or it need not leave so soon any more")
            for row in fresh:
                cause = f"order {row.number} is packed and nobody was told: it {_where(row)}, its ship-by is "
                cause += span(row.ship_by - tx.now)
                key = f"{_PREFIX}{row.order_id}"
                incidents.open_incident(tx, IncidentType.UNTOLD, cause, order_id=row.order_id, once_key=key)
    return MOST in (len(packed), len(gone))


def _where(row: Row[Any]) -> str:
    if row.status == OrderStatus.SHIPPED:
        return f"has left, and {row.carrier}, whose first scan its channel waits for, has not scanned it"
    return "is ready and on no load" if row.state == ParcelState.READY else "is on a load that is not closed"


def _at_first_scan(connection: Connection) -> list[int]:
    """Channels that are told at the carrier's first scan."""
    rows = sites.channels(connection, active_only=True)
    return [
        row.id for row in rows if tell_at(row.policy) is TellAt.CARRIER_SCAN and of_kind(row.kind).tells(row.settings)
    ]


def _fresh(until: float) -> Select[Any]:
    """Parcels whose ship-by is before then and of which nobody was told, of orders that nobody was warned of yet."""
    return _soonest(_untold(select(*_COLUMNS), until))


def _unscanned(until: float, since: float, channels: Sequence[int]) -> Select[Any]:
    """The same of parcels that left since then without a scan of their carrier, of channels that wait for one."""
    return _soonest(_gone(select(*_COLUMNS), until, since, channels))


def _soonest(query: Select[Any]) -> Select[Any]:
    warned = exists().where(_i.c.once_key == _key(), _i.c.state == "open")
    return query.where(~warned).order_by(_o.c.ship_by, _p.c.number).limit(MOST)


def _over(until: float, since: float, channels: Sequence[int]) -> Select[Any]:
    """Keys of the warnings whose orders have no such parcel any more."""
    still = _untold(select(_p.c.id), until).where(_i.c.once_key == _key()).correlate(_i)
    gone = _gone(select(_p.c.id), until, since, channels).where(_o.c.id == _i.c.order_id).correlate(_i)
    ours = (_i.c.state == "open") & _i.c.once_key.startswith(_PREFIX)
    return select(_i.c.once_key).where(ours, ~still.exists(), ~gone.exists())


def _key() -> ColumnElement[str]:
    """The key of an order's warning."""
    return literal(_PREFIX).concat(cast(_o.c.id, String))


def _untold(query: Select[Any], until: float) -> Select[Any]:
    """Of packed parcels those with no word about them in the outbox."""
    joined = query.select_from(_p.join(_o, _o.c.id == _p.c.order_id).outerjoin(_x, _ABOUT))
    packed = _p.c.state.in_(_PACKED) & _o.c.status.in_(("packed", "packing"))
    return joined.where(packed, _o.c.ship_by <= until, _x.c.id.is_(None))


def _gone(query: Select[Any], until: float, since: float, channels: Sequence[int]) -> Select[Any]:
    """Of parcels that left since then those with no word about them and no scan."""
    joined = _t.join(_p, _p.c.id == _t.c.parcel_id).join(_o, _o.c.id == _p.c.order_id).outerjoin(_x, _ABOUT)
    left = (_t.c.handed_at >= since) & _t.c.first_scan_at.is_(None) & (_p.c.state == ParcelState.LOADED.value)
    query = query.select_from(joined).where(left, _o.c.channel_id.in_(channels))
    return query.where(_o.c.ship_by <= until, _x.c.id.is_(None))
