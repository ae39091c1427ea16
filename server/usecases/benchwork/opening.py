"""Claiming an order for a bench: of two benches exactly one wins, and the other is told who holds it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row

from server import wire
from server.db import orders, pack_log, waves
from server.db import people as people_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.boxes import unlabelled
from server.domain.packing.carrying import can_carry
from server.domain.packing.order import Mode, PackOrder
from server.domain.packing.rules import apply, opened
from server.domain.packing.session import Fact, FactKind, Session
from server.domain.sales.orders import OrderStatus
from server.typed import learnt
from server.usecases.benchwork.aside import HELD_BECAUSE, held_key
from server.usecases.benchwork.assigned import give_way
from server.usecases.benchwork.box_waiting import keep_labels, labels_on_boxes, waiting_box
from server.usecases.benchwork.finding import locked
from server.usecases.benchwork.judging import Judged, packed, unpacked
from server.usecases.benchwork.pack_goods import local_day
from server.usecases.benchwork.pack_lines import pack_lines
from server.usecases.benchwork.packing import BEING_PACKED, log_row, stop_sessions
from server.usecases.benchwork.refusing import check_money, refuse, waits_for_supervisor
from server.usecases.benchwork.taking_over import take
from server.usecases.benchwork.tote_mates import mates
from server.usecases.benchwork.wants import wants_of
from server.usecases.record.incidents import is_open
from server.usecases.shipping import quoting
from server.usecases.staff.people import PACKS, at_bench


def open_order(db: Database, actor: Actor, bench_id: int, request: wire.OpenRequest) -> wire.OpenAnswer:
    """Claim the order for this bench. The same request again, and an order it holds already, give that session.

    Raise DomainError with the reason: unknown_code, not_ready, on_hold, cancelled, already_done (who, when, bench),
    in_use (bench, person, since, way: see ``taking_over``), need_item for a tote, wrong_item; "not_signed_in" when the
    person may not pack, "invalid" for a bad session id.
    """
    check_session_id(request.session_id)
    who = at_bench(db, actor, request.person_id, PACKS)
    answer = again(lambda: _open_order(db, who, bench_id, request))
    quoting.begin(db, who, answer.order.order_id, answer.order.wants.suggested)
    return answer


def _open_order(db: Database, actor: Actor, bench_id: int, request: wire.OpenRequest) -> wire.OpenAnswer:
    with transaction(db, actor, "open_order") as tx:
        order_id, status = locked(tx, request, bench_id)
        order = _order(tx.connection, order_id)
        bench = people_rows.bench(tx.connection, bench_id)
        known = pack_log.session(tx.connection, request.session_id)
        if known is not None and (known.order_id, known.bench_id) != (order.id, bench_id):
            raise DomainError("invalid", "expected a fresh session id, found that of another order")
        if known is not None and known.stop:
            why = known.stop_detail or f"order {order.number} was stopped"
            raise DomainError(known.stop, why, **(known.stop_says or {}))
        if known is not None and known.state in pack_log.OVER and status in (OrderStatus.READY, OrderStatus.PACKING):
            # Asked long ago and late to arrive: the order was held or packed by it since, and is free again.
            raise DomainError("invalid", "expected a fresh session id, found that of a session which is over")
        # An order held at import was never given to a site: its status says why, not where it is.
        if order.site_id not in (None, bench.site_id):
            why = f"order {order.number} is not packed at {bench.site_name}"
            raise DomainError(Reason.NOT_READY, why, says="other_site", order=order.number, site=bench.site_name)
        waiting = waiting_box(tx.connection, order)
        # Of an order that has left in part a box may wait for another label.
        relabels = status == OrderStatus.SHIPPED and waiting is not None
        _check_box_left(tx.connection, order)
        if status == OrderStatus.PACKING or (status == OrderStatus.SHIPPED and _is_open(tx.connection, order)):
            return _resume(tx, order, bench, request)
        if status != OrderStatus.READY and not relabels:
            refuse(tx.connection, order)
        if relabels:
            check_money(order)
        if waiting is None:
            _check_picked(tx.connection, order)
        give_way(tx, order, bench, request)
        return _claim(tx, order, bench, request, waiting)


def release_order(db: Database, actor: Actor, order_id: int, *, box_waits: bool = False) -> None:
    """A supervisor takes an order from whatever bench holds it; it waits for a bench again, with nothing verified.

    ``box_waits``: its box stands there with what was verified in it, and goes on at the next bench. A label bought
    already is kept. Of an order that has left in part the box always goes on: nothing of it may be packed again.
    Raise DomainError("not_packing") unless it is being packed.
    """
    with transaction(db, actor, "release_order") as tx:
        row = orders.lock(tx, order_id)
        live = pack_log.live_session(tx.connection, order_id)
        in_part = row.status == OrderStatus.SHIPPED and (live is not None or pack_log.let_box_go_on(tx, row))
        if row.status != OrderStatus.PACKING and not in_part:
            raise DomainError("not_packing", f"order {row.number} is {row.status}: no bench holds it")
        why, says = f"{actor.name} released the order", {"says": "stop_released", "person": actor.name}
        stop_sessions(tx, order_id, Reason.TAKEN_OVER, why, **says)
        if (box_waits or in_part) and live is not None:
            pack_log.change_session(tx, live.id, box_waits=True)
            tx.note("order.released_with_box", {"session": live.id}, order=order_id)
        if not in_part:
            orders.set_status(tx, order_id, OrderStatus.READY)


def _check_picked(connection: Connection, order: Row[Any]) -> None:
    wave = waves.wave_of(connection, order.id)
    here = wave is not None and wave.site_id == order.site_id
    if wave is not None and here and wave.state == waves.PICKING and wave.picked_at is None:
        why = f"order {order.number} is being picked in wave {wave.id}"
        raise DomainError(Reason.NOT_READY, why, says="picking", order=order.number, wave=wave.id)


def _check_box_left(connection: Connection, order: Row[Any]) -> None:
    """Of an order that has left in part a box may wait for a supervisor."""
    stopped = pack_log.stopped_box(connection, order)
    if stopped is not None:
        raise waits_for_supervisor(order, stopped)
    if order.status == OrderStatus.SHIPPED and is_open(connection, held_key(order.id)):
        why, says = f"order {order.number} is on hold: at bench", {"says": "on_hold", "order": order.number}
        raise DomainError(Reason.ON_HOLD, why, held_because=HELD_BECAUSE, **says)


def _is_open(connection: Connection, order: Row[Any]) -> bool:
    return pack_log.live_session(connection, order.id) is not None


def _claim(
    tx: Transaction, order: Row[Any], bench: Row[Any], request: wire.OpenRequest, before: Row[Any] | None
) -> wire.OpenAnswer:
    """A session of this bench, which begins where ``before`` was when its box goes on in it."""
    what = pack_order(tx.connection, order, bench.site_time_zone, tx.now, Mode(bench.mode), weigh=request.scale)
    session = opened(request.session_id, what)
    events = _carried(tx, session, before, request) if before is not None else ()
    for event in events:
        session = apply(session, Fact(FactKind.CARRY, carried=event.carried))
    if order.status not in BEING_PACKED:
        orders.set_status(tx, order.id, OrderStatus.PACKING)
    pack_log.insert_session(
        tx,
        id=request.session_id,
        order_id=order.id,
        order_version=order.version,
        bench_id=bench.id,
        person_id=request.person_id,
        folded=packed(session),
        last_seq=len(events),
        state=session.phase.value,
    )
    pack_log.append(tx, [log_row(tx, request.session_id, Judged(event, Reason.OK)) for event in events])
    keep_labels(tx, session)
    tx.note("session.opened", {"session": request.session_id}, order=order.id, bench=bench.id, person=request.person_id)
    return wire.OpenAnswer(session_id=request.session_id, order=what, events=events)


def _carried(
    tx: Transaction, session: Session, before: Row[Any], request: wire.OpenRequest
) -> tuple[wire.PackEvent, ...]:
    """The first event of a session in which the box of ``before`` goes on; none when the order changed since."""
    box = unpacked(before.folded)
    if not can_carry(box, session.order):
        return ()
    box = replace(unlabelled(box, labels_on_boxes(tx, before)), stop=None, asked=None)
    return (wire.PackEvent(seq=1, at=tx.now, kind="carry", person_id=request.person_id, carried=box),)


def _resume(tx: Transaction, order: Row[Any], bench: Row[Any], request: wire.OpenRequest) -> wire.OpenAnswer:
    """The bench's own session with its log, so that a bench which lost its disk goes on where it was.

    Another bench's is taken over where that is allowed: the box goes on here, in a session of this bench.
    """
    live = pack_log.live_session(tx.connection, order.id)
    if live is None:
        last = pack_log.newest(tx.connection, order.id)
        raise waits_for_supervisor(order, last)
    if live.bench_id != bench.id:
        take(tx, order, live, bench, request)
        return _claim(tx, order, bench, request, live)
    log = tuple(msgspec.convert(row.event, learnt(wire.PackEvent)) for row in pack_log.events(tx.connection, live.id))
    return wire.OpenAnswer(session_id=live.id, order=unpacked(live.folded).order, events=log)


def _order(connection: Connection, order_id: int) -> Row[Any]:
    row = orders.find(connection, order_id)
    if row is None:
        raise DomainError(Reason.UNKNOWN_CODE, "no order has this number", says="no_order")
    return row


def pack_order(
    connection: Connection,
    order: Row[Any],
    time_zone: str,
    now: float,
    mode: Mode = Mode.BLOCK,
    *,
    weigh: bool = False,
) -> PackOrder:
    """What a bench is given to pack at this moment; ``order`` is a row of ``orders.find``; ``weigh``: by a scale."""
    lines = pack_lines(connection, order)
    return PackOrder(
        order_id=order.id,
        number=order.number,
        channel=order.channel,
        version=order.version,
        carrier=order.carrier,
        service=order.service,
        lines=lines,
        wants=wants_of(connection, order, lines, weigh=weigh),
        ship_by=local_time(order.ship_by, time_zone),
        note=orders.note(connection, order.id),
        mates=mates(connection, order),
        time_zone=time_zone,
        day=local_day(now, time_zone),
        deliver_by=local_day(order.deliver_by, time_zone),
        mode=mode,
    )


def local_time(at: float | None, time_zone: str) -> str | None:
    """ISO 8601 in a site's zone, to the minute."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone)).isoformat(timespec="minutes")


def check_session_id(session_id: str) -> None:
    """Raise DomainError("invalid") unless it is a UUID."""
    try:
        uuid.UUID(session_id)
    except ValueError as error:
        raise DomainError("invalid", f"expected a UUID as session id, found {session_id[:40]!r}") from error
    if len(session_id) > 36:
        raise DomainError("invalid", "expected a UUID of at most 36 characters as session id")
