"""A load that was closed while a dock on it had no network: what that dock scanned since goes on one that follows it.

What stands in a vehicle must be on a manifest and told, and a closed manifest never changes (HND-02). Whether it left
with the vehicle or stands at the dock only a person can see: they close the load that follows, or take it off again.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import loads
from server.db import people as rows
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.dock.values import DockMode, ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.loading.batch import LATE_SECONDS, Batch
from server.usecases.record.incidents import close_by_key, open_incident


def load_of(tx: Transaction, row: Row[Any], bench_id: int, newest: Row[Any] | None) -> Row[Any]:
    """The locked load of a dock session: this one, or the one that follows it where the dock has not heard of that.

    Raise DomainError("not_found") where the session is of another bench or load.
    """
    if newest is None or (newest.bench_id, newest.load_id) == (bench_id, row.id):
        return row
    later = loads.lock(tx, newest.load_id) if newest.bench_id == bench_id else None
    if later is None or later.follows != row.id:
        raise DomainError("not_found", f"expected scans for load {newest.load_id} of the dock that began them")
    return later


def left_without(batch: Batch, scans: Iterable[tuple[wire.DockEvent, Scan]]) -> bool:
    """Whether the load is closed, and its dock loaded something since of which it could not hear that it is late."""
    if batch.row.closed_at is None:
        return False
    late = (
        batch.holding(event, scan)
        for event, scan in scans
        if event.reason is Reason.OK
        and event.mode is DockMode.LOAD
        and batch.tx.now - event.at > LATE_SECONDS
        and event.person_id in batch.loaders
    )
    return any(p.state is ParcelState.READY for parcels in late for p in parcels)


def next_of(tx: Transaction, row: Row[Any], bench_id: int, began: float) -> Row[Any]:
    """The locked load that follows a closed one; a new one where none is open."""
    there = loads.following(tx.connection, row.id)
    if there is not None:
        locked = loads.lock(tx, there.id)
        if locked is not None and locked.closed_at is None:
            return locked
    same = {name: getattr(row, name) for name in ("site_id", "carrier", "services", "trailer", "driver")}
    made = loads.create(tx, bench_id=bench_id, opened_at=min(began, tx.now), follows=row.id, **same)
    name = rows.bench(tx.connection, bench_id).name
    cause = (
        f"load {row.id} was closed while {name} had no network: what {name} scanned on to it since is on load "
        f"{made.id}. Close {made.id} if that has left; take off it what still stands here"
    )
    open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=_key(made.id))
    tx.note("load.follows", {"of": row.id}, load=made.id, bench=bench_id)
    return made


def settled(tx: Transaction, row: Row[Any]) -> None:
    """A load that followed another is closed."""
    if row.follows:
        close_by_key(tx, _key(row.id), f"load {row.id} was closed")


def _key(load_id: str) -> str:
    return f"follows:{load_id}"
