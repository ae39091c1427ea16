"""An order is delivered when each of its parcels is, over all parts of it (TRK-07). No channel is told of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import tables, tracking
from server.db.dialect import insert_into
from server.db.pack_log import labels_missing
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.sales.orders import OrderStatus

MOST = 200
_t = tables.order_arrival
_DONE = (OrderStatus.SHIPPED.value, OrderStatus.CANCELLED.value)
_WATCH = Actor("tracking")


def arrived_meanwhile(db: Database) -> None:
    """Orders whose last open parcel was cancelled are delivered too: no event of a carrier's says so."""
    with db.read() as connection:
        due = _whole_by_now(connection)
    if due:
        with transaction(db, _WATCH, "orders_arrived") as tx:
            for row in due:
                tracking.lock_parts(tx, [(row.channel_id, row.channel_order_id)])
                note_arrival(tx, row.channel_id, row.channel_order_id)


def _whole_by_now(connection: Connection) -> Sequence[Row[Any]]:
    p, o, t = tables.parcel, tables.order, tables.parcel_track
    same = (o.c.channel_id == _t.c.channel_id) & (o.c.channel_order_id == _t.c.channel_order_id)
    live = (p.c.order_id == o.c.id) & (p.c.purchase == "bought") & (p.c.state != ParcelState.CANCELLED.value)
    gone = select(t.c.parcel_id).where(t.c.parcel_id == p.c.id, t.c.delivered_at.is_not(None)).exists()
    waits = select(p.c.id).where(live, ~gone).exists()
    unlabelled = (o.c.status == OrderStatus.SHIPPED.value) & labels_missing(o.c.id)
    open_parts = select(o.c.id).where(same, o.c.status.not_in(_DONE) | waits | unlabelled).exists()
    query = select(_t).where(_t.c.delivered_at.is_(None), _t.c.delivered > 0, ~open_parts)
    return connection.execute(query.order_by(_t.c.channel_id, _t.c.channel_order_id).limit(MOST)).all()


def note_arrival(tx: Transaction, channel_id: int, channel_order_id: str) -> None:
    """Count the parcels of an order anew; the caller holds the locks of all its parts."""
    rows = tracking.parts_of(tx.connection, channel_id, channel_order_id)
    live = [r for r in rows if r.id is not None and r.state != ParcelState.CANCELLED and r.purchase == "bought"]
    arrived = [row for row in live if row.arrived]
    shipped = OrderStatus.SHIPPED
    open_parts = {r.order_id for r in rows if r.status not in _DONE or (r.status == shipped and r.labels_missing)}
    whole = bool(live) and len(arrived) == len(live) and not open_parts
    before = tx.connection.execute(
        _t.select().where(_t.c.channel_id == channel_id, _t.c.channel_order_id == channel_order_id)
    ).first()
    since = before.delivered_at if before is not None and before.delivered_at is not None else tx.now
    values = {"parcels": len(live), "delivered": len(arrived), "delivered_at": since if whole else None}
    made = insert_into(tx.connection, _t).values(channel_id=channel_id, channel_order_id=channel_order_id, **values)
    keys = ["channel_id", "channel_order_id"]
    tx.connection.execute(made.on_conflict_do_update(index_elements=keys, set_=values))
    was = before is not None and before.delivered_at is not None
    if whole != was:
        for order_id in sorted({row.order_id for row in rows}):
            tx.note("order.delivered" if whole else "order.not_delivered", {"parcels": len(live)}, order=order_id)
