"""A supervisor at a bench asks for an order that is on hold: it is looked at again, under the supervisor's name."""

from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import orders, pack_log
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.finding import by_reference
from server.usecases.benchwork.refusing import refuse
from server.usecases.benchwork.taking_over import SUPERVISES
from server.usecases.benchwork.unpacking import labels
from server.usecases.sales.recheck import serve_again
from server.usecases.staff.people import at_bench


def release(db: Database, actor: Actor, bench_id: int, request: wire.ReleaseRequest) -> wire.ReleaseAnswer:
    """The order may be opened again, if nothing but a person's look was missing; else say what still is.

    Raise DomainError: not_signed_in unless a supervisor asks, on_hold | not_ready | cancelled for what stays so,
    unknown_code.
    """
    who = at_bench(db, actor, request.person_id, SUPERVISES)
    return again(lambda: _release(db, who, bench_id, request))


def _release(db: Database, actor: Actor, bench_id: int, request: wire.ReleaseRequest) -> wire.ReleaseAnswer:
    with transaction(db, actor, "release_hold") as tx:
        row = orders.lock(tx, by_reference(tx.connection, request.ref))
        goes_on = pack_log.let_box_go_on(tx, row)
        _look_again(tx, row)
        found = orders.find(tx.connection, row.id)
        assert found is not None, "it is locked"  # noqa: S101
        if found.status != OrderStatus.READY and not goes_on:
            refuse(tx.connection, found)
        detail = {"before": row.status, "because": row.held_because}
        tx.note("order.released_at_bench", detail, order=row.id, bench=bench_id, person=request.person_id)
        return wire.ReleaseAnswer(number=found.number)


def _look_again(tx: Transaction, row: Row[Any]) -> None:
    if row.status == OrderStatus.PACKING and pack_log.live_session(tx.connection, row.id) is None:
        orders.set_status(tx, row.id, OrderStatus.READY)
    elif row.status == OrderStatus.ON_HOLD and row.held_because == "address_changed" and labels(tx, row.id):
        what = f"order {row.number} has a label with its old address: its box must be unpacked first"
        says = {"says": "old_label", "order": row.number}
        raise DomainError(Reason.ON_HOLD, what, held_because=row.held_because, **says)
    elif row.status == OrderStatus.ON_HOLD:
        serve_again(tx, row)
