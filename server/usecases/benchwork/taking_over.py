"""Another bench has the order: who may take it, when, and what goes along (PCK-08).

Never by a repeat of the slip. A box that stands parked is nobody's work and goes on wherever its slip is scanned; an
order somebody has open is free after five idle minutes, or by a supervisor's badge; a bench that is not heard of may
still be packing, so that a person must walk there first and a supervisor answers for it.
"""

from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import Connection, Row

from server import wire
from server.db import pack_log
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.session import Phase
from server.domain.people import Role
from server.usecases.benchwork.refusing import holder
from server.usecases.picks.picking import clock
from server.usecases.staff.people import may

IDLE_SECONDS = 300.0
HEARD_SECONDS = 5.0
"""A bench speaks every second; the board calls it silent after as long."""
SUPERVISES = frozenset({Role.SUPERVISOR, Role.ADMIN})


class Way(StrEnum):
    """How the order can be had.

    PARKED      by its slip alone: nobody is packing it
    FREE        by PPC-TAKE-OVER
    SUPERVISOR  by PPC-TAKE-OVER and a supervisor's badge
    WALK        the same, after somebody went to look: that bench is not heard of
    """

    PARKED = "parked"
    FREE = "free"
    SUPERVISOR = "supervisor"
    WALK = "walk"


def take(tx: Transaction, order: Row[Any], live: Row[Any], bench: Row[Any], request: wire.OpenRequest) -> None:
    """End the session ``live`` of another bench, or raise DomainError("in_use") saying how the order can be had."""
    way = _way(tx, live)
    approved = request.supervisor and may(tx.connection, request.supervisor, SUPERVISES)
    allowed = way is Way.PARKED or (request.take_over and (way is Way.FREE or approved))
    if not allowed:
        _refuse(tx.connection, order, live, way)
    why, says = f"{tx.actor.name} goes on with it at {bench.name}", {"person": tx.actor.name, "bench": bench.name}
    held = pack_log.lock_session(tx, live.id)
    pack_log.stop_session(tx, held, Reason.TAKEN_OVER, why, says="stop_taken", **says)
    note = {"session": live.id, "way": way.value, "from": live.bench_id}
    supervisor = people_rows.person(tx.connection, request.supervisor) if approved else None
    note |= {"supervisor": supervisor.name} if supervisor is not None else {}
    tx.note("session.taken_over", note, order=order.id, bench=bench.id, person=request.supervisor or request.person_id)


def _way(tx: Transaction, live: Row[Any]) -> Way:
    heard = people_rows.last_heard(tx.connection, live.bench_id)
    if heard is None or tx.now - heard > HEARD_SECONDS:
        return Way.WALK
    if live.state == Phase.PARKED:
        return Way.PARKED
    last = max(live.opened_at, pack_log.last_received(tx.connection, live.id) or 0.0)
    idle = tx.now - last >= IDLE_SECONDS and not people_rows.has_unsent(tx.connection, live.bench_id)
    return Way.FREE if idle else Way.SUPERVISOR


def _refuse(connection: Connection, order: Row[Any], live: Row[Any], way: Way) -> NoReturn:
    facts = holder(connection, live)
    if way is not Way.WALK:
        since = f"{facts['person']} has order {order.number} at {facts['bench']} since {facts['time']}"
        raise DomainError(Reason.IN_USE, since, way=way.value, says="in_use", order=order.number, **facts)
    heard = people_rows.last_heard(connection, live.bench_id)
    zone = people_rows.bench(connection, live.bench_id).site_time_zone
    silent = f"is not heard of since {clock(heard, zone)}" if heard else "was never heard of"
    facts |= {"heard": clock(heard, zone), "says": "silent"} if heard else {"says": "never_heard"}
    there = f"{facts['bench']}, with order {order.number} of {facts['person']}, {silent}"
    raise DomainError(Reason.IN_USE, there, way=way.value, order=order.number, **facts)
