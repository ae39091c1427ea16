"""Shipments that channels are told of, and parcels by what they wait for: the three lists of SBK-02."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState

_p, _o, _c, _t, _x = tables.parcel, tables.order, tables.channel, tables.parcel_track, tables.outbox
WITHDRAWN = "withdrawn"
"""State of a shipment whose parcel was cancelled before its channel had taken it: it is never sent."""


def withdraw(tx: Transaction, parcel_id: str) -> None:
    """The parcel is cancelled: a channel that was not told of it yet never is. One that took it keeps its row."""
    mine = (_x.c.kind == "shipment") & (_x.c.key == parcel_id) & _x.c.state.in_(("waiting", "parked"))
    if tx.connection.execute(update(_x).where(mine).values(state=WITHDRAWN)).rowcount:
        tx.note("shipment.withdrawn", {"why": "its parcel was cancelled"}, parcel=parcel_id)


def _rows() -> Select[Any]:
    """Parcels with channel, policy, ``told`` (state of the shipment, None when it was never queued), and moments."""
    shipment = (_x.c.kind == "shipment") & (_x.c.key == _p.c.id) & (_x.c.channel_id == _o.c.channel_id)
    joined = (
        _p.join(_o, _o.c.id == _p.c.order_id)
        .join(_c, _c.c.id == _o.c.channel_id)
        .outerjoin(_t, _t.c.parcel_id == _p.c.id)
        .outerjoin(_x, shipment)
    )
    of_parcel = (_p.c.id, _p.c.tracking, _p.c.carrier, _p.c.state, _p.c.purchase, _p.c.ready_at, _p.c.void_wanted_at)
    of_order = (_o.c.number.label("order_number"), _o.c.status.label("order_status"))
    of_channel = (_c.c.code.label("channel"), _c.c.kind.label("channel_kind"), _c.c.settings, _c.c.policy)
    moments = (_t.c.handed_at, _t.c.first_scan_at, _x.c.state.label("told"))
    return select(*of_parcel, *of_order, *of_channel, *moments).select_from(joined)


def parcel(connection: Connection, parcel_id: str) -> Row[Any]:
    """One parcel with what decides whether its channel is told."""
    return connection.execute(_rows().where(_p.c.id == parcel_id)).one()


def untold(connection: Connection, channel_id: int, since: float) -> Sequence[Row[Any]]:
    """Live parcels of a channel, bought since then, for which nothing was queued."""
    live = (_p.c.purchase == "bought") & _p.c.state.in_((ParcelState.READY.value, ParcelState.LOADED.value))
    mine = (_o.c.channel_id == channel_id) & live & (_p.c.bought_at >= since) & _x.c.id.is_(None)
    return connection.execute(_rows().where(mine).order_by(_p.c.number)).all()


def differing(connection: Connection, since: float) -> Sequence[Row[Any]]:
    """Parcels bought since then that left untold, or that a channel was told of although they have not left."""
    left_untold = and_(_t.c.handed_at.is_not(None), or_(_x.c.id.is_(None), _x.c.state != "sent"))
    told_here = and_(_t.c.handed_at.is_(None), _x.c.id.is_not(None), _x.c.state != WITHDRAWN)
    gone = and_(_p.c.state == ParcelState.CANCELLED.value, _x.c.state == "sent")
    stays = and_(_t.c.handed_at.is_(None), _t.c.first_scan_at.is_not(None))
    query = _rows().where(_p.c.bought_at >= since, or_(left_untold, told_here, gone, stays))
    return connection.execute(query.order_by(_c.c.code, _p.c.number)).all()


def counts(connection: Connection, since: float) -> dict[str, tuple[int, int, int]]:
    """(confirmed, pending, failed) shipments queued since then, by channel code (SBK-07)."""
    sums = [func.sum(case((_x.c.state == state, 1), else_=0)) for state in ("sent", "waiting", "parked")]
    query = select(_c.c.code, *sums).join(_x, _x.c.channel_id == _c.c.id)
    mine = (_x.c.kind == "shipment") & (_x.c.created_at >= since)
    rows = connection.execute(query.where(_x.c.kind != "stock", mine).group_by(_c.c.code).order_by(_c.c.code))
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}
