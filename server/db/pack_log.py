"""Rows of pack sessions and their scan logs. Locks are taken order first, then session, then parcels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.packing.session import Phase

_s, _e = tables.pack_session, tables.pack_event
OVER = (Phase.CLOSED.value, Phase.ENDED.value)


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


def live_session(connection: Connection, order_id: int) -> Row[Any] | None:
    """The session which holds this order now."""
    return next((row for row in sessions(connection, order_id) if row.state not in OVER), None)


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


def stop_session(tx: Transaction, row: Row[Any], reason: str, detail: str) -> None:
    """End a locked session from outside; its bench hears of it with its next request."""
    change_session(
        tx, row.id, state=Phase.ENDED.value, stop=reason, stop_detail=detail, closed_at=row.closed_at or tx.now
    )
    note = {"session": row.id, "reason": reason, "detail": detail}
    tx.note("session.stopped", note, order=row.order_id, bench=row.bench_id)
