"""Orders another bench holds for when the server is away: who may open them all the same.

A bench that is heard of gives way to whoever has the slip in hand, and hears so within seconds. One that is silent may
be packing the order this minute: somebody must walk there, or a supervisor frees what it holds.
"""

from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import leases
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.usecases.benchwork.taking_over import HEARD_SECONDS, SUPERVISES, Way
from server.usecases.picks.picking import clock
from server.usecases.staff.people import may


def give_way(tx: Transaction, order: Row[Any], bench: Row[Any], request: wire.OpenRequest) -> None:
    """End the lease of this order, which ``bench`` opens; raise DomainError("in_use") naming a silent bench.

    The caller holds the order's lock.
    """
    lease = leases.of_order(tx.connection, order.id, tx.now)
    if lease is not None and lease.bench_id != bench.id:
        _check(tx, order, lease, request)
        tx.note("lease.gave_way", {"from": lease.bench_id}, order=order.id, bench=bench.id)
    leases.drop_order(tx, order.id, bench.id)


def _check(tx: Transaction, order: Row[Any], lease: Row[Any], request: wire.OpenRequest) -> None:
    heard = people_rows.last_heard(tx.connection, lease.bench_id)
    if heard is not None and tx.now - heard <= HEARD_SECONDS:
        return
    if request.take_over and request.supervisor and may(tx.connection, request.supervisor, SUPERVISES):
        return
    other = people_rows.bench(tx.connection, lease.bench_id)
    at = clock(heard, other.site_time_zone) if heard else ""
    silent = f"not heard of since {at}" if at else "never heard of"
    raise DomainError(
        Reason.IN_USE,
        f"order {order.number} is assigned to {other.name}, which is {silent}: it may be in a box there",
        bench=other.name,
        person="",
        way=Way.WALK.value,
        order=order.number,
        heard=at,
        says="assigned" if at else "assigned_unheard",
    )
