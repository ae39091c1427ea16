"""A tote that several orders share: what else lies in it, and what is left when its last order is packed."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.db import people as people_rows
from server.db import tables, waves
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing.order import ToteMate
from server.domain.picks.waves import Mix
from server.domain.sales.orders import OrderStatus
from server.reading import read
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.picks.totes import tote_code
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import PACKS, at_bench
from server.wire import ToteRequest

_STILL_THERE = (OrderStatus.READY.value, OrderStatus.PACKING.value)
_o, _l = tables.order, tables.order_line


def mates(connection: Connection, order: Row[Any]) -> tuple[ToteMate, ...]:
    """What other orders still wait for in the tote of this one; kits are not taken apart here."""
    tote = waves.tote_of(connection, order.id)
    if tote is None:
        return ()
    ids = [row.id for row in waves.in_tote(connection, tote.tote, tote.site_id) if row.status in _STILL_THERE]
    open_units = func.sum(_l.c.quantity - _l.c.cancelled).label("units")
    query = select(_o.c.id, _o.c.number, _l.c.sku, open_units).join(_l, _l.c.order_id == _o.c.id)
    query = query.where(_o.c.id.in_(ids), _o.c.id != order.id, _l.c.sku.is_not(None), _l.c.quantity > _l.c.cancelled)
    found = connection.execute(query.group_by(_o.c.id, _o.c.number, _l.c.sku).order_by(_o.c.id, _l.c.sku))
    return tuple(ToteMate(row.number, row.sku, int(row.units)) for row in found)


def done_by(tx: Transaction, order_id: int) -> str:
    """The shared tote whose last order this is, which is packed now and still bound to it; else empty."""
    tote, wave = waves.tote_of(tx.connection, order_id), waves.wave_of(tx.connection, order_id)
    if tote is None or wave is None or wave.mix != Mix.SINGLE:
        return ""
    there = waves.in_tote(tx.connection, tote.tote, tote.site_id)
    return "" if any(row.id != order_id and row.status in _STILL_THERE for row in there) else str(tote.tote)


def tell(db: Database, actor: Actor, bench_id: int, tote: str, request: ToteRequest) -> None:
    """Somebody looked into the tote: it is empty, or ``item`` lies in it still, which opens an incident.

    Raise DomainError("invalid" | "not_signed_in").
    """
    code = tote_code(tote)
    who = at_bench(db, actor, request.person_id, PACKS)
    with transaction(db, who, "tell_tote") as tx:
        site_id = people_rows.bench(tx.connection, bench_id).site_id
        if not request.item.strip():
            gone = [row.id for row in waves.in_tote(tx.connection, code, site_id) if row.status not in _STILL_THERE]
            waves.take_out(tx, gone)
            tx.note("tote.empty", {"tote": code}, bench=bench_id)
            return
        matches = read(request.item, read_catalog(tx.connection), at=0.0).matches
        if not matches:
            what = "expected the barcode of a product that lies in the tote, found another code"
            raise DomainError("invalid", what, says="tote_item")
        cause = f"tote {code}: {matches[0].label} ({matches[0].sku}) was left over when its last order was packed"
        once = f"left:{site_id}:{code}:{matches[0].sku}"
        open_incident(tx, IncidentType.LEFT_IN_TOTE, cause, sku=matches[0].sku, once_key=once)
