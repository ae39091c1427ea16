"""Rows of the outbox and its deliveries. Workers share it: a claimed row is nobody else's until its lease ends."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, select, update

from server.db import tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.wire import instant

_t, _d, _c = tables.outbox, tables.delivery, tables.channel
ZERO_FIRST, SOON, USUAL = 0, 1, 2
"""``rank``: "nothing left", then nearly nothing and everything about orders, then all other numbers."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed row: what to tell which channel."""

    outbox_id: int
    channel_id: int
    channel: str
    channel_kind: str
    settings: Mapping[str, Any]
    kind: str
    key: str
    version: int
    payload: Mapping[str, Any]
    attempts: int
    caused_by: int | None
    lease_end: float
    tried: bool
    """An earlier try may have reached the channel."""
    told: int | None = None
    """Of a number: the one that the channel took last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel for which rows may be claimed: up to ``calls`` groups of ``bulk[kind]`` rows, for ``lease`` seconds."""

    channel: Row[Any]
    bulk: Mapping[str, int]
    calls: int
    lease: float


def put_newest(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace what waits under (channel, kind, key) and raise its version; ``rows`` come in one fixed order.

    A version is the time in milliseconds, or one more than the last: it rises even after a backup was restored.
    A number that says "nothing left" leaves at once, and any after one failure: the sale behind it may have come in
    just now. Any other waits for the end of a running backoff.
    """
    insert_rows(tx.connection, _t, [_fresh(tx, row) for row in rows], _NEWEST)


_NEWEST = """
ON CONFLICT (channel_id, kind, key) DO UPDATE SET
  version = CASE WHEN excluded.version > outbox.version THEN excluded.version ELSE outbox.version + 1 END,
  payload = excluded.payload, caused_by = excluded.caused_by, rank = excluded.rank,
  created_at = CASE WHEN outbox.state = 'sent' THEN excluded.created_at ELSE outbox.created_at END,
  next_at = CASE WHEN outbox.attempts > 1 AND outbox.next_at > excluded.next_at AND excluded.rank <> 0
    THEN outbox.next_at ELSE excluded.next_at END,
  state = 'waiting'
"""


def put_once(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Add a row unless there is one under its (channel, kind, key)."""
    put_all_once(tx, [row])


def put_all_once(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """As ``put_once`` for rows with the same columns."""
    insert_rows(tx.connection, _t, [_fresh(tx, row) for row in rows], "ON CONFLICT DO NOTHING")


def _fresh(tx: Transaction, row: Mapping[str, Any]) -> dict[str, Any]:
    same = {
        "version": int(tx.now * 1000),
        "state": "waiting",
        "attempts": 0,
        "next_at": tx.now,
        "created_at": tx.now,
        "rank": 1,
    }
    return same | dict(row)


def due(connection: Connection, now: float) -> list[Row[Any]]:
    """The active channels for which a row may be sent now."""
    return list(connection.execute(_DUE, {"now": now}).all())


_DUE = select(_c).where(
    _c.c.active,
    _c.c.id.in_(
        select(_t.c.channel_id).where(
            _t.c.state == "waiting", _t.c.next_at <= bindparam("now"), _t.c.claimed_until <= bindparam("now")
        )
    ),
)


def claim_all(tx: Transaction, wanted: Sequence[Wanted]) -> list[list[Job]]:
    """Take due rows of these channels: "nothing left" first, then the oldest. A group is for one call.

    All rows of a channel are of the kind that is most pressing there.
    """
    rows, until = _most_pressing(tx, wanted), list[dict[str, Any]]()
    found: list[list[Job]] = []
    for each in wanted:
        mine = rows.get(each.channel.id, ())
        if not mine:
            continue
        size = each.bulk.get(mine[0].kind, 1)
        alike = [row for row in mine if row.kind == mine[0].kind][: size * each.calls]
        claimed = [_job(row, each.channel, tx.now + each.lease) for row in alike]
        found += [claimed[at : at + size] for at in range(0, len(claimed), size)]
        until += [{"row_id": row.id, "until": tx.now + each.lease} for row in alike]
    if until:
        tx.connection.execute(_CLAIM, until)
    return found


def _most_pressing(tx: Transaction, wanted: Sequence[Wanted]) -> dict[int, list[Row[Any]]]:
    """Due rows by channel, locked, the most pressing first: one question for all, unless there is very much to do."""
    by_channel: dict[int, list[Row[Any]]] = {}
    ids = [each.channel.id for each in wanted]
    together = _due_rows(tx, _t.c.channel_id.in_(ids), _TOGETHER) if ids else ()
    if len(together) == _TOGETHER:
        for each in wanted:
            mine = _t.c.channel_id == each.channel.id
            first = tx.connection.execute(_due_now(tx, select(_t.c.kind)).where(mine).limit(1)).scalar()
            if first is not None:
                most = each.bulk.get(first, 1) * each.calls
                by_channel[each.channel.id] = list(_due_rows(tx, mine & (_t.c.kind == first), most))
        return by_channel
    for row in together:
        by_channel.setdefault(row.channel_id, []).append(row)
    return by_channel


def _due_rows(tx: Transaction, which: ColumnElement[bool], most: int) -> Sequence[Row[Any]]:
    query = _due_now(tx, select(_t)).where(which).limit(most)
    return tx.connection.execute(query.with_for_update(skip_locked=True)).all()


def _due_now(tx: Transaction, query: Select[Any]) -> Select[Any]:
    due_now = (_t.c.state == "waiting") & (_t.c.next_at <= tx.now) & (_t.c.claimed_until <= tx.now)
    return query.where(due_now).order_by(_t.c.rank, _t.c.next_at, _t.c.id)


_TOGETHER = 500
_CLAIM = update(_t).where(_t.c.id == bindparam("row_id")).values(claimed_until=bindparam("until"))


def _job(row: Row[Any], channel: Row[Any], lease_end: float) -> Job:
    return Job(
        outbox_id=row.id,
        channel_id=channel.id,
        channel=channel.code,
        channel_kind=channel.kind,
        settings=channel.settings,
        kind=row.kind,
        key=row.key,
        version=row.version,
        payload=row.payload,
        attempts=row.attempts,
        caused_by=row.caused_by,
        lease_end=lease_end,
        tried=row.attempts > 0 or row.claimed_until > 0,
        told=row.told,
    )


def settle_sent(tx: Transaction, sent: Sequence[Job]) -> None:
    """The channel has these versions. A newer one that came meanwhile stays waiting and is due now.

    What is to be told again (``tell_again``) still counts as tried: its answer is not this one.
    """
    if sent:
        tx.connection.execute(_SENT, [_taken(job) | {"now": tx.now} for job in sent])


def _taken(job: Job) -> dict[str, Any]:
    units = int(job.payload["data"]["available"]) if job.kind == "stock" else None
    return {"job_id": job.outbox_id, "job_version": job.version, "job_lease_end": job.lease_end, "units": units}


_VERSION, _NOW = bindparam("job_version", type_=_t.c.version.type), bindparam("now", type_=_t.c.next_at.type)
_SENT = (
    update(_t)
    .where(_t.c.id == bindparam("job_id"), _t.c.sent_version < _VERSION)
    .values(
        state=case((_t.c.version == _VERSION, "sent"), else_="waiting"),
        sent_version=_VERSION,
        sent_at=_NOW,
        told=bindparam("units", type_=_t.c.told.type),
        attempts=case((_t.c.version == _VERSION, 0), (_t.c.attempts > 0, 1), else_=0),
        next_at=case((_t.c.version == _VERSION, _NOW), else_=_t.c.next_at),
        claimed_until=case(
            (_t.c.claimed_until == bindparam("job_lease_end", type_=_t.c.claimed_until.type), 0.0),
            else_=_t.c.claimed_until,
        ),
    )
)


def settle_failed(tx: Transaction, job: Job, next_at: float) -> None:
    """It was not taken; try again at ``next_at``. Changes nothing once this version was taken after all."""
    query = (
        update(_t)
        .where(_t.c.id == job.outbox_id, _t.c.sent_version < job.version)
        .values(attempts=_t.c.attempts + 1, next_at=next_at, claimed_until=_released(job))
    )
    tx.connection.execute(query)


def free_claims(tx: Transaction, channel_id: int) -> None:
    """The worker that had claimed rows of this channel is gone: they are anybody's, and count as tried."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.state == "waiting") & (_t.c.claimed_until > tx.now)
    tx.connection.execute(update(_t).where(mine).values(claimed_until=tx.now))


def settle_later(tx: Transaction, job: Job, next_at: float) -> None:
    """It is not its turn before ``next_at``. A part of it may have been done; a number is told whole or not at all."""
    mine = (_t.c.id == job.outbox_id) & (_t.c.sent_version < job.version)
    free = 0.0 if job.kind == "stock" and not job.tried else tx.now
    released = case((_t.c.claimed_until == job.lease_end, free), else_=_t.c.claimed_until)
    tx.connection.execute(update(_t).where(mine).values(next_at=next_at, claimed_until=released))


def park(tx: Transaction, job: Job) -> bool:
    """Put it aside for a person; False when a newer version came meanwhile, which is tried."""
    same = (_t.c.id == job.outbox_id) & (_t.c.version == job.version) & (_t.c.sent_version < job.version)
    return tx.connection.execute(update(_t).where(same).values(state="parked")).rowcount > 0


def unpark(tx: Transaction, channel_id: int) -> int:
    """Try everything again that was put aside, now; how many rows."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.state == "parked")
    changed = update(_t).where(mine).values(state="waiting", attempts=1, next_at=tx.now, claimed_until=0.0)
    return tx.connection.execute(changed).rowcount


def tell_again(tx: Transaction, channel_id: int, skus: Iterable[str], cause: int | None) -> dict[str, int]:
    """Tell these numbers once more although the channel took them: the version of each from now on.

    It counts as tried, so that adapters look first at what is there and do not believe in the number before. A SKU
    that was never told is not among the answers.
    """
    mine = (_t.c.channel_id == channel_id) & (_t.c.kind == "stock") & _t.c.key.in_(sorted(set(skus)))
    rows = tx.connection.execute(select(_t).where(mine).order_by(_t.c.key).with_for_update()).all()
    versions = {row.key: max(int(tx.now * 1000), row.version + 1) for row in rows}
    for row in rows:
        payload = dict(row.payload) | {"id": f"msg_{uuid.uuid4().hex}", "timestamp": instant(tx.now)}
        again = {"version": versions[row.key], "payload": payload, "caused_by": cause, "state": "waiting"}
        again |= {"attempts": 1, "next_at": tx.now}
        since = tx.now if row.state == "sent" else row.created_at
        tx.connection.execute(update(_t).where(_t.c.id == row.id).values(**again, created_at=since))
    return versions


def _released(job: Job) -> Any:
    """A worker that outlived its lease must not end the lease of the next one."""
    return case((_t.c.claimed_until == job.lease_end, 0.0), else_=_t.c.claimed_until)


def hurry(tx: Transaction, channel_id: int) -> None:
    """The channel answers again: everything that waits for it is due now. Rows in use elsewhere are left alone."""
    waiting = select(_t.c.id).where(_t.c.channel_id == channel_id, _t.c.state == "waiting", _t.c.next_at > tx.now)
    ids = tx.connection.execute(waiting.with_for_update(skip_locked=True)).scalars().all()
    tx.connection.execute(update(_t).where(_t.c.id.in_(ids)).values(next_at=tx.now))


def count_failure(tx: Transaction, channel_id: int) -> int:
    """Failures of this channel in a row, this one included."""
    query = update(_c).where(_c.c.id == channel_id).values(failures=_c.c.failures + 1).returning(_c.c.failures)
    return int(tx.connection.execute(query).scalar_one())


def count_success(tx: Transaction, channel_ids: Collection[int]) -> list[int]:
    """Forget the failures of these channels; those of them that had any."""
    failing = select(_c.c.id).where(_c.c.id.in_(channel_ids), _c.c.failures > 0).order_by(_c.c.id).with_for_update()
    found = list(tx.connection.execute(failing).scalars())
    if found:
        tx.connection.execute(update(_c).where(_c.c.id.in_(found)).values(failures=0))
    return found


def silent(connection: Connection, failures: int) -> tuple[str, ...]:
    """Names of the active channels that took nothing so many times in a row."""
    query = select(_c.c.name).where(_c.c.active, _c.c.failures >= failures).order_by(_c.c.name)
    return tuple(connection.execute(query).scalars())


def last_told(connection: Connection, jobs: Sequence[Job]) -> dict[str, str]:
    """What the channel last took under each of these keys of one kind; missing when nothing yet."""
    if not jobs or jobs[0].kind == "stock":
        return {job.key: str(job.told) for job in jobs if job.told is not None}
    mine = (_d.c.kind == jobs[0].kind) & (_d.c.channel_id == jobs[0].channel_id) & _d.c.ok
    newest = select(func.max(_d.c.id)).where(mine, _d.c.key.in_([job.key for job in jobs])).group_by(_d.c.key)
    rows = connection.execute(select(_d.c.key, _d.c.after).where(_d.c.id.in_(newest)))
    return {row.key: row.after for row in rows}


def append_deliveries(tx: Transaction, tries: Sequence[tuple[Job, Mapping[str, Any]]]) -> None:
    """One row for each attempt: source, time (now unless the mapping says when), destination, before, after, answer
    (SYN-05)."""
    rows = [
        {
            "outbox_id": job.outbox_id,
            "at": tx.now,
            "channel_id": job.channel_id,
            "kind": job.kind,
            "key": job.key,
            "version": job.version,
            "caused_by": job.caused_by,
            **columns,
        }
        for job, columns in tries
    ]
    insert_rows(tx.connection, _d, rows)


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """For each channel and kind: how many rows wait and since when the oldest does."""
    query = (
        select(
            _c.c.code.label("channel"), _t.c.kind, func.count().label("rows"), func.min(_t.c.created_at).label("since")
        )
        .join(_c, _c.c.id == _t.c.channel_id)
        .where(_t.c.state == "waiting")
        .group_by(_c.c.code, _t.c.kind)
    )
    return connection.execute(query).all()


def told(connection: Connection, kind: str, keys: Iterable[str]) -> dict[str, bool]:
    """Whether each of these keys has reached every channel that must hear of it."""
    query = select(_t.c.key, func.min(case((_t.c.state == "sent", 1), else_=0))).where(_t.c.kind == kind)
    rows = connection.execute(query.where(_t.c.key.in_(sorted(set(keys)))).group_by(_t.c.key))
    return {key: bool(sent) for key, sent in rows}
