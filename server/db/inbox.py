"""Rows of what must be looked at. The worker that holds a platform's line looks at them, one at a time."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from server.db import tables
from server.db.bulk import encoded, insert_rows
from server.db.transaction import Transaction

_t = tables.inbox


@dataclass(frozen=True, slots=True)
class News:
    """One row. ``body`` is the platform's own JSON, None where the thing must be fetched."""

    inbox_id: int
    channel_id: int
    kind: str
    ref: str
    body: Mapping[str, Any] | None
    version: int
    attempts: int
    said: str = ""
    """Digest of the body that was taken in last."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to look at; ``body`` with the platform's own time of the change in it, where it said it all."""

    kind: str
    ref: str
    body: Mapping[str, Any] | None = None
    body_at: float = 0.0


def put(tx: Transaction, channel_id: int, items: Iterable[Item]) -> None:
    """Add or renew rows; of two bodies the newer stays, and a hint without a body makes the thing be fetched again.

    A body that is older than the last one taken in changes nothing, and neither does the very one. Another one of the
    same time counts: not every platform's time moves with every change.
    """
    unique = {(item.kind, item.ref): item for item in items}
    known = _known(tx.connection, channel_id, unique.values())
    rows = [
        {
            "channel_id": channel_id,
            "kind": item.kind,
            "ref": item.ref[:120],
            "body": dict(item.body) if item.body is not None else None,
            "body_at": item.body_at,
            "version": int(tx.now * 1000),
            "state": "waiting",
            "next_at": tx.now,
            "heard_at": tx.now,
        }
        for place, item in sorted(unique.items(), key=lambda pair: pair[0])
        if place not in known
    ]
    insert_rows(tx.connection, _t, rows, _NEWEST)


_NEWEST = """
ON CONFLICT (channel_id, kind, ref) DO UPDATE SET
  version = CASE WHEN excluded.version > inbox.version THEN excluded.version ELSE inbox.version + 1 END,
  body = CASE WHEN inbox.state = 'waiting' AND inbox.body IS NULL THEN NULL ELSE excluded.body END,
  body_at = CASE WHEN excluded.body_at > inbox.body_at THEN excluded.body_at ELSE inbox.body_at END,
  heard_at = CASE WHEN inbox.state = 'done' THEN excluded.heard_at ELSE inbox.heard_at END,
  next_at = CASE WHEN inbox.state = 'waiting' AND inbox.attempts > 0 THEN inbox.next_at ELSE excluded.next_at END,
  attempts = CASE WHEN inbox.state = 'done' THEN 0 ELSE inbox.attempts END,
  state = 'waiting'
WHERE excluded.body_at = 0 OR excluded.body_at >= inbox.body_at
"""


def _known(connection: Connection, channel_id: int, items: Iterable[Item]) -> set[tuple[str, str]]:
    """(kind, ref) of what says just what was taken in last. A page goes back a while, so that this is most of it."""
    said = {(item.kind, item.ref): digest(item.body) for item in items if item.body}
    if not said:
        return set()
    mine = (_t.c.channel_id == channel_id) & (_t.c.state == "done") & _t.c.ref.in_([ref for _, ref in said])
    rows = connection.execute(select(_t.c.kind, _t.c.ref, _t.c.said).where(mine))
    return {(row.kind, row.ref) for row in rows if row.said and row.said == said.get((row.kind, row.ref))}


def digest(body: Mapping[str, Any] | None) -> str:
    """The same for two bodies that say the same; empty for none."""
    return hashlib.sha256(encoded(body).encode()).hexdigest() if body else ""


def due(connection: Connection, channel_id: int, now: float, limit: int) -> list[News]:
    """Up to ``limit`` things of this channel that may be looked at now, the oldest first."""
    query = select(_t).where(_t.c.channel_id == channel_id, _t.c.state == "waiting", _t.c.next_at <= now)
    rows = connection.execute(query.order_by(_t.c.next_at, _t.c.id).limit(limit)).all()
    return [News(r.id, r.channel_id, r.kind, r.ref, r.body, r.version, r.attempts, r.said) for r in rows]


def done(tx: Transaction, taken: Sequence[tuple[News, str]]) -> None:
    """They were taken in, each with the digest of what it said; their bodies are erased. Newer news wait on."""
    rows = [{"inbox_id": n.inbox_id, "taken": n.version, "digest": said, "now": tx.now} for n, said in taken]
    if rows:
        tx.connection.execute(_DONE, rows)


_SAME = _t.c.version == bindparam("taken", type_=_t.c.version.type)
_DONE = (
    update(_t)
    .where(_t.c.id == bindparam("inbox_id"))
    .values(
        state=case((_SAME, "done"), else_="waiting"),
        body=case((_SAME, None), else_=_t.c.body),
        done_at=bindparam("now"),
        said=bindparam("digest"),
        attempts=0,
        trouble="",
    )
)


def again(tx: Transaction, news: News, next_at: float, trouble: str, *, counts: bool = True) -> None:
    """It could not be looked at; once more at ``next_at``."""
    values = {
        "attempts": _t.c.attempts + (1 if counts else 0),
        "next_at": next_at,
        "trouble": trouble[:500],
    }
    tx.connection.execute(update(_t).where(_t.c.id == news.inbox_id).values(**values))


def park(tx: Transaction, news: News, trouble: str) -> bool:
    """Put it aside for a person; False when newer news came meanwhile."""
    same = (_t.c.id == news.inbox_id) & (_t.c.version == news.version) & (_t.c.state == "waiting")
    values = {"state": "parked", "trouble": trouble[:500], "attempts": _t.c.attempts + 1}
    return tx.connection.execute(update(_t).where(same).values(**values)).rowcount > 0


def parked(connection: Connection, channel_id: int, refs: Sequence[str]) -> set[str]:
    """Those of these orders that wait for a person already."""
    if not refs:
        return set()
    mine = (_t.c.channel_id == channel_id) & (_t.c.kind == "order") & (_t.c.state == "parked")
    return set(connection.execute(select(_t.c.ref).where(mine, _t.c.ref.in_(refs))).scalars())


def unpark(tx: Transaction, channel_id: int) -> int:
    """Look again at everything that was put aside; how many rows."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.state == "parked")
    values = {"state": "waiting", "attempts": 1, "next_at": tx.now}
    return tx.connection.execute(update(_t).where(mine).values(**values)).rowcount


def next_at(connection: Connection, channel_id: int) -> float | None:
    """When the next row of this channel is due; None when none waits."""
    query = select(func.min(_t.c.next_at)).where(_t.c.channel_id == channel_id, _t.c.state == "waiting")
    return connection.execute(query).scalar()


def counts(connection: Connection) -> Sequence[Any]:
    """For each channel and state but "done": how many rows, and since when the oldest was heard of."""
    query = select(_t.c.channel_id, _t.c.state, func.count().label("rows"), func.min(_t.c.heard_at).label("since"))
    return connection.execute(query.where(_t.c.state != "done").group_by(_t.c.channel_id, _t.c.state)).all()
