"""Rows of loads, what is on them, and the scans at the dock. A load is locked before orders and parcels."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, or_, select, update

from server.db import publishing, tables
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState

_t, _on, _e = tables.load, tables.load_parcel, tables.dock_event
_p, _o, _c = tables.parcel, tables.order, tables.channel
_HERE = (ParcelState.BOUGHT.value, ParcelState.READY.value, ParcelState.BLOCKED.value)


def find(connection: Connection, load_id: str) -> Row[Any] | None:
    """One load."""
    return connection.execute(select(_t).where(_t.c.id == load_id)).first()


def lock(tx: Transaction, load_id: str) -> Row[Any] | None:
    """One load, locked: whoever loads it or closes it waits here for the other."""
    return tx.connection.execute(select(_t).where(_t.c.id == load_id).with_for_update()).first()


def open_load(tx: Transaction, site_id: int, carrier: str) -> tuple[Row[Any], bool]:
    """The one open load of a site and carrier, and whether it was opened just now."""
    site = tables.site
    # Two docks that open at once wait here; key_share lets orders of this site be written meanwhile.
    tx.connection.execute(select(site.c.id).where(site.c.id == site_id).with_for_update(key_share=True))
    key = f"{site_id}:{carrier}"
    found = tx.connection.execute(select(_t).where(_t.c.open_key == key)).first()
    if found is not None:
        return found, False
    row = insert(_t).values(site_id=site_id, carrier=carrier, open_key=key, opened_at=tx.now)
    number = int(tx.connection.execute(row.returning(_t.c.number)).scalar_one())
    query = update(_t).where(_t.c.number == number).values(id=f"LOAD{number:06d}")
    return tx.connection.execute(query.returning(*_t.c)).one(), True


def close(tx: Transaction, load_id: str, person_id: int, manifest: Any) -> None:
    """Freeze it: nothing of a closed load ever changes."""
    done = {"closed_at": tx.now, "closed_by": person_id, "manifest": manifest, "open_key": None}
    tx.connection.execute(update(_t).where(_t.c.id == load_id, _t.c.closed_at.is_(None)).values(**done))


def _dock_parcels() -> Select[Any]:
    """Parcels as the dock sees them: order number, channel code, load (``load_id``), who loaded it when."""
    loading = (_on.c.load_id, _on.c.loaded_at, _on.c.person_id.label("loaded_by"))
    query = select(_p, _o.c.number.label("order_number"), _c.c.code.label("channel"), *loading)
    joined = query.join(_o, _o.c.id == _p.c.order_id).join(_c, _c.c.id == _o.c.channel_id)
    return joined.outerjoin(_on, _on.c.parcel_id == _p.c.id).where(_p.c.purchase != "intent")


def parcels_here(connection: Connection, site_id: int, cancelled_since: float) -> Sequence[Row[Any]]:
    """Parcels of a site which are on no load, and those cancelled since."""
    cancelled = (_p.c.state == ParcelState.CANCELLED.value) & (_p.c.cancelled_at >= cancelled_since)
    query = _dock_parcels().where(_p.c.site_id == site_id, or_(_p.c.state.in_(_HERE), cancelled))
    # Of labels that were only allotted beforehand, most were never on a box.
    query = query.where(_p.c.purchase == "bought")
    return connection.execute(query.order_by(_p.c.number)).all()


def parcels_on(connection: Connection, load_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels on these loads, in the order of loading."""
    query = _dock_parcels().where(_on.c.load_id.in_(sorted(set(load_ids))))
    return connection.execute(query.order_by(_on.c.loaded_at, _p.c.number)).all()


def parcels_with(connection: Connection, site_id: int, codes: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels of a site with one of these ids or tracking numbers, wherever they are."""
    wanted = sorted(set(codes))
    known = _p.c.tracking.is_not(None) & or_(_p.c.id.in_(wanted), _p.c.tracking.in_(wanted))
    query = _dock_parcels().where(_p.c.site_id == site_id, known)
    return connection.execute(query.order_by(_p.c.id)).all()


def open_ids(connection: Connection, site_id: int) -> list[str]:
    """Open loads of a site."""
    query = select(_t.c.id).where(_t.c.site_id == site_id, _t.c.open_key.is_not(None))
    return list(connection.execute(query).scalars())


def put_on(tx: Transaction, parcel_id: str, load_id: str, person_id: int, bench_id: int) -> None:
    """A parcel is on one load: its id is the key."""
    row = {"parcel_id": parcel_id, "load_id": load_id, "person_id": person_id, "bench_id": bench_id}
    tx.connection.execute(insert(_on).values(loaded_at=tx.now, **row))


def last_event(connection: Connection, dock_session: str) -> Row[Any] | None:
    """The newest scan of a dock session."""
    query = select(_e).where(_e.c.dock_session == dock_session).order_by(_e.c.seq.desc()).limit(1)
    return connection.execute(query).first()


def append(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the dock's log."""
    if rows:
        tx.connection.execute(insert(_e), [dict(row) for row in rows])


def refused(connection: Connection, load_id: str, reasons: Iterable[str]) -> list[str]:
    """Ids of parcels refused at this load for one of these reasons, the first refused first."""
    chosen = (_e.c.load_id == load_id) & _e.c.reason.in_(sorted(reasons)) & _e.c.parcel_id.is_not(None)
    query = select(_e.c.parcel_id).where(chosen).group_by(_e.c.parcel_id)
    return list(connection.execute(query.order_by(func.min(_e.c.received_at))).scalars())


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
