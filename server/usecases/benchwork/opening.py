"""Claiming an order for a bench: of two benches exactly one wins, and the other is told who holds it."""

import uuid
from datetime import UTC, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row

from server import wire
from server.db import orders, pack_log, parcels, waves
from server.db import people as people_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.order import PackOrder
from server.domain.packing.rules import opened
from server.domain.sales.orders import OrderStatus
from server.reading import ORDER_PREFIX, TOTE_PREFIX
from server.usecases.benchwork.judging import packed, unpacked
from server.usecases.benchwork.pack_lines import pack_lines
from server.usecases.benchwork.packing import stop_sessions
from server.usecases.picks.totes import order_in
from server.usecases.staff.people import PACKS, at_bench


def open_order(db: Database, actor: Actor, bench_id: int, request: wire.OpenRequest) -> wire.OpenAnswer:
    """Claim the order for this bench. The same request again, and an order it holds already, give that session.

    Raise DomainError with the reason: unknown_code, not_ready, on_hold, cancelled, already_done (who, when, bench),
    in_use (bench, person, since), and for a tote need_item | wrong_item; "not_signed_in" when the person may not pack,
    "invalid" for a bad session id.
    """
    _check_session_id(request.session_id)
    who = at_bench(db, actor, request.person_id, PACKS)
    return again(lambda: _open_order(db, who, bench_id, request))


def _open_order(db: Database, actor: Actor, bench_id: int, request: wire.OpenRequest) -> wire.OpenAnswer:
    with transaction(db, actor, "open_order") as tx:
        order_id, status = _locked(tx, request, bench_id)
        order = _order(tx.connection, order_id)
        bench = people_rows.bench(tx.connection, bench_id)
        known = pack_log.session(tx.connection, request.session_id)
        if known is not None and (known.order_id, known.bench_id) != (order.id, bench_id):
            raise DomainError("invalid", "expected a fresh session id, found that of another order")
        if known is not None and known.stop:
            raise DomainError(known.stop, known.stop_detail or f"order {order.number} was stopped")
        # An order held at import was never given to a site: its status says why, not where it is.
        if order.site_id not in (None, bench.site_id):
            raise DomainError(Reason.NOT_READY, f"order {order.number} is not packed at {bench.site_name}")
        if status == OrderStatus.PACKING:
            return _resume(tx, order, bench_id)
        if status != OrderStatus.READY:
            _refuse(tx.connection, order)
        _check_picked(tx.connection, order)
        return _claim(tx, order, bench, request)


def release_order(db: Database, actor: Actor, order_id: int) -> None:
    """A supervisor takes an order from whatever bench holds it; it waits for a bench again, with nothing verified.

    Raise DomainError("not_packing") unless it is being packed. A label bought already is kept for it.
    """
    with transaction(db, actor, "release_order") as tx:
        row = orders.lock(tx, order_id)
        if row.status != OrderStatus.PACKING:
            raise DomainError("not_packing", f"order {row.number} is {row.status}: no bench holds it")
        stop_sessions(tx, order_id, Reason.TAKEN_OVER, f"{actor.name} released the order")
        orders.set_status(tx, order_id, OrderStatus.READY)


def _locked(tx: Transaction, request: wire.OpenRequest, bench_id: int) -> tuple[int, str]:
    """The order's id and status, locked. Of two benches with one tote the later one gets the tote's next order."""
    order_id = _find(tx.connection, request, bench_id)
    while True:
        status = str(orders.lock(tx, order_id).status)
        shared = request.ref.strip().upper().startswith(TOTE_PREFIX)
        meant = _find(tx.connection, request, bench_id) if shared else order_id
        if meant == order_id:
            return order_id, status
        order_id = meant


def _find(connection: Connection, request: wire.OpenRequest, bench_id: int) -> int:
    text = request.ref.strip()
    if text.upper().startswith(TOTE_PREFIX):
        known = pack_log.session(connection, request.session_id)
        return int(known.order_id) if known is not None else order_in(connection, text, request.item, bench_id)
    if text.upper().startswith(ORDER_PREFIX):
        text = text[len(ORDER_PREFIX) :]
    found = orders.by_ref(connection, text) if text else None
    if found is not None:
        return int(found.id)
    parcel = parcels.known_to(connection, text)
    if parcel is None:
        raise DomainError(Reason.UNKNOWN_CODE, "no order or parcel has this number")
    return int(parcel.order_id)


def _check_picked(connection: Connection, order: Row[Any]) -> None:
    wave = waves.wave_of(connection, order.id)
    here = wave is not None and wave.site_id == order.site_id
    if wave is not None and here and wave.state == waves.PICKING and wave.picked_at is None:
        raise DomainError(Reason.NOT_READY, f"order {order.number} is being picked in wave {wave.id}", wave=wave.id)


def _claim(tx: Transaction, order: Row[Any], bench: Row[Any], request: wire.OpenRequest) -> wire.OpenAnswer:
    what = _pack_order(tx.connection, order, bench.site_time_zone)
    session = opened(request.session_id, what)
    orders.set_status(tx, order.id, OrderStatus.PACKING)
    pack_log.insert_session(
        tx,
        id=request.session_id,
        order_id=order.id,
        order_version=order.version,
        bench_id=bench.id,
        person_id=request.person_id,
        folded=packed(session),
    )
    tx.note("session.opened", {"session": request.session_id}, order=order.id, bench=bench.id, person=request.person_id)
    return wire.OpenAnswer(session_id=request.session_id, order=what)


def _resume(tx: Transaction, order: Row[Any], bench_id: int) -> wire.OpenAnswer:
    """The bench's own session with its log, so that a bench which lost its disk goes on where it was."""
    live = pack_log.live_session(tx.connection, order.id)
    if live is None:
        last = next(iter(pack_log.sessions(tx.connection, order.id)), None)
        why = last.stop_detail if last is not None else ""
        raise DomainError(Reason.ON_HOLD, f"order {order.number} waits for a supervisor: {why}", reason="stopped")
    if live.bench_id != bench_id:
        facts = _holder(tx.connection, live)
        raise DomainError(Reason.IN_USE, f"{facts['person']} has it at {facts['bench']}", **facts)
    log = tuple(msgspec.convert(row.event, wire.PackEvent) for row in pack_log.events(tx.connection, live.id))
    return wire.OpenAnswer(session_id=live.id, order=unpacked(live.folded).order, events=log)


def _refuse(connection: Connection, order: Row[Any]) -> NoReturn:
    name = f"order {order.number or order.channel_order_id}"
    match OrderStatus(order.status):
        case OrderStatus.ON_HOLD:
            why = _unknown_skus(connection, order) or order.held_because
            raise DomainError(Reason.ON_HOLD, f"{name} is on hold: {why}", held_because=order.held_because)
        case OrderStatus.CANCELLED:
            raise DomainError(Reason.CANCELLED, f"{name} was cancelled")
        case OrderStatus.PACKED | OrderStatus.SHIPPED:
            last = next(iter(pack_log.sessions(connection, order.id)), None)
            facts = _holder(connection, last) if last is not None else {}
            done = f" by {facts['person']} at {facts['bench']}" if facts else ""
            raise DomainError(Reason.ALREADY_DONE, f"{name} was {order.status}{done}", status=order.status, **facts)
        case OrderStatus.CONFLICT:
            raise DomainError(Reason.NOT_READY, f"{name} has no stock reserved: the order desk must settle it")
        case _:
            raise DomainError(Reason.NOT_READY, f"{name} is {order.status}")


def _unknown_skus(connection: Connection, order: Row[Any]) -> str:
    """The SKUs no product has, as the channel sent them, at most five; empty for an order held for another reason."""
    if order.held_because != "unknown_sku":
        return ""
    lines = orders.lines(connection, order.id)
    missing = list(dict.fromkeys(line.channel_sku[:40] for line in lines if line.sku is None))
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"no product has the SKU {', '.join(missing[:5])}{more}" if missing else ""


def _holder(connection: Connection, session: Row[Any]) -> dict[str, str | float | None]:
    person = people_rows.person(connection, session.person_id)
    bench = people_rows.bench(connection, session.bench_id)
    facts: dict[str, str | float | None] = {"bench": bench.name, "person": person.name if person else ""}
    return facts | {"since": session.opened_at, "at": session.closed_at}


def _order(connection: Connection, order_id: int) -> Row[Any]:
    row = orders.find(connection, order_id)
    if row is None:
        raise DomainError(Reason.UNKNOWN_CODE, "no order has this number")
    return row


def _pack_order(connection: Connection, order: Row[Any], time_zone: str) -> PackOrder:
    return PackOrder(
        order_id=order.id,
        number=order.number,
        channel=order.channel,
        version=order.version,
        carrier=order.carrier,
        service=order.service,
        lines=pack_lines(connection, order),
        ship_by=local_time(order.ship_by, time_zone),
        note=orders.note(connection, order.id),
    )


def local_time(at: float | None, time_zone: str) -> str | None:
    """ISO 8601 in a site's zone, to the minute."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone)).isoformat(timespec="minutes")


def _check_session_id(session_id: str) -> None:
    try:
        uuid.UUID(session_id)
    except ValueError as error:
        raise DomainError("invalid", f"expected a UUID as session id, found {session_id[:40]!r}") from error
    if len(session_id) > 36:
        raise DomainError("invalid", "expected a UUID of at most 36 characters as session id")
