"""The inbox of tracking becomes the state of parcels: the worker's share. Doing it twice is the same as once."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from server.db import parcels, tracking
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.incidents import IncidentType
from server.domain.tracking.alarms import ASKED_DAYS, DAY
from server.domain.tracking.journey import Journey, fold
from server.usecases.outward import telling_when
from server.usecases.record.incidents import open_incident
from server.usecases.tracking.arrivals import note_arrival
from server.usecases.tracking.inbox import may_speak
from server.usecases.tracking.watching import Watch, settled_alarms

BATCH = 200
"""Events of one run."""
SOON, LATER, WAITS = 30.0, 3_600.0, 7 * 86_400.0
"""Seconds: a number that no parcel has yet is looked for again soon, later each hour, and no more after a week."""
BROKEN = 600.0
"""Seconds until a parcel that could not be settled is tried again; all others go on."""
_WORKER = Actor("tracking")
log = structlog.get_logger("tracking")


def settle(db: Database) -> bool:
    """Take some events into their parcels' journeys; True when there may be more right now."""
    with db.read() as connection:
        waiting = tracking.due(connection, db.now(), BATCH)
        if not waiting:
            return False
        parcel_of = _parcels(connection, waiting)
    by_parcel: dict[str, list[int]] = {}
    strangers, not_theirs = [], []
    for row in waiting:
        parcel = parcel_of.get(row.id)
        if parcel is None:
            strangers.append(row)
        elif not may_speak(row.source, parcel.channel, parcel.carrier):
            not_theirs.append((row, parcel))
        else:
            by_parcel.setdefault(parcel.id, []).append(row.id)
    if strangers:
        _postpone(db, strangers)
    if not_theirs:
        _refuse(db, not_theirs)
    if by_parcel:
        _settle_each(db, by_parcel)
    return len(waiting) == BATCH


def _parcels(connection: Connection, waiting: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
    """The parcel that each of these events is about, with its channel, by the event's id; none for a stranger."""
    known = tracking.parcels_with(connection, {row.tracking for row in waiting if row.parcel_id is None})
    named = {row.id: row.parcel_id or known.get(row.tracking) for row in waiting}
    found = {row.id: row for row in tracking.parcels_of(connection, filter(None, named.values()))}
    return {event: found[parcel] for event, parcel in named.items() if parcel in found}


def _settle_each(db: Database, by_parcel: dict[str, list[int]]) -> None:
    try:
        again(lambda: _settle(db, by_parcel))
    except Exception:
        # One odd parcel must not keep all others from being watched.
        for parcel_id, ids in by_parcel.items():
            try:
                again(lambda parcel_id=parcel_id, ids=ids: _settle(db, {parcel_id: ids}))  # type: ignore[misc]
            except Exception:
                log.exception("a parcel could not be settled", parcel=parcel_id)
                with transaction(db, _WORKER, "postpone_tracking") as tx:
                    tracking.postpone(tx, ids, tx.now + BROKEN)


def _settle(db: Database, by_parcel: dict[str, list[int]]) -> None:
    with transaction(db, _WORKER, "settle_tracking") as tx:
        tracking.lock_orders_of(tx, by_parcel)
        parcels.lock(tx, by_parcel)
        watch = Watch.of(tx)
        orders = set()
        for row in tracking.parcels_of(tx.connection, by_parcel):
            tracking.settled(tx, row.id, by_parcel[row.id])
            if _follow(tx, row, watch):
                orders.add((int(row.channel_id), str(row.channel_order_id)))
        for channel_id, channel_order_id in sorted(orders):
            note_arrival(tx, channel_id, channel_order_id)


def _follow(tx: Transaction, row: Row[Any], watch: Watch) -> bool:
    """Bring one parcel's state up to its events; whether it is delivered now, or is no more."""
    before = tracking.begin(tx, row.id)
    journey = fold(map(tracking.as_event, tracking.events_of(tx.connection, row.id)))
    _write(tx, row, before, journey)
    if journey.first_scan is not None and before.first_scan_at is None:
        telling_when.first_scan(tx, row)
        _stray(tx, row)
    settled_alarms(tx, row, watch)
    return (before.delivered_at is None) != (journey.delivered is None)


def _write(tx: Transaction, row: Row[Any], before: Row[Any], journey: Journey) -> None:
    status = journey.status.value if journey.status else ""
    tracking.write(
        tx,
        row.id,
        status=status,
        since=journey.since,
        eta=journey.eta,
        first_scan_at=journey.first_scan,
        last_at=journey.last,
        delivered_at=journey.delivered,
        attempts=journey.attempts,
        over=journey.over,
        poll_at=_poll_at(tx.now, before, journey),
    )
    if status != before.status:
        tx.note("parcel.tracked", {"before": before.status, "after": status}, parcel=row.id, order=row.order_id)


def _poll_at(now: float, before: Row[Any], journey: Journey) -> float | None:
    """When its carrier is asked: no more once it is over, and again as soon as a parcel given up is heard of."""
    if journey.over:
        return None
    asked: float | None = before.poll_at
    if asked is not None or before.handed_at is None:
        return asked
    silent = (journey.last or 0.0) - max(before.handed_at, before.last_at or 0.0)
    return now if silent >= ASKED_DAYS * DAY else None


def _stray(tx: Transaction, row: Row[Any]) -> None:
    """A carrier has what must not have left."""
    if row.state == ParcelState.CANCELLED:
        cause = f"parcel {row.tracking} of order {row.order_number} was cancelled, and its carrier has scanned it"
        kind, once = IncidentType.CANCELLED_AFTER_PACKING, f"stray:{row.id}"
        open_incident(tx, kind, cause, order_id=row.order_id, parcel_id=row.id, once_key=once)


def _postpone(db: Database, strangers: Sequence[Row[Any]]) -> None:
    with transaction(db, _WORKER, "postpone_tracking") as tx:
        for row in strangers:
            age = tx.now - row.received_at
            wait = SOON if age < LATER else LATER
            tracking.postpone(tx, [row.id], tx.now + wait if age < WAITS else None)


def _refuse(db: Database, said: Sequence[tuple[Row[Any], Row[Any]]]) -> None:
    """What a channel or a carrier told of another's parcel is never that parcel's: its number may be a guess."""
    with transaction(db, _WORKER, "refuse_tracking") as tx:
        tracking.postpone(tx, [event.id for event, _ in said], None)
        for event, parcel in said:
            tx.note("tracking.not_theirs", {"source": event.source, "said": event.status}, parcel=parcel.id)
