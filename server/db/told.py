"""Shipments that channels are told of, and parcels by what they wait for: the three lists of SBK-02."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, false, func, or_, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState

_p, _o, _c, _t, _x = tables.parcel, tables.order, tables.channel, tables.parcel_track, tables.outbox
WITHDRAWN = "withdrawn"
"""State of a shipment whose parcel was cancelled before its channel had taken it: it is never sent."""


def withdraw(tx: Transaction, parcel_id: str) -> None:
    """The parcel is cancelled: a channel that was not told of it yet never is. One that took it keeps its row.

    A try that got no answer may have arrived all the same: see ``differing``.
    """
    mine = (_x.c.kind == "shipment") & (_x.c.key == parcel_id) & _x.c.state.in_(("waiting", "parked"))
    if tx.connection.execute(update(_x).where(mine).values(state=WITHDRAWN)).rowcount:
        tx.note("shipment.withdrawn", {"why": "its parcel was cancelled"}, parcel=parcel_id)


def _rows() -> Select[Any]:
    """Parcels with channel, policy, moments, and of their shipment ``told`` (its state, None when it was never queued)
    and ``tried`` (it may have reached its channel)."""
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
    moments = (_t.c.handed_at, _t.c.first_scan_at, _x.c.state.label("told"), _tried().label("tried"))
    return select(*of_parcel, *of_order, *of_channel, *moments).select_from(joined)


def _tried() -> ColumnElement[bool]:
    """As ``Job.tried``: from the moment a worker takes it up a shipment may have reached its channel."""
    return func.coalesce(or_(_x.c.attempts > 0, _x.c.claimed_until > 0), false())


def parcels(connection: Connection, parcel_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels with what decides whether their channels are told, in the order of their ids."""
    return connection.execute(_rows().where(_p.c.id.in_(sorted(set(parcel_ids)))).order_by(_p.c.id)).all()


def untold(connection: Connection, channel_id: int, since: float) -> Sequence[Row[Any]]:
    """Live parcels of a channel, bought since then, for which nothing was queued."""
    live = (_p.c.purchase == "bought") & _p.c.state.in_((ParcelState.READY.value, ParcelState.LOADED.value))
    mine = (_o.c.channel_id == channel_id) & live & (_p.c.bought_at >= since) & _x.c.id.is_(None)
    return connection.execute(_rows().where(mine).order_by(_p.c.number)).all()


def differing(connection: Connection, since: float) -> Sequence[Row[Any]]:
    """Parcels bought since then that left untold, or that a channel was told of although they have not left.

    Of a cancelled one the channel may have been told also when its shipment was withdrawn after a try.
    """
    left_untold = and_(_t.c.handed_at.is_not(None), or_(_x.c.id.is_(None), _x.c.state != "sent"))
    told_here = and_(_t.c.handed_at.is_(None), _x.c.id.is_not(None), _x.c.state != WITHDRAWN)
    maybe = and_(_x.c.state == WITHDRAWN, _tried())
    gone = and_(_p.c.state == ParcelState.CANCELLED.value, or_(_x.c.state == "sent", maybe))
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
