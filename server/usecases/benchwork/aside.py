"""What a packer reports by scan takes effect: a problem with goods, an order held, a unit verified by hand."""

from typing import Any

from sqlalchemy import Row

from server.db import orders, pack_log
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import PROBLEMS, Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing.carrying import verified
from server.domain.packing.session import Phase, Session
from server.domain.people import Role
from server.domain.sales.orders import OrderStatus
from server.reading import TROUBLE_PREFIX
from server.usecases.benchwork.judging import Batch, Judged
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import may

HELD_BECAUSE = "at_bench"
"""Why an order is on hold that a packer held; closing its incident frees it."""
FORCERS = frozenset({Role.FORCE_VERIFY})
"""Nobody verifies by hand because of another role: it is a right of its own."""
_NOT_THERE = (Reason.SHORT, Reason.MISSING)


def take_reports(tx: Transaction, order: Row[Any], session: Row[Any], batch: Batch) -> bool:
    """Open what these events reported; False when somebody verified by hand who may not, and the session was stopped.

    The locks of order and session are held, and the order is being packed here.
    """
    allowed = True
    # Of what is no scan the reason is only what the bench says.
    for judged in (each for each in batch.judged if each.event.kind == "scan"):
        if judged.reason in PROBLEMS:
            _problem(tx, order, session, batch.session, judged)
        elif judged.reason is Reason.HELD_HERE:
            _hold(tx, order, session, batch.session, judged)
        elif judged.reason is Reason.FORCED:
            allowed = _forced(tx, order, session, judged) and allowed
    return allowed


def _problem(tx: Transaction, order: Row[Any], session: Row[Any], box: Session, judged: Judged) -> None:
    what = f"{judged.sku or 'goods'} {judged.reason.value}"
    cause = f"order {order.number}: {what}, reported {_by(tx, session, judged)}; {_stands(box)}"
    once = f"problem:{session.id}:{judged.event.seq}"
    open_incident(tx, IncidentType.BENCH_PROBLEM, cause, order_id=order.id, sku=judged.sku, once_key=once)
    if judged.reason in _NOT_THERE and judged.sku and box.phase is Phase.PARKED:
        _another_way(tx, order, box, judged.sku)


def _another_way(tx: Transaction, order: Row[Any], box: Session, sku: str) -> None:
    """What was not there goes the way of every short pick: written off, the order served from elsewhere (RTE-21)."""
    # It needs this package for the bench's own sessions, so neither can be first.
    from server.usecases.picks.short_pick import Found, short_of

    there = sum(have for have, line in zip(box.counts, box.order.lines, strict=True) if line.sku == sku)
    try:
        short_of(tx, order, Found(sku, there))
    except DomainError as error:
        # All of it is there after all, or the order holds none of it; the incident tells a person.
        tx.note("problem.not_short", {"code": error.code, "why": error.detail[:255]}, order=order.id, sku=sku)


def _hold(tx: Transaction, order: Row[Any], session: Row[Any], box: Session, judged: Judged) -> None:
    if order.status == OrderStatus.SHIPPED:
        # Some of it has left: only the box that is still here waits.
        why = f"order {order.number} is on hold: its box waits for a supervisor"
        pack_log.stop_session(tx, session, Reason.ON_HOLD.value, why, says="waits", order=order.number)
    else:
        orders.set_status(tx, order.id, OrderStatus.ON_HOLD, held_because=HELD_BECAUSE)
    # Whoever opens it after it was freed goes on with what lies in the box.
    pack_log.change_session(tx, session.id, box_waits=True)
    cause = f"order {order.number}: held {_by(tx, session, judged)}; {_stands(box)}"
    open_incident(tx, IncidentType.BENCH_HOLD, cause, order_id=order.id, once_key=held_key(order.id))


def held_key(order_id: int) -> str:
    """Of the incident of an order that a packer held."""
    return f"held:{order_id}"


def _forced(tx: Transaction, order: Row[Any], session: Row[Any], judged: Judged) -> bool:
    why = judged.event.raw.strip().upper().removeprefix(TROUBLE_PREFIX).lower()
    what = f"order {order.number}: 1 of {judged.sku} verified by hand ({why[:20]}) {_by(tx, session, judged)}"
    allowed = may(tx.connection, judged.event.person_id, FORCERS)
    cause = what if allowed else f"{what}, who may not; the bench was stopped"
    once = f"forced:{session.id}:{judged.event.seq}"
    open_incident(tx, IncidentType.FORCED, cause, order_id=order.id, sku=judged.sku, once_key=once)
    if not allowed:
        why = f"{cause}; a supervisor must look"
        pack_log.stop_session(tx, session, Reason.STOPPED.value, why, says="stop_forced")
    return allowed


def _by(tx: Transaction, session: Row[Any], judged: Judged) -> str:
    person = people_rows.person(tx.connection, judged.event.person_id)
    bench = people_rows.bench(tx.connection, session.bench_id)
    return f"by {person.name if person else f'person {judged.event.person_id}'} at {bench.name}"


def _stands(box: Session) -> str:
    done, wanted = verified(box)
    return f"its box stands aside with {done} of {wanted} units"
