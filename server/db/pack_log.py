"""Rows of pack sessions and their scan logs. Locks are taken order first, then session, then parcels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.packing.session import Phase
from server.domain.sales.orders import OrderStatus

_s, _e, _o, _b = tables.pack_session, tables.pack_event, tables.order, tables.bench
OVER = (Phase.CLOSED.value, Phase.ENDED.value)
_FOR_SUPERVISOR = (Reason.STOPPED.value, Reason.DUPLICATE_SERIAL.value)


def session(connection: Connection, session_id: str) -> Row[Any] | None:
    """One session."""
    return connection.execute(select(_s).where(_s.c.id == session_id)).first()


def lock_session(tx: Transaction, session_id: str) -> Row[Any]:
    """One session that exists, locked."""
    return tx.connection.execute(select(_s).where(_s.c.id == session_id).with_for_update()).one()


def sessions(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """All sessions of an order, the newest first."""
    query = select(_s).where(_s.c.order_id == order_id).order_by(_s.c.opened_at.desc(), _s.c.id)
    return connection.execute(query).all()


def newest(connection: Connection, order_id: int) -> Row[Any] | None:
    """The session which knows all boxes of an order; None where no bench had it."""
    query = select(_s).where(_s.c.order_id == order_id).order_by(_s.c.opened_at.desc(), _s.c.id)
    return connection.execute(query.limit(1)).first()


def labels_missing(order_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether boxes of this order may still get a label: its newest session is open, or its box waits for a bench."""
    later = _s.alias()
    newer = exists().where(later.c.order_id == _s.c.order_id, later.c.opened_at > _s.c.opened_at)
    return exists().where(_s.c.order_id == order_id, _s.c.box_waits | _s.c.state.not_in(OVER), ~newer)


def live_session(connection: Connection, order_id: int) -> Row[Any] | None:
    """The session which holds this order now."""
    return next((row for row in sessions(connection, order_id) if row.state not in OVER), None)


def stopped_box(connection: Connection, order: Row[Any]) -> Row[Any] | None:
    """Of an order that has left in part: its newest session, where that was stopped until a supervisor has looked."""
    last = newest(connection, order.id)
    if order.status != OrderStatus.SHIPPED or last is None or last.box_waits or last.stop not in _FOR_SUPERVISOR:
        return None
    p = tables.parcel
    left = select(p.c.id).where(p.c.order_id == order.id, p.c.state == ParcelState.LOADED.value)
    return last if connection.execute(left.limit(1)).first() is not None else None


def let_box_go_on(tx: Transaction, order: Row[Any]) -> bool:
    """A supervisor has looked at the ``stopped_box`` of this locked order; False where there is none."""
    last = stopped_box(tx.connection, order)
    if last is not None:
        change_session(tx, last.id, box_waits=True)
        tx.note("session.goes_on", {"session": last.id}, order=order.id)
    return last is not None


def box_waits() -> Any:
    """True of an order whose box waits, with what was verified in it, at a bench of the site which ships the order.

    Its newest session says so, as ``box_waiting.waiting_box`` asks of a single order.
    """
    newer = _s.alias()
    later = (newer.c.opened_at > _s.c.opened_at) | ((newer.c.opened_at == _s.c.opened_at) & (newer.c.id < _s.c.id))
    newest = ~exists().where(newer.c.order_id == _s.c.order_id, later)
    here = (_b.c.id == _s.c.bench_id) & (_b.c.site_id == _o.c.site_id)
    return exists().where(_s.c.order_id == _o.c.id, _s.c.box_waits, here, newest)


def insert_session(tx: Transaction, **columns: Any) -> None:
    """A fresh session."""
    columns = {"last_seq": 0, "state": Phase.PACKING.value} | columns
    tx.connection.execute(insert(_s).values(opened_at=tx.now, **columns))


def change_session(tx: Transaction, session_id: str, **columns: Any) -> None:
    """Write columns; the caller holds the lock."""
    tx.connection.execute(update(_s).where(_s.c.id == session_id).values(**columns))


def events(connection: Connection, session_id: str) -> Sequence[Row[Any]]:
    """The log of a session, in order."""
    return connection.execute(select(_e).where(_e.c.session_id == session_id).order_by(_e.c.seq)).all()


def last_received(connection: Connection, session_id: str) -> float | None:
    """When the newest event of a session came in; None before the first."""
    query = select(func.max(_e.c.received_at)).where(_e.c.session_id == session_id)
    found: float | None = connection.execute(query).scalar()
    return found


def last_person(connection: Connection, session_id: str) -> int:
    """Who caused the newest event of a session; 0 before the first."""
    query = select(_e.c.person_id).where(_e.c.session_id == session_id, _e.c.person_id > 0)
    return int(connection.execute(query.order_by(_e.c.seq.desc()).limit(1)).scalar() or 0)


def append(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the log; rows never change afterwards."""
    if rows:
        tx.connection.execute(insert(_e), [dict(row) for row in rows])


def stop_session(tx: Transaction, row: Row[Any], reason: str, detail: str, **says: str) -> None:
    """End a locked session from outside; its bench hears of it with its next request.

    ``says`` names the sentence of ``detail`` in the wording of the stations, and its facts.
    """
    why = {"stop": reason, "stop_detail": detail, "stop_says": says or None}
    change_session(tx, row.id, state=Phase.ENDED.value, closed_at=row.closed_at or tx.now, **why)
    note = {"session": row.id, "reason": reason, "detail": detail}
    tx.note("session.stopped", note, order=row.order_id, bench=row.bench_id)
