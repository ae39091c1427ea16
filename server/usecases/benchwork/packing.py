"""Scans of pack sessions arrive, are judged again and take effect; sessions are stopped from outside."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from server import wire
from server.db import allotments, load_marks, orders, pack_log, parcels, waves
from server.db import people as people_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing.session import Phase, Session
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork import box_waiting, boxing, swaps
from server.usecases.benchwork.allotting import take_up
from server.usecases.benchwork.aside import take_reports
from server.usecases.benchwork.box_goods import settle_goods
from server.usecases.benchwork.changes import differences
from server.usecases.benchwork.judging import Batch, Judged, packed, unpacked
from server.usecases.benchwork.outside import adopt_label
from server.usecases.benchwork.pulling import packed_after_stop
from server.usecases.benchwork.tote_mates import done_by
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import PACKS, named

BEING_PACKED = (OrderStatus.PACKING, OrderStatus.SHIPPED)
"""A session that is open counts in these states: of an order that has left in part, a box may get another label."""
_STOPPED_BY = {OrderStatus.CANCELLED: Reason.CANCELLED, OrderStatus.ON_HOLD: Reason.ON_HOLD}


def on_cancel(tx: Transaction, order_id: int) -> None:
    """The order is being cancelled: its bench must stop, its parcel must not leave; the caller holds the order's lock.

    A label that was bought opens an incident: somebody must void it, and pull a box that was packed already.
    """
    stop_sessions(tx, order_id, Reason.CANCELLED, "the order was cancelled", says="stop_cancelled")
    labels = parcels.of_order(tx.connection, order_id)
    left = [p.id for p in labels if p.state != ParcelState.CANCELLED]
    for parcel in parcels.lock(tx, left).values():
        parcels.set_state(tx, parcel, ParcelState.CANCELLED, "order cancelled", cancelled_at=tx.now)
        if parcel.purchase == "bought":
            open_void(tx, parcel)
    if box_waiting.box_waits(tx, order_id):
        box_waiting.fetch(tx, order_id, labels)


def stop_sessions(tx: Transaction, order_id: int, reason: Reason, detail: str, **says: str) -> None:
    """End whatever session holds this order (cancelled, held, changed, taken over); the order's lock is held.

    A label that was allotted for it beforehand becomes void. ``says``: see ``pack_log.stop_session``.
    """
    allotments.void(tx, [order_id], detail[:255])
    for found in pack_log.sessions(tx.connection, order_id):
        if found.state not in pack_log.OVER:
            pack_log.stop_session(tx, pack_log.lock_session(tx, found.id), reason.value, detail, **says)


def stop_of(session: Row[Any], order_status: str) -> Reason | None:
    """Why this session must stop, or None. What is true of the order counts even if nobody told the session."""
    if session.stop:
        return Reason(session.stop)
    return None if session.state in pack_log.OVER else _STOPPED_BY.get(OrderStatus(order_status))


def _said(stop: Reason, order: Row[Any]) -> dict[str, str]:
    """Of a stop that nobody told the session: what is true of its order."""
    return {"says": "stop_cancelled"} if stop is Reason.CANCELLED else {"says": "waits", "order": order.number}


def held(tx: Transaction, bench_id: int, session_id: str) -> tuple[Row[Any], Row[Any]]:
    """The order and the session this bench holds, both locked; raise DomainError("not_found" | "taken_over")."""
    seen = pack_log.session(tx.connection, session_id)
    if seen is None:
        raise DomainError("not_found", "there is no such pack session", says="label_unheard")
    if seen.bench_id != bench_id:
        raise DomainError(Reason.TAKEN_OVER, "another bench holds this pack session", says="stop_elsewhere")
    order = orders.lock(tx, seen.order_id)
    return order, pack_log.lock_session(tx, session_id)


def take_events(
    db: Database, actor: Actor, bench_id: int, session_id: str, events: Iterable[wire.PackEvent]
) -> wire.EventsAnswer:
    """Judge and keep what a bench journaled; what is already held is skipped.

    Raise DomainError("gap", expected=, found=) when events are missing between: nothing of the request is kept then.
    """
    sent = list(events)
    who = named(db, actor, sent[-1].person_id) if sent else actor
    return again(lambda: _take_events(db, who, bench_id, session_id, sent))


def _take_events(
    db: Database, actor: Actor, bench_id: int, session_id: str, sent: list[wire.PackEvent]
) -> wire.EventsAnswer:
    with transaction(db, actor, "take_events") as tx:
        order, session = held(tx, bench_id, session_id)
        batch = _judged(tx, order, session, sent)
        _tell_of_strangers(tx, order, session, batch)
        pack_log.append(tx, [log_row(tx, session_id, judged) for judged in batch.judged])
        tote = _take_effect(tx, order, session, batch)
        after = pack_log.session(tx.connection, session_id)
        answer = wire.EventsAnswer(accepted_through=session.last_seq + len(batch.judged), tote_done=tote)
        return _stopping(tx.connection, answer, after, order) if after else answer


def _stopping(
    connection: Connection, answer: wire.EventsAnswer, session: Row[Any], order: Row[Any]
) -> wire.EventsAnswer:
    """With what must stop the bench, if anything must."""
    stop = stop_of(session, order.status)
    if stop is None:
        return answer
    detail = session.stop_detail if session.stop else f"the order is {order.status}"
    says = session.stop_says or _said(stop, order)
    out, add = differences(connection, session) if stop is Reason.CHANGED else ((), ())
    return replace(answer, stop=stop, stop_detail=detail, stop_says=says, take_out=out, add=add)


def _judged(tx: Transaction, order: Row[Any], session: Row[Any], sent: list[wire.PackEvent]) -> Batch:
    batch, catalog = Batch(unpacked(session.folded)), read_catalog(tx.connection)
    known = boxing.known_of(tx.connection, session, sent, stopped=stop_of(session, order.status) is not None)
    expected = session.last_seq + 1
    for event in sent:
        if event.seq < expected:
            continue
        if event.seq != expected:
            what = f"expected event {expected} of this session, found {event.seq}"
            raise DomainError("gap", what, expected=expected, found=event.seq)
        batch.take(event, catalog, known)
        expected += 1
    return batch


def _tell_of_strangers(tx: Transaction, order: Row[Any], session: Row[Any], batch: Batch) -> None:
    """What people scanned who may not pack has happened, and counts; a supervisor hears of it, once for each of them.

    Who opened the session at the server was asked for the right then.
    """
    scans = Counter(judged.event.person_id for judged in batch.judged if judged.event.kind in {"scan", "claim"})
    if not scans or (scans.keys() == {session.person_id} and session.last_seq):
        return
    for row in people_rows.some(tx.connection, scans):
        if not (row.active and PACKS & people_rows.roles_of(row)):
            found = row.roles if row.active else "not active"
            cause = f"order {order.number}: {row.name} ({found}) scanned for it and may not pack"
            once = f"no-right:{session.id}:{row.id}"
            open_incident(tx, IncidentType.NOT_PERMITTED, cause, order_id=order.id, once_key=once)


def log_row(tx: Transaction, session_id: str, judged: Judged) -> dict[str, Any]:
    """An event as it is kept."""
    event = judged.event
    return {
        "session_id": session_id,
        "seq": event.seq,
        "at": event.at,
        "received_at": tx.now,
        "kind": event.kind,
        "person_id": event.person_id,
        "raw": event.raw,
        "reason": judged.reason.value,
        "bench_reason": event.reason.value,
        "units": judged.units,
        "sku": judged.sku,
        "event": msgspec.to_builtins(event),
    }


def _take_effect(tx: Transaction, order: Row[Any], session: Row[Any], batch: Batch) -> str:
    """What follows from the batch; the shared tote whose last order it packed, or empty.

    A session that was over before only has its log extended.
    """
    live = session.state not in pack_log.OVER and order.status in BEING_PACKED
    state = batch.session.phase.value if session.state not in pack_log.OVER else session.state
    last = session.last_seq + len(batch.judged)
    pack_log.change_session(tx, session.id, last_seq=last, folded=packed(batch.session), state=state)
    take_up(tx, session, batch.session, batch.judged, live=live)
    boxing.count_copies(tx, order.id, batch.judged)
    if not live:
        packed_after_stop(tx, order, session, batch.session)
        return ""
    if any(judged.differs for judged in batch.judged):
        _settle_difference(tx, order, session, batch)
    wrong = [judged.wrong_label for judged in batch.judged if judged.wrong_label]
    boxing.note_supervised(tx, order, session, unpacked(session.folded), batch.session)
    adopt_label(tx, order, session, batch.session)
    locked = swaps.lock_with_others(tx, session.id, wrong, batch.session.tracking)
    own = swaps.block_both(tx, order, locked, wrong) if wrong else locked.own
    # What has left the book is settled.
    sound = order.status == OrderStatus.SHIPPED or settle_goods(tx, order, session, batch.session)
    closed = batch.session.phase is Phase.CLOSED and not any(judged.must_stop for judged in batch.judged) and sound
    allowed = take_reports(tx, order, session, batch)
    return _close_box(tx, order, session, batch.session) if closed and allowed and own is not None else ""


def _settle_difference(tx: Transaction, order: Row[Any], session: Row[Any], batch: Batch) -> None:
    differing = [judged for judged in batch.judged if judged.differs]
    cause = f"order {order.number}: " + "; ".join(judged.differs for judged in differing)[:500]
    once = f"verdicts:{session.id}"
    open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, order_id=order.id, once_key=once)
    worst = next((judged for judged in differing if judged.must_stop), None)
    if worst is not None:
        why = f"{worst.differs}; a supervisor must look"
        pack_log.stop_session(tx, session, Reason.STOPPED.value, why, says="stop_differs")


def _close_box(tx: Transaction, order: Row[Any], session: Row[Any], folded: Session) -> str:
    """The right label is on each box, and a label bought for more boxes than there are now is to be voided.

    The shared tote that should be empty now, or nothing.
    """
    tote = done_by(tx, order.id)
    waves.take_out(tx, [order.id])
    pack_log.change_session(tx, session.id, closed_at=tx.now)
    allotments.void(tx, [order.id], "the order is packed")
    boxing.close_all(tx, session)
    boxing.note_serials(tx, order.id, folded)
    boxing.learn(tx, folded)
    used = {p.id for p in parcels.all_of_session(tx.connection, session.id)}
    left = [p.id for p in parcels.of_order(tx.connection, order.id) if p.id not in used]
    for parcel in parcels.lock(tx, left).values():
        if parcel.state == ParcelState.BOUGHT:
            parcels.set_state(tx, parcel, ParcelState.CANCELLED, "fewer boxes than labels", cancelled_at=tx.now)
            open_void(tx, parcel, "went in fewer boxes")
    if order.status != OrderStatus.SHIPPED:
        orders.set_status(tx, order.id, OrderStatus.PACKED)
    ready = {p.id for p in parcels.of_order(tx.connection, order.id) if p.state == ParcelState.READY}
    load_marks.may_leave(tx, used | ready)
    return tote


def open_void(tx: Transaction, parcel: Row[Any], why: str = "was cancelled") -> None:
    """Somebody must void the label of an order that ``why``, and fetch its box; ``parcel`` is the row before that."""
    order = orders.find(tx.connection, parcel.order_id)
    number = order.number if order else parcel.order_id
    if parcel.state == ParcelState.LOADED:
        where = "its box is on the truck: take it off and put its goods back"
    elif parcel.ready_at is not None:
        where = "its box is packed: pull it and put its goods back"
    else:
        where = "its box is still at the bench: put its goods back"
    cause = f"order {number} {why}: void label {parcel.tracking} of parcel {parcel.id}; {where}"
    kind, once = IncidentType.CANCELLED_AFTER_PACKING, f"cancelled:{parcel.id}"
    open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)
