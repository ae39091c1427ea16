"""Orders of one unit, which a bench opens by the item in the packer's hand (PCK-15)."""

from collections.abc import Collection

from sqlalchemy import Connection, case, func, select

from server.db import leases, pack_log, tables, waves
from server.domain.packing.session import Phase
from server.domain.sales.orders import OrderStatus

_o, _l, _s = tables.order, tables.order_line, tables.pack_session


def waiting_for(connection: Connection, skus: Collection[str], site_id: int, bench_id: int, now: float) -> int | None:
    """The id of the order of one unit to open for such an item: the most important, then the nearest ship-by.

    One that this bench opened and put nothing into yet comes first: it lost its answer, or its power. What another
    bench holds for itself comes last. One whose box waits somewhere has its unit, and is opened by its number.
    """
    wanted = (_l.c.order_id == _o.c.id) & (_l.c.quantity > _l.c.cancelled)
    units = select(func.sum(_l.c.quantity - _l.c.cancelled)).where(wanted).scalar_subquery()
    item = select(_l.c.order_id).where(wanted, _l.c.sku.in_(sorted(skus)), _l.c.kit_version.is_(None)).exists()
    begun = (_s.c.order_id == _o.c.id) & (_s.c.bench_id == bench_id) & (_s.c.state == Phase.PACKING.value)
    mine = (_o.c.status == OrderStatus.PACKING.value) & select(_s.c.id).where(begun, _s.c.last_seq == 0).exists()
    ready = (_o.c.status == OrderStatus.READY.value) & ~waves.being_picked() & ~pack_log.box_waits()
    query = select(_o.c.id).where(mine | ready, _o.c.site_id == site_id, item, units == 1)
    elsewhere = leases.elsewhere(connection, bench_id, now)
    urgent = (
        case((mine, 0), (elsewhere, 2), else_=1),
        _o.c.priority,
        _o.c.ship_by.is_(None),
        _o.c.ship_by,
        _o.c.received_at,
        _o.c.id,
    )
    found: int | None = connection.execute(query.order_by(*urgent).limit(1)).scalar()
    return found
