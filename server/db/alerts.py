"""Rows of alerts. Workers share them: a claimed row is nobody else's until its lease ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t, _i, _o, _c = tables.alert, tables.incident, tables.order, tables.channel


def unseen(connection: Connection, since: float, limit: int) -> Sequence[Row[Any]]:
    """Open incidents of this time that no alert was made of yet, with the channel of their order."""
    made = select(_t.c.id).where(_t.c.incident_id == _i.c.id).exists()
    query = (
        select(_i, _c.c.code.label("channel"), _o.c.number)
        .outerjoin(_o, _o.c.id == _i.c.order_id)
        .outerjoin(_c, _c.c.id == _o.c.channel_id)
        .where(_i.c.state == "open", _i.c.opened_at >= since, ~made)
    )
    return connection.execute(query.order_by(_i.c.id).limit(limit)).all()


def add(tx: Transaction, incident_id: int, route: str, content: Mapping[str, Any]) -> None:
    """One alert for a route, unless there is one; an empty route notes that nobody wants it."""
    row = {
        "incident_id": incident_id,
        "route": route,
        "content": dict(content),
        "state": "waiting" if route else "none",
        "next_at": tx.now,
        "created_at": tx.now,
    }
    tx.connection.execute(insert_into(tx.connection, _t).values(**row).on_conflict_do_nothing())


def untaken(connection: Connection, route: str, to: str, before: float, limit: int) -> Sequence[Row[Any]]:
    """Alerts of a route from before this time whose incident is open and nobody's, and not told to ``to`` yet."""
    there = _t.alias("there")
    told = select(there.c.id).where(there.c.incident_id == _t.c.incident_id, there.c.route == to).exists()
    nobodys = (_i.c.state == "open") & _i.c.taken_at.is_(None)
    query: Select[Any] = select(_t.c.incident_id, _t.c.content).join(_i, _i.c.id == _t.c.incident_id).where(nobodys)
    late = query.where(_t.c.route == route, _t.c.created_at <= before, ~told)
    return connection.execute(late.order_by(_t.c.id).limit(limit)).all()


def due(connection: Connection, now: float, routes: Iterable[str]) -> list[str]:
    """Which of these routes have an alert that may be sent now."""
    query = select(_t.c.route).where(*_ready(now), _t.c.route.in_(list(routes))).distinct()
    return list(connection.execute(query).scalars())


def _ready(now: float) -> tuple[Any, ...]:
    return _t.c.state == "waiting", _t.c.next_at <= now, _t.c.claimed_until <= now


def claim(tx: Transaction, route: str, limit: int, lease: float) -> Sequence[Row[Any]]:
    """Take up to so many due alerts of a route for ``lease`` seconds, the oldest first."""
    query = select(_t).where(_t.c.route == route, *_ready(tx.now)).order_by(_t.c.next_at, _t.c.id).limit(limit)
    rows = tx.connection.execute(query.with_for_update(skip_locked=True)).all()
    _set(tx, [row.id for row in rows], claimed_until=tx.now + lease)
    return rows


def sent(tx: Transaction, ids: Iterable[int]) -> None:
    """They have arrived."""
    _set(tx, ids, state="sent", sent_at=tx.now, claimed_until=0.0, trouble="")


def later(tx: Transaction, ids: Iterable[int], next_at: float) -> None:
    """They were not tried."""
    _set(tx, ids, next_at=next_at, claimed_until=0.0)


def failed(tx: Transaction, ids: Iterable[int], next_at: float, trouble: str) -> None:
    """They have not; once more at ``next_at``."""
    _set(tx, ids, attempts=_t.c.attempts + 1, next_at=next_at, claimed_until=0.0, trouble=trouble[:500])


def _set(tx: Transaction, ids: Iterable[int], **values: Any) -> None:
    tx.connection.execute(update(_t).where(_t.c.id.in_(list(ids)), _t.c.state == "waiting").values(**values))


def waiting(connection: Connection) -> dict[str, tuple[int, float]]:
    """(how many, since when) of what waits, by route."""
    query = select(_t.c.route, func.count().label("alerts"), func.min(_t.c.created_at).label("since"))
    rows = connection.execute(query.where(_t.c.state == "waiting").group_by(_t.c.route))
    return {row.route: (row.alerts, row.since) for row in rows}
