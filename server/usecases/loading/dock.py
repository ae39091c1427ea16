"""The scans of a dock: every one is judged again here, and what both took is done."""

from collections.abc import Iterable
from dataclasses import replace

from server import wire
from server.db import dock_log, loads
from server.db.again import again
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.dock.said import LATCHED
from server.domain.errors import DomainError
from server.usecases.benchwork.judging import read_event, safe_raw
from server.usecases.loading import following
from server.usecases.loading.batch import batch_of
from server.usecases.loading.picture import checked, load_picture
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.staff.people import LOADS, may, named


def take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    """Judge the scans of a dock and do what they say; what is already held is skipped.

    Raise DomainError("gap", expected=, found=) with nothing kept, or "not_found".
    """
    who = named(db, actor, request.events[-1].person_id) if request.events else actor
    return again(lambda: _take_events(db, who, bench_id, load_id, request))


def _take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    with transaction(db, actor, "dock_events") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        newest = dock_log.last_event(tx.connection, request.dock_session)
        row = following.load_of(tx, row, bench_id, newest)
        fresh = _fresh(request.events, newest.seq if newest else 0)
        catalog = read_catalog(tx.connection)
        scans = [(event, read_event(event, catalog)) for event in fresh]
        loaders = frozenset(p for p in {e.person_id for e in fresh} if may(tx.connection, p, LOADS))
        batch = batch_of(tx, row, bench_id, scans, loaders)
        if following.left_without(batch, scans):
            row = following.next_of(tx, row, bench_id, fresh[0].at)
            batch = batch_of(tx, row, bench_id, scans, loaders)
        if newest is not None and newest.bench_reason in LATCHED:
            batch.load = replace(batch.load, stop=Reason.STOPPED)
        verdicts = [batch.take(event, scan) for event, scan in scans]
        same = {"dock_session": request.dock_session, "load_id": row.id, "bench_id": bench_id, "received_at": tx.now}
        dock_log.append(tx, [same | each for each in batch.rows])
        if row.closed_at is None and any(v.put_on or v.taken_off for v in verdicts):
            row = loads.change(tx, row.id, closing_at=None, opened_at=row.opened_at or tx.now)
        through = fresh[-1].seq if fresh else newest.seq if newest else 0
        last = batch.last or (Reason(newest.reason) if newest else None)
        # A picture of thousands of parcels would be most of the work, and a station asks for it every second anyway.
        load = load_picture(tx.connection, row, tx.now) if request.picture else replace(batch.load, parcels=())
        return wire.DockEventsAnswer(accepted_through=through, load=load, reason=last, as_of=tx.now)


def _fresh(events: Iterable[wire.DockEvent], held: int) -> list[wire.DockEvent]:
    fresh = [
        replace(event, raw=safe_raw(event.raw), parcels=tuple(map(safe_raw, event.parcels)))
        for event in events
        if event.seq > held
    ]
    for expected, event in enumerate(fresh, start=held + 1):
        if event.seq != expected:
            what = f"expected scan {expected} of this dock session, found {event.seq}"
            raise DomainError("gap", what, expected=expected, found=event.seq)
    return fresh
