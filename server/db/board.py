"""What the board reads: few statements, each along an index, so that a large history costs nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, distinct, func, select

from server.db import tables
from server.domain.benchwork.reasons import COUNTS, DELIBERATE
from server.domain.sales.orders import OrderStatus

Rows = Sequence[Row[Any]]

_o, _e, _p = tables.order, tables.pack_event, tables.parcel
OPEN = (OrderStatus.READY, OrderStatus.PACKING, OrderStatus.PACKED)
HELD = (OrderStatus.ON_HOLD, OrderStatus.CONFLICT)
NOT_REFUSED = DELIBERATE
"""A trigger bounce and what a person meant to do are never counted as refused."""


def sites(connection: Connection) -> Rows:
    """Sites by rank: name, time zone."""
    t = tables.site
    return _all(connection, select(t.c.id, t.c.name, t.c.time_zone).order_by(t.c.rank, t.c.id))


def status_counts(connection: Connection) -> dict[str, int]:
    """Orders that are neither shipped nor cancelled, by status."""
    statuses = [s.value for s in (*OPEN, *HELD)]
    query = select(_o.c.status, func.count()).where(_o.c.status.in_(statuses)).group_by(_o.c.status)
    return {status: int(count) for status, count in connection.execute(query)}


def loaded_counts(connection: Connection, midnight: float) -> tuple[int, int]:
    """Parcels on open loads, and parcels on loads closed since midnight."""
    load, on = tables.load, tables.load_parcel
    still_open = load.c.closed_at.is_(None)
    query = select(
        func.coalesce(func.sum(case((still_open, 1), else_=0)), 0),
        func.coalesce(func.sum(case((load.c.closed_at >= midnight, 1), else_=0)), 0),
    )
    query = query.select_from(load.join(on, on.c.load_id == load.c.id))
    row = connection.execute(query.where(still_open | (load.c.closed_at >= midnight))).one()
    return int(row[0]), int(row[1])


def due(connection: Connection, now: float) -> tuple[float | None, int, int, float | None]:
    """The next ship-by from now on, orders that share it, orders whose ship-by has passed, and the first of those."""
    waits = _o.c.status.in_([s.value for s in OPEN])
    late, since = connection.execute(
        select(func.count(), func.min(_o.c.ship_by)).where(waits, _o.c.ship_by < now)
    ).one()
    next_at = connection.execute(select(func.min(_o.c.ship_by)).where(waits, _o.c.ship_by >= now)).scalar_one()
    if next_at is None:
        return None, 0, int(late), since
    count = connection.execute(select(func.count()).where(waits, _o.c.ship_by == next_at)).scalar_one()
    return float(next_at), int(count), int(late), since


def scan_counts(connection: Connection, midnight: float) -> dict[str, int]:
    """Today's scans at packing benches and docks, by the server's verdict."""
    packed = select(_e.c.reason, func.count()).where(_e.c.received_at >= midnight, _e.c.kind == "scan")
    d, load = tables.dock_event, tables.load
    today = (load.c.closed_at.is_(None)) | (load.c.closed_at >= midnight)
    docked = select(d.c.reason, func.count()).select_from(d.join(load, load.c.id == d.c.load_id))
    counts: dict[str, int] = {}
    docked = docked.where(d.c.part == 0)
    for query in (packed.group_by(_e.c.reason), docked.where(today, d.c.received_at >= midnight).group_by(d.c.reason)):
        for reason, count in connection.execute(query):
            counts[reason] = counts.get(reason, 0) + int(count)
    return counts


def people_scanning(connection: Connection, midnight: float) -> int:
    """How many people scanned at packing benches today."""
    query = select(func.count(distinct(_e.c.person_id))).where(_e.c.received_at >= midnight, _e.c.kind == "scan")
    return int(connection.execute(query).scalar_one())


def units_between(connection: Connection, edges: Sequence[tuple[float, float]]) -> list[int]:
    """Units verified in each of these spans, less those taken out again, in one statement."""
    if not edges:
        return []
    good = and_(_e.c.kind == "scan", _e.c.reason.in_([reason.value for reason in COUNTS]))
    begin, end = min(a for a, _ in edges), max(b for _, b in edges)
    sums = [func.coalesce(func.sum(case((_within(a, b), _e.c.units), else_=0)), 0) for a, b in edges]
    row = connection.execute(select(*sums).where(good, _within(begin, end))).one()
    return [int(units) for units in row]


def orders_packed_since(connection: Connection, moments: Sequence[float]) -> list[int]:
    """Parcels whose label was scanned on the box since each moment. Found by way of the scans of that time."""
    begin = min(moments)
    recent = select(_e.c.session_id).where(_e.c.received_at >= begin).distinct()
    sums = [func.coalesce(func.sum(case((_p.c.ready_at >= moment, 1), else_=0)), 0) for moment in moments]
    row = connection.execute(select(*sums).where(_p.c.session_id.in_(recent), _p.c.ready_at >= begin)).one()
    return [int(count) for count in row]


def benches(connection: Connection) -> Rows:
    """Benches that are not revoked, with their newest heartbeat."""
    b, s, at = tables.bench, tables.bench_state, tables.site
    joined = b.outerjoin(s, s.c.bench_id == b.c.id).join(at, at.c.id == b.c.site_id)
    own, state = (b.c.id, b.c.name, b.c.mode, b.c.enrolled_at), (s.c.seen_at, s.c.clock_offset, s.c.beat)
    columns = (*own, at.c.name.label("site"), *state)
    return _all(connection, select(*columns).select_from(joined).where(b.c.revoked.is_(False)).order_by(b.c.id))


def names(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Names of these people."""
    t = tables.person
    return {row.id: row.name for row in connection.execute(select(t.c.id, t.c.name).where(t.c.id.in_(ids)))}


def incident_counts(connection: Connection, now: float) -> tuple[int, int]:
    """Open incidents, and those past their deadline."""
    t = tables.incident
    overdue = func.coalesce(func.sum(case((t.c.deadline < now, 1), else_=0)), 0)
    row = connection.execute(select(func.count(), overdue).where(t.c.state == "open")).one()
    return int(row[0]), int(row[1])


def open_incidents(connection: Connection, limit: int) -> Rows:
    """Open incidents with their order's number, the nearest deadline first."""
    t = tables.incident
    query = select(t, _o.c.number).select_from(t.outerjoin(_o, _o.c.id == t.c.order_id)).where(t.c.state == "open")
    return _all(connection, query.order_by(t.c.deadline, t.c.id).limit(limit))


def next_orders(connection: Connection, limit: int) -> Rows:
    """Orders that wait for a bench, the most urgent first."""
    c = tables.channel
    query = select(_o.c.id, _o.c.number, _o.c.site_id, _o.c.carrier, _o.c.ship_by, c.c.name.label("channel"))
    waiting = query.select_from(_o.join(c, c.c.id == _o.c.channel_id)).where(_o.c.status == OrderStatus.READY.value)
    undated = case((_o.c.ship_by.is_(None), 1), else_=0)
    return _all(connection, waiting.order_by(undated, _o.c.ship_by, _o.c.id).limit(limit))


def lines_of(connection: Connection, order_ids: Sequence[int]) -> Rows:
    """Their lines: what, how many, on which shelf of the order's site."""
    line, product, stock = tables.order_line, tables.product, tables.stock
    joined = line.join(_o, _o.c.id == line.c.order_id).outerjoin(product, product.c.sku == line.c.sku)
    joined = joined.outerjoin(stock, and_(stock.c.sku == line.c.sku, stock.c.site_id == _o.c.site_id))
    columns = (line.c.order_id, line.c.quantity, line.c.title, product.c.name, product.c.variant, stock.c.bin)
    query = select(*columns).select_from(joined).where(line.c.order_id.in_(order_ids))
    return _all(connection, query.order_by(line.c.order_id, line.c.line_no))


def _all(connection: Connection, query: Any) -> Rows:
    return connection.execute(query).all()


def _within(begin: float, end: float) -> ColumnElement[bool]:
    return and_(_e.c.received_at >= begin, _e.c.received_at < end)
