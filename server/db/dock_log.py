"""The scans at the dock as they came, and where they last saw a parcel."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from server.db import tables
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason

_e = tables.dock_event


def last_event(connection: Connection, dock_session: str) -> Row[Any] | None:
    """The newest scan of a dock session."""
    query = select(_e).where(_e.c.dock_session == dock_session).order_by(_e.c.seq.desc(), _e.c.part).limit(1)
    return connection.execute(query).first()


def append(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the dock's log."""
    if rows:
        tx.connection.execute(insert(_e), [dict(row) for row in rows])


def seen_at(connection: Connection, load_ids: Iterable[str]) -> Mapping[str, Row[Any]]:
    """The newest scan at these loads of each parcel that did not stay on: it was at the dock then."""
    chosen = _e.c.load_id.in_(sorted(load_ids)) & _e.c.parcel_id.is_not(None) & (_e.c.reason != Reason.OK.value)
    columns = (_e.c.parcel_id, _e.c.bench_id, _e.c.person_id, _e.c.received_at.label("at"))
    query: Select[Any] = select(*columns).where(chosen).order_by(_e.c.received_at, _e.c.seq)
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    return {row.parcel_id: row for row in rows}


def taken_out_since(connection: Connection, load_id: str, parcel_id: str, at: float) -> bool:
    """Whether somebody at this load scanned the parcel after this time to take it off, or as remaining."""
    same = (_e.c.load_id == load_id) & (_e.c.parcel_id == parcel_id) & (_e.c.at > at) & _e.c.reason.in_(_OUT)
    return connection.execute(select(_e.c.seq).where(same).limit(1)).first() is not None


def taken_by_bench(connection: Connection, load_id: str) -> frozenset[str]:
    """Parcels whose newest scan at this load the dock itself took, whatever was known here: they are on the vehicle."""
    query = select(_e.c.parcel_id, _e.c.bench_reason).where(_e.c.load_id == load_id, _e.c.parcel_id.is_not(None))
    newest = {row.parcel_id: row.bench_reason for row in connection.execute(query.order_by(_e.c.received_at, _e.c.seq))}
    return frozenset(parcel for parcel, reason in newest.items() if reason in _ON)


def loaded_after(connection: Connection, load_id: str, at: float, but_of: int) -> frozenset[str]:
    """Parcels whose newest scan on to this load happened after ``at``, by the clock of the dock that scanned.

    Not those of the bench ``but_of``, whose clock said ``at``: what it scanned before it closed is so by its order.
    """
    on = (_e.c.load_id == load_id) & _e.c.parcel_id.is_not(None) & (_e.c.reason == Reason.OK.value)
    query = select(_e.c.parcel_id, _e.c.bench_id, _e.c.at).where(on).order_by(_e.c.received_at, _e.c.seq)
    newest = {row.parcel_id: row for row in connection.execute(query)}
    return frozenset(parcel for parcel, row in newest.items() if row.at > at and row.bench_id != but_of)


_OUT = (Reason.UNLOADED.value, Reason.NOT_LOADED.value, Reason.REMAINS.value)
_ON = (Reason.OK.value, Reason.ALREADY_LOADED.value)
