"""Rows of leases: which bench may open an order by itself while the server is away."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, exists, func, select, update

from server.db import allotments, tables, waves
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.sales.orders import OrderStatus

_l, _o, _p, _s = tables.lease, tables.order, tables.parcel, tables.pack_session
_URGENT = (_o.c.ship_by.is_(None), _o.c.ship_by, _o.c.received_at, _o.c.id)


def of_order(connection: Connection, order_id: int, now: float) -> Row[Any] | None:
    """The lease of an order that holds at this time."""
    return connection.execute(select(_l).where(_l.c.order_id == order_id, _l.c.until >= now)).first()


def of_bench(connection: Connection, bench: Row[Any]) -> Sequence[Row[Any]]:
    """Leases of a bench whose orders it may still open, the most urgent first; ``now_version`` is the order's.

    ``parcel_id`` and ``tracking`` are those of the label allotted to it beforehand, None where there is none (yet).
    """
    columns = (_o.c.version.label("now_version"), _p.c.id.label("parcel_id"), _p.c.tracking)
    query = select(_l, *columns).join(_o, _o.c.id == _l.c.order_id).outerjoin(_p, allotments.of_lease())
    open_here = (_l.c.bench_id == bench.id) & (_o.c.status == OrderStatus.READY.value) & (_o.c.site_id == bench.site_id)
    return connection.execute(query.where(open_here).order_by(*_URGENT)).all()


def free_orders(connection: Connection, bench: Row[Any], most: int, now: float) -> Sequence[int]:
    """Ready orders of the bench's site which nobody holds, the most urgent first.

    One whose box waits half packed somewhere is left out: only the server knows what is in it.
    """
    held = exists().where(_l.c.order_id == _o.c.id, _l.c.until >= now)
    box_waits = exists().where(_s.c.order_id == _o.c.id, _s.c.box_waits)
    ready = (_o.c.status == OrderStatus.READY.value) & (_o.c.site_id == bench.site_id)
    query = select(_o.c.id).where(ready, ~held, ~box_waits, ~waves.being_picked())
    return list(connection.execute(query.order_by(*_URGENT).limit(most)).scalars())


def elsewhere(connection: Connection, bench_id: int, now: float) -> Any:
    """True of an order that another bench holds at which somebody is signed in, or was when it fell silent."""
    t = tables.bench_state
    beats = connection.execute(select(t.c.bench_id, t.c.beat).where(t.c.bench_id != bench_id))
    manned = [row.bench_id for row in beats if row.beat and row.beat.get("person_id") is not None]
    return exists().where(_l.c.order_id == _o.c.id, _l.c.bench_id.in_(manned), _l.c.until >= now)


def put(tx: Transaction, order_id: int, **columns: Any) -> bool:
    """Lease an order to a bench, or give it out anew; False when another bench holds it, and goes on to."""
    row = insert_into(tx.connection, _l).values(order_id=order_id, since=tx.now, **columns)
    ours = _l.c.bench_id == columns["bench_id"]
    since = case((ours, _l.c.since), else_=tx.now)
    given = row.on_conflict_do_update(
        index_elements=["order_id"], set_=columns | {"since": since}, where=ours | (_l.c.until < tx.now)
    )
    return tx.connection.execute(given.returning(_l.c.order_id)).first() is not None


def extend(tx: Transaction, bench_id: int, order_ids: Iterable[int], until: float) -> None:
    """These orders are the bench's until then."""
    of = _l.c.order_id.in_(list(order_ids)) & (_l.c.bench_id == bench_id)
    tx.connection.execute(update(_l).where(of).values(until=until))


def drop_order(tx: Transaction, order_id: int, bench_id: int) -> None:
    """Nobody holds this order any more: ``bench_id`` has it open, and keeps the label it was allotted."""
    tx.connection.execute(delete(_l).where(_l.c.order_id == order_id))
    allotments.void(tx, [order_id], "another bench has the order", but_of=bench_id)


def drop_bench(tx: Transaction, bench_id: int) -> int:
    """This bench holds nothing any more; how many orders that frees."""
    return _drop(tx, _l.c.bench_id == bench_id)


def keep_most_urgent(tx: Transaction, bench: Row[Any], most: int) -> None:
    """Free what the bench holds beyond so many orders."""
    spare = [row.order_id for row in of_bench(tx.connection, bench)[most:]]
    if spare:
        _drop(tx, _l.c.order_id.in_(spare) & (_l.c.bench_id == bench.id))


def held(connection: Connection, now: float) -> dict[int, tuple[int, float]]:
    """How many orders each bench holds, and since when the first of them; without benches that hold none."""
    query = select(_l.c.bench_id, func.count().label("orders"), func.min(_l.c.since).label("since"))
    live = (_l.c.until >= now) & (_o.c.status == OrderStatus.READY.value)
    rows = connection.execute(query.join(_o, _o.c.id == _l.c.order_id).where(live).group_by(_l.c.bench_id))
    return {row.bench_id: (int(row.orders), float(row.since)) for row in rows}


def count(connection: Connection, bench_id: int, now: float) -> int:
    """Orders the bench holds."""
    return held(connection, now).get(bench_id, (0, 0.0))[0]


def drop_old(tx: Transaction) -> None:
    """Forget leases that ran out."""
    _drop(tx, _l.c.until < tx.now)


def _drop(tx: Transaction, which: ColumnElement[bool]) -> int:
    """End these leases, and with them the labels that were allotted for them; how many there were."""
    ended = list(tx.connection.execute(delete(_l).where(which).returning(_l.c.order_id)).scalars())
    allotments.void(tx, ended, "its lease ended")
    return len(ended)
