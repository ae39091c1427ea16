"""Rows of loads and what is on them. A load is locked before orders and parcels.

What stands beside a load (marks, cancels, plans, pallets) is in ``server.db.load_marks``, the dock's log in
``server.db.dock_log``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, delete, func, insert, or_, select, update

from server.db import publishing, tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.domain.dock.values import ParcelState

_t, _on = tables.load, tables.load_parcel
_p, _o, _c, _s = tables.parcel, tables.order, tables.channel, tables.pack_session


def find(connection: Connection, load_id: str) -> Row[Any] | None:
    """One load."""
    return connection.execute(select(_t).where(_t.c.id == load_id)).first()


def lock(tx: Transaction, load_id: str) -> Row[Any] | None:
    """One load, locked: whoever loads it or closes it waits here for the other."""
    return tx.connection.execute(select(_t).where(_t.c.id == load_id).with_for_update()).first()


def lock_lanes(tx: Transaction, site_id: int) -> None:
    """Two docks of a site that open a load at once wait here; orders of this site may be written meanwhile."""
    site = tables.site
    tx.connection.execute(select(site.c.id).where(site.c.id == site_id).with_for_update(key_share=True))


def create(tx: Transaction, **columns: Any) -> Row[Any]:
    """A new load; its id is made of its number."""
    number = int(tx.connection.execute(insert(_t).values(**columns).returning(_t.c.number)).scalar_one())
    query = update(_t).where(_t.c.number == number).values(id=f"LOAD{number:06d}")
    return tx.connection.execute(query.returning(*_t.c)).one()


def by_client_key(connection: Connection, key: str) -> Row[Any] | None:
    """The load that a dock began by itself under this key."""
    return connection.execute(select(_t).where(_t.c.client_key == key)).first()


def following(connection: Connection, load_id: str) -> Row[Any] | None:
    """The open load for what a dock scanned on to this one after it had left."""
    query = select(_t).where(_t.c.follows == load_id, _t.c.closed_at.is_(None))
    return connection.execute(query.order_by(_t.c.number).limit(1)).first()


def of_site(connection: Connection, site_id: int, carrier: str = "") -> Sequence[Row[Any]]:
    """Loads of a site that are planned or open, the oldest first; only of this carrier where one is named."""
    here = (_t.c.site_id == site_id) & _t.c.closed_at.is_(None)
    query = select(_t).where(here & (_t.c.carrier == carrier) if carrier else here)
    return connection.execute(query.order_by(_t.c.number)).all()


def change(tx: Transaction, load_id: str, **columns: Any) -> Row[Any]:
    """Write columns of a load that is not closed; the caller holds its lock."""
    query = update(_t).where(_t.c.id == load_id, _t.c.closed_at.is_(None)).values(**columns)
    return tx.connection.execute(query.returning(*_t.c)).one()


def counts(connection: Connection, load_ids: Iterable[str]) -> Mapping[str, int]:
    """Parcels on each of these loads; a load with none is missing."""
    query = select(_on.c.load_id, func.count()).where(_on.c.load_id.in_(sorted(load_ids))).group_by(_on.c.load_id)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def drop(tx: Transaction, load_id: str) -> bool:
    """A load that was planned and never opened is over, without a manifest; whether there was one."""
    planned = (_t.c.id == load_id) & _t.c.opened_at.is_(None) & _t.c.closed_at.is_(None)
    return tx.connection.execute(update(_t).where(planned).values(closed_at=tx.now)).rowcount == 1


# --- parcels as the dock sees them ----------------------------------------------------------------------------------


def dock_parcels(*own: Any) -> Select[Any]:
    """Parcels with their order's number, ship-by and status, channel code, load, and who loaded and packed them.

    Of the parcel's own columns these, or all where none are named.
    """
    loading = (_on.c.load_id, _on.c.loaded_at, _on.c.person_id.label("loaded_by"), _on.c.assumed, _on.c.position)
    about = (_o.c.number.label("order_number"), _o.c.ship_by, _o.c.status.label("order_status"))
    packed = (_s.c.bench_id.label("packed_at"), _s.c.person_id.label("packed_by"))
    query = select(*(own or (_p,)), *about, _c.c.code.label("channel"), *loading, *packed).select_from(_p)
    joined = query.join(_o, _o.c.id == _p.c.order_id).join(_c, _c.c.id == _o.c.channel_id)
    joined = joined.outerjoin(_s, _s.c.id == _p.c.session_id)
    return joined.outerjoin(_on, _on.c.parcel_id == _p.c.id).where(_p.c.purchase != "intent")


def parcels_on(connection: Connection, load_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels on these loads, in the order of loading."""
    query = dock_parcels().where(_on.c.load_id.in_(sorted(set(load_ids))))
    return connection.execute(query.order_by(_on.c.position, _on.c.loaded_at, _p.c.number)).all()


def parcels_with(connection: Connection, site_id: int, codes: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels of a site with one of these ids or tracking numbers, wherever they are."""
    wanted = sorted(set(codes))
    known = _p.c.tracking.is_not(None) & or_(_p.c.id.in_(wanted), _p.c.tracking.in_(wanted))
    query = dock_parcels().where(_p.c.site_id == site_id, known)
    return connection.execute(query.order_by(_p.c.id)).all()


def newer_numbers(connection: Connection, order_ids: Iterable[int]) -> Mapping[tuple[int, int], str]:
    """The live tracking number of each (order, box), for those whose older one is void."""
    live = (_p.c.state != ParcelState.CANCELLED.value) & (_p.c.purchase == "bought") & _p.c.tracking.is_not(None)
    query = select(_p.c.order_id, _p.c.box_no, _p.c.tracking).where(live, _p.c.order_id.in_(sorted(set(order_ids))))
    return {(row.order_id, row.box_no): row.tracking for row in connection.execute(query.order_by(_p.c.number))}


def due(connection: Connection, site_id: int) -> Sequence[Row[Any]]:
    """Parcels of a site that are ready and on no load: how many by ship-by, channel and carrier (HND-03)."""
    what = (_o.c.ship_by, _c.c.code.label("channel"), _p.c.carrier)
    query = select(*what, func.count().label("parcels")).join(_o, _o.c.id == _p.c.order_id)
    query = query.join(_c, _c.c.id == _o.c.channel_id)
    query = query.where(_p.c.site_id == site_id, _p.c.state == ParcelState.READY.value).group_by(*what)
    return connection.execute(query.order_by(_o.c.ship_by.is_(None), *what)).all()


# --- on and off -----------------------------------------------------------------------------------------------------


def put_on(
    tx: Transaction, parcel_id: str, load_id: str, *, person_id: int, bench_id: int, assumed: bool = False
) -> None:
    """A parcel is on one load: its id is the key. The load's lock is held."""
    last = tx.connection.execute(select(func.max(_on.c.position)).where(_on.c.load_id == load_id)).scalar()
    row = {"parcel_id": parcel_id, "load_id": load_id, "person_id": person_id, "bench_id": bench_id}
    tx.connection.execute(insert(_on).values(loaded_at=tx.now, position=(last or 0) + 1, assumed=assumed, **row))


def put_all_on(
    tx: Transaction, parcel_ids: Sequence[str], load_id: str, *, person_id: int, bench_id: int, assumed: bool
) -> None:
    """As ``put_on`` for many, in this order."""
    last = tx.connection.execute(select(func.max(_on.c.position)).where(_on.c.load_id == load_id)).scalar() or 0
    same = {"load_id": load_id, "person_id": person_id, "bench_id": bench_id, "loaded_at": tx.now, "assumed": assumed}
    rows = [{"parcel_id": each, "position": n} | same for n, each in enumerate(parcel_ids, start=last + 1)]
    insert_rows(tx.connection, _on, rows)


def take_off(tx: Transaction, parcel_id: str, *, cancelled: bool) -> None:
    """A parcel is no longer loaded. What was on a closed load stays on it for ever: it has left.

    A parcel that was cancelled is written down with its place in the vehicle, so that somebody finds it.
    """
    query = select(_on).join(_t, _t.c.id == _on.c.load_id).where(_on.c.parcel_id == parcel_id, _t.c.closed_at.is_(None))
    row = tx.connection.execute(query).first()
    if row is None:
        return
    if cancelled:
        of = tx.connection.execute(select(func.max(_on.c.position)).where(_on.c.load_id == row.load_id)).scalar_one()
        found = {"load_id": row.load_id, "parcel_id": parcel_id, "position": row.position, "of": of}
        _cancelled(tx, found | {"loaded_at": row.loaded_at, "person_id": row.person_id, "at": tx.now})
    tx.connection.execute(delete(_on).where(_on.c.parcel_id == parcel_id))


def _cancelled(tx: Transaction, row: Mapping[str, Any]) -> None:
    x = tables.load_cancel
    same = (x.c.load_id == row["load_id"]) & (x.c.parcel_id == row["parcel_id"])
    tx.connection.execute(delete(x).where(same))
    tx.connection.execute(insert(x).values(**row))


def close(tx: Transaction, load_id: str, person_id: int, **columns: Any) -> None:
    """Freeze it: nothing of a closed load ever changes."""
    done = {"closed_at": tx.now, "closed_by": person_id, "closing_at": None} | columns
    tx.connection.execute(update(_t).where(_t.c.id == load_id, _t.c.closed_at.is_(None)).values(**done))


def told(connection: Connection, parcel_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """For each channel: how many of these parcels it is to be told of (``total``) and was told of (``told``)."""
    x = tables.outbox
    sent = func.sum(case((x.c.state == "sent", 1), else_=0)).label("told")
    query = select(_c.c.code.label("channel"), sent, func.count().label("total")).join(_c, _c.c.id == x.c.channel_id)
    mine = (x.c.kind == "shipment") & x.c.key.in_(parcel_ids)
    return connection.execute(query.where(mine).group_by(_c.c.code).order_by(_c.c.code)).all()


def stock_waits(connection: Connection, order_ids: Sequence[int]) -> bool:
    """Whether a channel still has to be told a stock number of what these orders took."""
    x, r = tables.outbox, tables.reservation
    skus = select(r.c.sku).where(r.c.order_id.in_(order_ids))
    query = select(x.c.id).where(x.c.kind == "stock", x.c.state != "sent", x.c.key.in_(skus)).limit(1)
    return connection.execute(query).first() is not None or publishing.is_behind(connection, skus)
