"""What one day's exception report, and one of a channel's launch, are made of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from server.db import tables
from server.db.offering import first_event
from server.domain.booking.stock import MoveKind

_l, _site, _w, _o = tables.ledger, tables.site, tables.waiting_line, tables.order
_line, _p, _c, _i = tables.order_line, tables.product, tables.channel, tables.incident
_parcel, _track = tables.parcel, tables.parcel_track
_DIFFERENCES = (MoveKind.COUNT.value, MoveKind.LOSE.value)
_SHORT = ("stock_shortfall", "stock_conflict")


def location_differences(connection: Connection, begin: float, end: float) -> Sequence[Row[Any]]:
    """Rows of the ledger by which a site did not have what the book said: counts, and transfers that lost units."""
    query: Select[Any] = (
        select(_l.c.at, _l.c.sku, _l.c.lot, _l.c.kind, _l.c.reason, _l.c.actor, _site.c.code.label("site"))
        .add_columns(case((_l.c.kind == MoveKind.LOSE.value, _l.c.d_transit), else_=_l.c.d_on_hand).label("units"))
        .join(_site, _site.c.id == _l.c.site_id)
        .where(_l.c.id >= first_event(connection, begin), _l.c.at >= begin, _l.c.at < end)
        .where(_l.c.kind.in_(_DIFFERENCES), (_l.c.d_on_hand != 0) | (_l.c.d_transit != 0))
    )
    return connection.execute(query.order_by(_l.c.sku, _l.c.id)).all()


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Units that were sold and are not there, with the orders that wait for them, the longest waiting first."""
    query: Select[Any] = (
        select(_w.c.sku, _w.c.quantity, _o.c.number, _o.c.channel_order_id, _o.c.waiting_for, _c.c.code)
        .join(_o, _o.c.id == _w.c.order_id)
        .join(_c, _c.c.id == _o.c.channel_id)
    )
    return connection.execute(query.order_by(_w.c.sku, _o.c.waiting_since, _o.c.id)).all()


def short_incidents(connection: Connection, begin: float, end: float) -> Sequence[Row[Any]]:
    """Promises that could not be kept: incidents that were open on that day."""
    there = (_i.c.opened_at < end) & (_i.c.closed_at.is_(None) | (_i.c.closed_at >= begin))
    query: Select[Any] = (
        select(_i.c.sku, _i.c.cause, _i.c.state, _i.c.opened_at, _i.c.resolution, _o.c.number, _c.c.code)
        .select_from(_i.outerjoin(_o, _o.c.id == _i.c.order_id).outerjoin(_c, _c.c.id == _o.c.channel_id))
        .where(_i.c.type.in_(_SHORT), there)
    )
    return connection.execute(query.order_by(_i.c.opened_at, _i.c.id)).all()


def below_zero(connection: Connection) -> Sequence[Row[Any]]:
    """Listings whose platform shows less than nothing: it sold what it did not have."""
    t = tables.listing
    query: Select[Any] = select(_c.c.code, t.c.channel_sku, t.c.sku, t.c.live).join(_c, _c.c.id == t.c.channel_id)
    return connection.execute(query.where(t.c.live < 0).order_by(_c.c.code, t.c.channel_sku)).all()


def shown(connection: Connection, channel_id: int) -> dict[str, int]:
    """Units that the channel is told to have, by product category."""
    t = tables.outbox
    query: Select[Any] = select(_p.c.category, t.c.payload).join(_p, _p.c.sku == t.c.key)
    found: dict[str, int] = {}
    for category, payload in connection.execute(query.where(t.c.channel_id == channel_id, t.c.kind == "stock")):
        found[category] = found.get(category, 0) + int(payload["data"]["available"])
    return found


def launch(connection: Connection, channel_id: int, since: float, now: float) -> Sequence[Row[Any]]:
    """By product category and site since then: orders, units sold, cancelled, shipped, and overdue by ship-by.

    ``due`` are units that are overdue or left; of these ``on_time`` left by their ship-by, in all parcels of the order.
    """
    gone, units = _o.c.status == "shipped", _line.c.quantity - _line.c.cancelled
    late = _o.c.status.not_in(("shipped", "cancelled", "external")) & (_o.c.ship_by < now)
    handed = select(_parcel.c.order_id, func.max(_track.c.handed_at).label("at")).join(_track)
    left = handed.group_by(_parcel.c.order_id).subquery("left_at")
    judged = late | (gone & _o.c.ship_by.is_not(None) & left.c.at.is_not(None))
    columns: list[Any] = [
        func.coalesce(_p.c.category, "").label("family"),
        func.coalesce(_site.c.code, "").label("warehouse"),
        func.count(func.distinct(_o.c.id)).label("orders"),
        func.sum(_line.c.quantity).label("sold"),
        func.sum(_line.c.cancelled).label("cancelled"),
        func.sum(case((gone, units), else_=0)).label("shipped"),
        func.sum(case((late, units), else_=0)).label("overdue"),
        func.sum(case((judged, units), else_=0)).label("due"),
        func.sum(case((gone & (left.c.at <= _o.c.ship_by), units), else_=0)).label("on_time"),
    ]
    lines = _line.join(_o, _o.c.id == _line.c.order_id).outerjoin(_p, _p.c.sku == _line.c.sku)
    lines = lines.outerjoin(left, left.c.order_id == _o.c.id)
    query = (
        select(*columns)
        .select_from(lines.outerjoin(_site, _site.c.id == _o.c.site_id))
        .where(_o.c.channel_id == channel_id, _o.c.received_at >= since)
        .group_by("family", "warehouse")
        .order_by("family", "warehouse")
    )
    return connection.execute(query).all()
