"""Asking carriers of parcels on their way: those that may still move, spread over time, a few in one call (TRK-01)."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, func, select, update

from server.calls.troubles import Throttled, Trouble
from server.db import parcels, tables, tracking
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.tracking.status import Status
from server.trade.shipping import Shipment
from server.usecases.shipping.accounts import Counter, counter_of
from server.usecases.tracking.finding import parcel_id_of
from server.usecases.tracking.inbox import Voice, put

AT_ONCE = 50
"""Parcels of one carrier in one run."""
CLAIM = 300.0
"""Seconds for which parcels are one worker's; longer than any call can take."""
OFTEN, USUAL, RARELY = 900.0, 2 * 3_600.0, 12 * 3_600.0
"""Seconds between two questions about a parcel: on the way to the door, on its way, and where its carrier tells us by
itself and a message may have been lost."""
AFTER_TROUBLE = 900.0
"""Seconds, after a carrier that is away as after settings of ours that cannot work."""
_SOON = frozenset({Status.OUT_FOR_DELIVERY.value, Status.ATTEMPTED.value})
_p, _t, _l = tables.parcel, tables.parcel_track, tables.parcel_label
_POLL = Actor("tracking")
log = structlog.get_logger("tracking")


def poll(db: Database) -> bool:
    """Ask each carrier of some parcels that are due; True when there may be more right now."""
    with db.read() as connection:
        codes = _carriers(connection, db.now())
    more = [_poll_one(db, code) for code in codes]
    return any(more)


def _poll_one(db: Database, code: str) -> bool:
    # Whatever is wrong with one carrier, the others are asked; and settings that are wrong now may be right soon.
    try:
        counter = counter_of(db, code)
        if counter.can.track:
            return _ask(db, code, counter)
        wait = None
    except Exception as error:
        wait = _wait(code, error)
    _put_off(db, code, wait)
    return False


def _ask(db: Database, code: str, counter: Counter) -> bool:
    claimed = _claim(db, code)
    if not claimed:
        return False
    try:
        shipments = [Shipment(r.id, r.tracking, r.shipment_id or "", r.service) for r in claimed]
        put(db, _POLL, Voice(code, counter.words, "poll"), counter.carrier.track(shipments))
    except Exception as error:
        # Only these wait: the odd one among them must not keep all others back.
        _again(db, [r.id for r in claimed], _wait(code, error))
        return False
    _next(db, claimed, counter)
    return len(claimed) == AT_ONCE


def _wait(code: str, error: Exception) -> float:
    """Seconds until a carrier is asked again of what it could not be asked of now; the log is told why."""
    expected = isinstance(error, (Trouble, DomainError))
    log.warning("not tracked", carrier=code, trouble=str(error)[:200], exc_info=None if expected else error)
    return max(error.after, 1.0) if isinstance(error, Throttled) else AFTER_TROUBLE


def _carriers(connection: Connection, now: float) -> list[str]:
    query = select(_p.c.carrier).join(_t, _t.c.parcel_id == _p.c.id).where(_t.c.poll_at <= now)
    return list(connection.execute(query.distinct().order_by(_p.c.carrier)).scalars())


def _claim(db: Database, code: str) -> Sequence[Row[Any]]:
    with transaction(db, _POLL, "claim_tracking") as tx:
        query: Select[Any] = select(_p.c.id, _p.c.number, _p.c.tracking, _p.c.service, _t.c.status, _l.c.shipment_id)
        joined = _t.join(_p, _p.c.id == _t.c.parcel_id).outerjoin(_l, _l.c.parcel_id == _p.c.id)
        due = (_t.c.poll_at <= tx.now) & _t.c.over.is_(False) & (_p.c.carrier == code)
        query = query.select_from(joined).where(due).order_by(_t.c.poll_at, _p.c.number).limit(AT_ONCE)
        rows = tx.connection.execute(query.with_for_update(of=_t, skip_locked=True)).all()
        mine = _t.c.parcel_id.in_([row.id for row in rows])
        tx.connection.execute(update(_t).where(mine).values(poll_at=tx.now + CLAIM))
    return rows


def _next(db: Database, rows: Sequence[Row[Any]], counter: Counter) -> None:
    with transaction(db, _POLL, "tracked") as tx:
        for row in rows:
            every = RARELY if counter.can.hear else OFTEN if row.status in _SOON else USUAL
            # The parcels of one load do not all come at the same moment.
            spread = every * (1 + (row.number % 16) / 64)
            mine = (_t.c.parcel_id == row.id) & _t.c.over.is_(False)
            tx.connection.execute(update(_t).where(mine).values(poll_at=tx.now + spread))


def _again(db: Database, ids: Sequence[str], wait: float) -> None:
    with transaction(db, _POLL, "track_later") as tx:
        tx.connection.execute(update(_t).where(_t.c.parcel_id.in_(ids)).values(poll_at=tx.now + wait))


def _put_off(db: Database, code: str, wait: float | None) -> None:
    """None of this carrier's parcels is asked of now. None: nobody can be, and what comes by itself still counts."""
    with transaction(db, _POLL, "track_later") as tx:
        mine = select(_p.c.id).where(_p.c.carrier == code)
        due = (_t.c.poll_at <= tx.now) & _t.c.parcel_id.in_(mine)
        tx.connection.execute(update(_t).where(due).values(poll_at=None if wait is None else tx.now + wait))


def ask_again(db: Database, actor: Actor, number: str) -> str:
    """Its carrier is asked of this parcel from now on, also where it was asked no more after long silence.

    Return its tracking number. Raise DomainError("not_found"), and "invalid" for one that has not left or is over.
    """
    with transaction(db, actor, "ask_tracking") as tx:
        parcel_id = parcel_id_of(tx.connection, number)
        row = parcels.lock(tx, [parcel_id])[parcel_id]
        state = tracking.begin(tx, parcel_id)
        if state.handed_at is None or state.over:
            found = state.status.replace("_", " ") if state.over else "it is still here"
            raise DomainError("invalid", f"expected a parcel on its way, found of {row.tracking}: {found}")
        tracking.write(tx, parcel_id, asked_from=tx.now, poll_at=tx.now, look_at=tx.now)
        tx.note("tracking.asked_again", {"carrier": row.carrier}, parcel=parcel_id, order=row.order_id)
    return str(row.tracking)


def waiting(connection: Connection) -> int:
    """Parcels that will be asked of again."""
    return int(connection.execute(select(func.count()).where(_t.c.poll_at.is_not(None))).scalar_one())
