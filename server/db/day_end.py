"""What is still open at a site when its day ends: few statements, each only when somebody asks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from server.db import tables
from server.db.load_marks import ASIDE
from server.domain.dock.values import ParcelState
from server.domain.packing.session import Phase
from server.domain.sales.orders import OrderStatus

Rows = Sequence[Row[Any]]
_o, _b, _p, _load = tables.order, tables.bench, tables.parcel, tables.load
_OVER = (Phase.CLOSED, Phase.ENDED)
_OPEN_PHASES = [phase.value for phase in Phase if phase not in _OVER]
_BOXED = (OrderStatus.PACKED.value, OrderStatus.SHIPPED.value)


def open_sessions(connection: Connection, site_id: int) -> Rows:
    """Orders open on benches, the longest first: order number, state, opened_at, bench and person."""
    s, who = tables.pack_session, tables.person
    columns = (_o.c.number, s.c.state, s.c.opened_at, _b.c.name.label("bench"), who.c.name.label("person"))
    joined = s.join(_b, _b.c.id == s.c.bench_id).join(_o, _o.c.id == s.c.order_id)
    joined = joined.outerjoin(who, who.c.id == s.c.person_id)
    chosen = (_b.c.site_id == site_id) & s.c.state.in_(_OPEN_PHASES)
    return _all(connection, select(*columns).select_from(joined).where(chosen).order_by(s.c.opened_at))


def beats(connection: Connection, site_id: int) -> Rows:
    """Benches of the site that were ever heard: name, seen_at, beat."""
    s = tables.bench_state
    query = select(_b.c.name, s.c.seen_at, s.c.beat).join(s, s.c.bench_id == _b.c.id)
    return _all(connection, query.where(_b.c.site_id == site_id, _b.c.revoked.is_(False)).order_by(_b.c.name))


def staged(connection: Connection, site_id: int) -> Rows:
    """Parcels that are ready and on no load, the most urgent first: tracking, number, carrier, ship_by and bench."""
    s = tables.pack_session
    columns = (_p.c.tracking, _p.c.carrier, _p.c.ready_at, _o.c.number, _o.c.ship_by, _b.c.name.label("bench"))
    joined = _p.join(_o, _o.c.id == _p.c.order_id).outerjoin(s, s.c.id == _p.c.session_id)
    joined = joined.outerjoin(_b, _b.c.id == s.c.bench_id)
    ready = (_p.c.site_id == site_id) & (_p.c.state == ParcelState.READY.value)
    query = select(*columns).select_from(joined).where(ready)
    return _all(connection, query.order_by(_o.c.ship_by.is_(None), _o.c.ship_by, _p.c.number))


def full_totes(connection: Connection, site_id: int) -> Rows:
    """(tote, order number, status) of goods that lie in totes and in no box."""
    t = tables.tote_order
    query = select(t.c.tote, _o.c.number, _o.c.status).join(_o, _o.c.id == t.c.order_id)
    return _all(
        connection, query.where(t.c.site_id == site_id, _o.c.status.not_in(_BOXED)).order_by(t.c.tote, _o.c.number)
    )


def set_aside(connection: Connection, site_id: int) -> Rows:
    """Unsettled parcels of the SET ASIDE lists of open loads: tracking, reason, at, load and its dock."""
    m = tables.load_mark
    columns = (_p.c.tracking, m.c.parcel_id, m.c.reason, m.c.at, m.c.load_id, _b.c.name.label("bench"))
    joined = m.join(_load, _load.c.id == m.c.load_id).outerjoin(_p, _p.c.id == m.c.parcel_id)
    joined = joined.outerjoin(_b, _b.c.id == _load.c.bench_id)
    chosen = (_load.c.site_id == site_id) & _load.c.closed_at.is_(None) & m.c.done_at.is_(None) & (m.c.kind == ASIDE)
    return _all(connection, select(*columns).select_from(joined).where(chosen).order_by(m.c.at))


def carrier_closes(connection: Connection, site_id: int) -> Rows:
    """Closed loads that their carrier has not accepted; one it refused counts while its incident is open."""
    x, i = tables.load_close, tables.incident
    about = (i.c.once_key == "carrier_close:" + x.c.load_id) & (i.c.state == "open")
    joined = x.join(_load, _load.c.id == x.c.load_id).outerjoin(i, about)
    waits = or_(x.c.state.in_(("asking", "pending")), and_(x.c.state == "refused", i.c.id.is_not(None)))
    columns = (x.c.load_id, x.c.carrier, x.c.state, x.c.text, x.c.next_at, _load.c.closed_at)
    query = select(*columns).select_from(joined).where(_load.c.site_id == site_id, waits)
    return _all(connection, query.order_by(_load.c.closed_at))


def untold(connection: Connection, site_id: int) -> Rows:
    """Shipments that their channel was not told of, by channel and state: how many, and since when."""
    x, c = tables.outbox, tables.channel
    columns = (c.c.code, c.c.name, x.c.state, func.count().label("parcels"), func.min(x.c.created_at).label("since"))
    joined = x.join(c, c.c.id == x.c.channel_id).join(_p, _p.c.id == x.c.key)
    chosen = (x.c.kind == "shipment") & x.c.state.in_(("waiting", "parked")) & (_p.c.site_id == site_id)
    query = select(*columns).select_from(joined).where(chosen).group_by(c.c.code, c.c.name, x.c.state)
    return _all(connection, query.order_by(c.c.code, x.c.state))


def _all(connection: Connection, query: Any) -> Rows:
    return connection.execute(query).all()
