"""Whether anything a dock sees of a load has changed: a few counts and sums instead of every parcel of its site.

Equal versions mean an equal picture, but for the names of people, benches, carriers and orders: whoever compares
versions asks for the whole picture now and then.
"""

import hashlib
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)

from server.db import load_closes, loads, tables
from server.domain.dock.values import ParcelState
from server.domain.sales.orders import OrderStatus

_p, _o, _on, _load = tables.parcel, tables.order, tables.load_parcel, tables.load
_m, _x, _n, _pal, _e = tables.load_mark, tables.load_cancel, tables.load_plan, tables.pallet_parcel, tables.dock_event
_SITE: BindParameter[Any] = bindparam("site")
_ID: BindParameter[Any] = bindparam("id")
_SINCE: BindParameter[Any] = bindparam("since")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_HERE = (ParcelState.BOUGHT.value, ParcelState.READY.value, ParcelState.BLOCKED.value)


def version(connection: Connection, row: Row[Any], cancelled_since: float, day_ends: float) -> str:
    """A short text that is another as soon as the picture of this load is; ``day_ends`` is the end of its day.

    To be taken before the picture is read: where every statement sees a state of its own it must not be the newer one.
    """
    beside = [each for each in loads.of_site(connection, row.site_id) if each.id != row.id]
    ids = sorted({row.id, *(each.id for each in beside)})
    named = {"site": row.site_id, "id": row.id, "ids": ids, "since": cancelled_since}
    seen = [[tuple(each) for each in connection.execute(query, named)] for query in _QUERIES]
    told = _told(connection, row)
    facts = (_without_manifest(row), [_without_manifest(each) for each in beside], seen, told, day_ends)
    return hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()


def _which(number: Any) -> tuple[ColumnElement[Any], ...]:
    """How many, and which: two sets with one count, one sum and one sum of squares are hardly ever met."""
    return func.count(), func.sum(number), func.sum(number * number)


def _whole(seconds: Any) -> ColumnElement[Any]:
    """Whole numbers: a sum of fractions depends on the order of its rows."""
    return func.sum(cast(seconds, BigInteger))


def _void() -> ColumnElement[Any]:
    """Which of them belong to cancelled orders."""
    return func.sum(case((_o.c.status == OrderStatus.CANCELLED.value, _p.c.number), else_=0))


def _packed() -> ColumnElement[Any]:
    """Which of them belong to orders of which every box is packed."""
    packed = (OrderStatus.PACKED.value, OrderStatus.SHIPPED.value)
    return func.sum(case((_o.c.status.in_(packed), _p.c.number), else_=0))


def _here() -> Select[Any]:
    """Parcels of the site which are on no load."""
    columns = (_p.c.state, *_which(_p.c.number), _void(), _packed(), _whole(_o.c.ship_by))
    query = select(*columns).join(_o, _o.c.id == _p.c.order_id)
    cancelled = (_p.c.state == ParcelState.CANCELLED.value) & (_p.c.cancelled_at >= _SINCE)
    here = (_p.c.site_id == _SITE) & (_p.c.purchase == "bought") & or_(_p.c.state.in_(_HERE), cancelled)
    return query.where(here).group_by(_p.c.state).order_by(_p.c.state)


def _loaded() -> Select[Any]:
    """Parcels on these loads."""
    kinds = (_on.c.load_id, _on.c.person_id, _on.c.assumed, _p.c.state)
    placed = (func.sum(_p.c.number * _on.c.position), func.max(_on.c.loaded_at))
    columns = (*kinds, *_which(_p.c.number), *placed, _void(), _whole(_o.c.ship_by))
    query = select(*columns).join(_p, _p.c.id == _on.c.parcel_id).join(_o, _o.c.id == _p.c.order_id)
    return query.where(_on.c.load_id.in_(_IDS)).group_by(*kinds).order_by(*kinds)


def _plans() -> Select[Any]:
    open_here = _load.c.closed_at.is_(None) & (_load.c.site_id == _SITE)
    query = select(_n.c.load_id, *_which(_n.c.id)).join(_load, _load.c.id == _n.c.load_id)
    return query.where(open_here).group_by(_n.c.load_id).order_by(_n.c.load_id)


def _cancels() -> Select[Any]:
    columns = (_x.c.parcel_id, _x.c.position, _x.c.of, _x.c.answer)
    return select(*columns).where(_x.c.load_id == _ID).order_by(_x.c.parcel_id)


def _marks() -> Select[Any]:
    open_ones = (_m.c.load_id == _ID) & _m.c.done_at.is_(None)
    return select(_m.c.kind, _m.c.parcel_id, _m.c.at).where(open_ones).order_by(_m.c.kind, _m.c.parcel_id)


def _scans() -> Select[Any]:
    query = select(_e.c.load_id, func.count(), func.max(_e.c.received_at)).where(_e.c.load_id.in_(_IDS))
    return query.group_by(_e.c.load_id).order_by(_e.c.load_id)


def _pallets() -> Select[Any]:
    query = select(_pal.c.sscc, *_which(_p.c.number)).join(_p, _p.c.id == _pal.c.parcel_id)
    query = query.outerjoin(_on, _on.c.parcel_id == _p.c.id)
    here = (_p.c.site_id == _SITE) & (_p.c.state != ParcelState.LOADED.value)
    return query.where(or_(here, _on.c.load_id == _ID)).group_by(_pal.c.sscc).order_by(_pal.c.sscc)


_QUERIES = (_here(), _loaded(), _plans(), _cancels(), _marks(), _scans(), _pallets())


def _told(connection: Connection, row: Row[Any]) -> tuple[Any, ...]:
    """Of a closed load: who was told, and what its carrier said."""
    if row.closed_at is None:
        return ()
    on = loads.parcels_on(connection, [row.id])
    told = [tuple(each) for each in loads.told(connection, [p.id for p in on])]
    close = load_closes.find(connection, row.id)
    said = (close.state, close.text, close.next_at, close.tries, close.paper is None) if close is not None else ()
    return told, loads.stock_waits(connection, [p.order_id for p in on]), said


def _without_manifest(row: Row[Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in row._mapping.items() if name != "manifest")
