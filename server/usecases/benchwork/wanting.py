"""Which other orders wait for an item that is wrong at one bench: packed elsewhere just now, or picked into a tote."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from server import wire
from server.db import pack_log, tables
from server.db import people as rows
from server.db.transaction import Database
from server.domain.sales.orders import OrderStatus

NAMED_MAX = 3
_s, _o, _b, _l, _t = tables.pack_session, tables.order, tables.bench, tables.order_line, tables.tote_order


def who_wants(db: Database, bench_id: int, request: wire.WantedRequest) -> wire.WantedAnswer:
    """At most three orders of this bench's site, those being packed at other benches first."""
    with db.read() as connection:
        site_id = rows.bench(connection, bench_id).site_id
        found = [*_packed_now(connection, bench_id, site_id, request.sku), *_in_totes(connection, site_id, request.sku)]
    return wire.WantedAnswer(orders=tuple(found[:NAMED_MAX]))


def _packed_now(connection: Connection, bench_id: int, site_id: int, sku: str) -> list[wire.Wanted]:
    query = (
        select(_o.c.number, _b.c.name, _s.c.folded)
        .join(_o, _o.c.id == _s.c.order_id)
        .join(_b, _b.c.id == _s.c.bench_id)
        .where(_s.c.state.not_in(sorted(pack_log.OVER)), _s.c.bench_id != bench_id, _o.c.site_id == site_id)
        .where(_o.c.status == OrderStatus.PACKING.value)
        .order_by(_s.c.opened_at)
    )
    found = ((row, _open_units(row.folded, sku)) for row in connection.execute(query))
    return [wire.Wanted(number=row.number, units=units, bench=row.name) for row, units in found if units]


def _open_units(folded: Mapping[str, Any] | None, sku: str) -> int:
    """Of a ``domain.packing.Session`` as JSON."""
    if not folded:
        return 0
    lines = zip(folded["order"]["lines"], folded["counts"], strict=True)
    return sum(line["quantity"] - count for line, count in lines if line["sku"] == sku)


def _in_totes(connection: Connection, site_id: int, sku: str) -> list[wire.Wanted]:
    query = (
        select(_o.c.number, _t.c.tote, _l.c.quantity, _l.c.cancelled)
        .join(_o, _o.c.id == _t.c.order_id)
        .join(_l, _l.c.order_id == _o.c.id)
        .where(_t.c.site_id == site_id, _l.c.sku == sku, _o.c.status == OrderStatus.READY.value)
        .where(_l.c.quantity > _l.c.cancelled)
        .order_by(_t.c.at, _o.c.id)
        .limit(NAMED_MAX)
    )
    return [
        wire.Wanted(number=row.number, units=row.quantity - row.cancelled, tote=row.tote)
        for row in connection.execute(query)
    ]
