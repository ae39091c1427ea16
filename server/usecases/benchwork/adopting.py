"""An order a bench opened by its lease, with no server in sight: its claim comes as the first event of its log.

The server adopts the session, or keeps its log and says stop: cancelled, changed, on hold, or taken over by another
bench meanwhile. Nothing of the log is dropped either way, and a box that must not go out becomes a task.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from server import wire
from server.db import leases, orders, pack_log
from server.db import people as people_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.order import Mode, PackOrder
from server.domain.packing.rules import opened
from server.domain.packing.session import Phase
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.box_waiting import waiting_box
from server.usecases.benchwork.judging import packed, unpacked
from server.usecases.benchwork.leases import given
from server.usecases.benchwork.opening import check_session_id, pack_order
from server.usecases.benchwork.pulling import pull
from server.usecases.staff.people import named

_STATUS = {OrderStatus.CANCELLED: Reason.CANCELLED, OrderStatus.ON_HOLD: Reason.ON_HOLD}
_TAKEN = (OrderStatus.PACKING, OrderStatus.PACKED, OrderStatus.SHIPPED)


def adopt(db: Database, actor: Actor, bench_id: int, session_id: str, events: Sequence[wire.PackEvent]) -> None:
    """Make the session that these events begin, if they begin with a claim nobody has seen yet.

    Raise DomainError("not_found") for an order or a person nobody knows (a server restored from an older backup),
    "taken_over" for a session that is another bench's or of another order.
    """
    if not events or events[0].kind != "claim" or events[0].seq != 1:
        return
    check_session_id(session_id)
    who = named(db, actor, events[0].person_id)
    again(lambda: _adopt(db, who, bench_id, session_id, events[0]))


def _adopt(db: Database, actor: Actor, bench_id: int, session_id: str, claim: wire.PackEvent) -> None:
    with transaction(db, actor, "adopt_session") as tx:
        orders.lock(tx, claim.order_id)
        order = orders.find(tx.connection, claim.order_id)
        known = pack_log.session(tx.connection, session_id)
        if order is None or (known is not None and known.stop):
            return
        if known is not None and (known.order_id, known.bench_id) != (order.id, bench_id):
            raise DomainError(Reason.TAKEN_OVER, "expected a fresh session id, found that of another order or bench")
        if known is not None:
            # The bench had asked for it too, and the answer came too late: it packs by an older copy, perhaps.
            if not _agrees(tx, known, claim):
                _stop(tx, order, known, _changed(order))
            return
        if people_rows.person(tx.connection, claim.person_id) is None:
            raise DomainError("not_found", f"nobody here is person {claim.person_id}", says="person_gone")
        _insert(tx, order, people_rows.bench(tx.connection, bench_id), session_id, claim)


def _agrees(tx: Transaction, known: Row[Any], claim: wire.PackEvent) -> bool:
    """Whether the session the server made begins as the bench's does: with the same order, and an empty box."""
    kept = pack_log.events(tx.connection, known.id) if known.last_seq else ()
    return known.order_version == claim.order_version and all(row.kind == "claim" for row in kept[:1])


def _insert(tx: Transaction, order: Row[Any], bench: Row[Any], session_id: str, claim: wire.PackEvent) -> None:
    why = _refusal(tx, order, bench, claim)
    pack_log.insert_session(
        tx,
        id=session_id,
        order_id=order.id,
        order_version=claim.order_version,
        bench_id=bench.id,
        person_id=claim.person_id,
        folded=packed(opened(session_id, _what(tx, order, bench, claim))),
    )
    tx.note("session.adopted", {"session": session_id, "at": claim.at}, order=order.id, bench=bench.id)
    if why is None:
        orders.set_status(tx, order.id, OrderStatus.PACKING)
        leases.drop_order(tx, order.id, bench.id)
        return
    made = pack_log.session(tx.connection, session_id)
    assert made is not None  # noqa: S101
    _stop(tx, order, made, why)


class _Why(NamedTuple):
    """Why a bench must stop: in words, and as facts for its own language."""

    reason: Reason
    detail: str
    says: dict[str, str]


def _changed(order: Row[Any]) -> _Why:
    return _Why(Reason.CHANGED, f"order {order.number} was changed meanwhile", {"says": "stop_changed"})


def _stop(tx: Transaction, order: Row[Any], session: Row[Any], why: _Why) -> None:
    pack_log.stop_session(tx, session, why.reason.value, why.detail, **why.says)
    stopped = pack_log.session(tx.connection, session.id)
    assert stopped is not None  # noqa: S101
    pull(tx, order, stopped)


def _refusal(tx: Transaction, order: Row[Any], bench: Row[Any], claim: wire.PackEvent) -> _Why | None:
    """Why the bench must stop; None when the order is still its own to pack.

    Goods in a box count for more than a lease: a lease another bench got meanwhile ends here.
    """
    status, name = OrderStatus(order.status), f"order {order.number}"
    if status in _TAKEN:
        where, says = _where(tx, order)
        return _Why(Reason.TAKEN_OVER, f"{name} is {where} meanwhile", says)
    if status is OrderStatus.CANCELLED:
        return _Why(_STATUS[status], f"{name} was cancelled", {"says": "stop_cancelled"})
    if status in _STATUS:
        return _Why(
            _STATUS[status], f"{name} was held", {"says": "stop_hold", "held_because": order.held_because or ""}
        )
    if order.site_id != bench.site_id:
        return _Why(Reason.TAKEN_OVER, f"{name} went to another site meanwhile", {"says": "stop_site"})
    box = waiting_box(tx.connection, order)
    if box is not None and any(unpacked(box.folded).counts):
        # Its units lie in that box, which would be forgotten.
        where, says = _where(tx, order)
        return _Why(Reason.TAKEN_OVER, f"{name} is {where} meanwhile", says)
    if status is not OrderStatus.READY or order.version != claim.order_version:
        return _changed(order)
    return None


def _where(tx: Transaction, order: Row[Any]) -> tuple[str, dict[str, str]]:
    last = pack_log.newest(tx.connection, order.id)
    if last is None:
        return str(order.status), {"says": "stop_elsewhere"}
    bench = people_rows.bench(tx.connection, last.bench_id).name
    if last.state == Phase.CLOSED:
        return f"packed at {bench}", {"says": "stop_packed", "bench": bench}
    return f"open at {bench}", {"says": "stop_open", "bench": bench}


def _what(tx: Transaction, order: Row[Any], bench: Row[Any], claim: wire.PackEvent) -> PackOrder:
    """The order as the bench has it, or, where nobody remembers that, as it is now."""
    lease = leases.of_order(tx.connection, order.id, 0.0)
    if lease is not None and lease.bench_id == bench.id and lease.version == claim.order_version:
        return given(lease)
    return pack_order(tx.connection, order, bench.site_time_zone, tx.now, Mode(bench.mode))
