"""Closing a load: the manifest is frozen, stock falls, channels are told, and what stayed behind is somebody's task."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Row

from printing import pdf
from printing.documents import LoadManifest
from server import carriers, wire
from server.db import dock_log, load_closes, load_marks, loads, parcels
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import assumable, before_close
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.typed import learnt
from server.usecases.benchwork.taking_over import SUPERVISES
from server.usecases.loading import leaving, manifests
from server.usecases.loading.answers import answer
from server.usecases.loading.picture import checked, load_picture
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import account, name_of
from server.usecases.staff.people import LOADS, at_bench, may, named

_WORDS = {
    Reason.PULL_FIRST: "a cancelled parcel is on the load: say whether it was pulled or cannot be reached",
    Reason.SET_ASIDE: "parcels were set aside: scan each where it belongs, or after the ASIDE DONE code",
    Reason.NEED_REASON: "parcels stay behind: say why, once for all of them",
}


def closing(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.ClosingRequest) -> wire.LoadAnswer:
    """Somebody asks for the summary of a load, or goes back to loading; raise DomainError("not_found")."""
    who = at_bench(db, actor, request.person_id, LOADS)
    with transaction(db, who, "closing") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        if row.closed_at is None:
            row = loads.change(tx, load_id, closing_at=None if request.back else row.closing_at or tx.now)
            tx.note("load.back" if request.back else "load.closing", {}, load=load_id, bench=bench_id)
        return answer(tx.connection, row, tx.now)


def close_load(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    """Close the load with what the person counted; closing it again gives the same answer.

    Raise DomainError("changed", loaded=) when another number is on it now, "pull_first", "set_aside", "need_reason",
    "not_found" or "not_signed_in". A close that was made with no network is refused for none of the first four.
    """
    if request.closed_at is not None:
        who = named(db, actor, request.person_id)
    else:
        who = at_bench(db, actor, request.person_id, LOADS)
    return again(lambda: _close(db, who, bench_id, load_id, request))


def manifest_pdf(db: Database, bench_id: int, load_id: str) -> bytes:
    """The closed load's manifest on paper: the same bytes every time. Raise DomainError("not_closed" | "not_found")."""
    with db.read() as connection:
        row = checked(connection, loads.find(connection, load_id), bench_id)
    if row.manifest is None:
        raise DomainError("not_closed", f"expected a closed load, {load_id} is open")
    return pdf.manifest(msgspec.convert(row.manifest, learnt(LoadManifest)))


def _close(db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.CloseRequest) -> wire.LoadAnswer:
    with transaction(db, actor, "close_load") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        if row.closed_at is not None:
            if request.closed_at is None:
                _check_count(manifests.scanned(row.manifest), request.loaded, f"load {load_id} was closed")
            return answer(tx.connection, row, tx.now)
        freeze(tx, row, bench_id, request)
        closed = checked(tx.connection, loads.find(tx.connection, load_id), bench_id)
        return answer(tx.connection, closed, tx.now)


def freeze(tx: Transaction, row: Row[Any], bench_id: int, request: wire.CloseRequest, *, trusted: bool = False) -> None:
    """Close a locked load for good; ``trusted`` where the site itself assumes. Raise DomainError as ``close_load``."""
    request = request if trusted else _allowed(tx, row, request)
    load = load_picture(tx.connection, row, tx.now)
    rest = leaving.to_assume(load, request)
    on, ready, of_orders = leaving.locked(tx, row.id, rest)
    if request.closed_at is not None:
        on = leaving.without_later(tx, row.id, on, request.closed_at)
    on = _whole(tx, row, on, request)
    if request.closed_at is None:
        _check_assumed(load, request, len(rest), len(ready))
    else:
        leaving.not_assumed(tx, load, request, [p.id for p in (*on, *ready)])
    _count(tx, row, request, len(on), len(ready))
    if request.closed_at is None:
        _ask(load, request)
    else:
        _left_unanswered(tx, row, load)
    leaving.assume(tx, row.id, ready, bench_id, request.supervisor)
    if request.waive_aside:
        leaving.waive_aside(tx, row.id, request.supervisor)
    on = [p for p in loads.parcels_on(tx.connection, [row.id]) if p.state == ParcelState.LOADED]
    missing = _missing(load, request, {p.id for p in on})
    _cannot_reach(tx, row, request)
    manifest = manifests.made(tx, row, bench_id, manifests.What(on, missing, request))
    reason = request.left_reason.value if request.left_reason and missing else ""
    words = {"left_reason": reason, "left_words": request.left_words.strip() if missing else ""}
    known = request.cancels_known_at if request.closed_at is not None else None
    frozen = msgspec.to_builtins(manifest)
    loads.close(tx, row.id, request.person_id, manifest=frozen, cancels_known_at=known, **words)
    detail = {"loaded": len(on), "assumed": len(ready), "left_behind": len(missing), "reason": reason}
    tx.note("load.closed", detail, load=row.id, bench=bench_id)
    leaving.hand_over(tx, on, of_orders)
    if missing:
        _left_behind(tx, row, missing, request)
    if on and _wants_to_know(tx, row.carrier):
        load_closes.want(tx, row.id, row.carrier)


def _wants_to_know(tx: Transaction, carrier: str) -> bool:
    """Whether the carrier is told what leaves; an account that cannot work keeps no vehicle waiting."""
    try:
        return carriers.capabilities(account(tx.connection, carrier)).hand_over
    except DomainError:
        return False


def _allowed(tx: Transaction, row: Row[Any], request: wire.CloseRequest) -> wire.CloseRequest:
    """What a supervisor must say, without it where they may not say it (any more) and the vehicle has left already."""
    if not (request.assume or request.waive_aside) or may(tx.connection, request.supervisor, SUPERVISES):
        return request
    what = f"expected a supervisor's badge to close with what was not scanned, found person {request.supervisor}"
    if request.closed_at is None:
        raise DomainError(Reason.NOT_SIGNED_IN, what)
    cause = f"load {row.id} left with no network, nothing is assumed on it and nothing set aside is settled: {what}"
    open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"supervisor:{row.id}")
    return replace(request, assume=False, waive_aside=False, assumed=0)


def _check_assumed(load: Load, request: wire.CloseRequest, wanted: int, ready: int) -> None:
    """The rest is what the person saw, and may still leave."""
    seen, rest = set(request.assumed_ids), {p.parcel_id for p in assumable(load)}
    if ready != wanted or (request.assume and seen and seen != rest):
        what = "expected the parcels that were on the screen, found that others are ready by now"
        raise DomainError(Reason.CHANGED, what, loaded=len(load.loaded), counted=request.loaded)


def _missing(load: Load, request: wire.CloseRequest, on: Collection[str]) -> list[DockParcel]:
    """What was ready and stays. What was packed after the vehicle had left, it did not leave behind."""
    left_at = request.closed_at
    return [
        p
        for p in load.missing
        if p.parcel_id not in on and (left_at is None or p.seen_at_dock or p.seen_at is None or p.seen_at <= left_at)
    ]


def _check_count(found: int, counted: int, state: str) -> None:
    if found != counted:
        what = f"expected the {counted} parcels that were counted, found {found}: {state}"
        raise DomainError(Reason.CHANGED, what, loaded=found, counted=counted)


def _count(tx: Transaction, row: Row[Any], request: wire.CloseRequest, scanned: int, assumed: int) -> None:
    """What the person saw is what is closed; a vehicle that has left is not called back, the difference is a task."""
    if request.closed_at is None:
        _check_count(scanned, request.loaded, f"load {row.id} is open")
        _check_count(assumed, request.assumed, f"would be assumed on load {row.id}")
    elif scanned != request.loaded or (not request.assumed_ids and assumed != request.assumed):
        cause = (
            f"load {row.id} was closed with no network: the dock counted {request.loaded} scanned and "
            f"{request.assumed} assumed, the server {scanned} and {assumed}"
        )
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, once_key=f"count:{row.id}")


def _ask(load: Load, request: wire.CloseRequest) -> None:
    asked = replace(load, set_aside=()) if request.waive_aside else load
    given = request.left_reason is not None
    questions = before_close(asked, reason_given=given, unreachable=request.unreachable, assume=request.assume)
    if questions:
        left = {"set_aside": len(load.set_aside), "left": len(load.missing)}
        raise DomainError(questions[0], _WORDS[questions[0]], **left)


def _left_unanswered(tx: Transaction, row: Row[Any], load: Load) -> None:
    """The dock could not be asked: what was set aside and what only the dock took is looked after."""
    on_vehicle = dock_log.taken_by_bench(tx.connection, row.id) - {p.parcel_id for p in load.loaded}
    aside = [p for p in load.parcels if p.parcel_id in {*load.set_aside, *on_vehicle} and not p.void]
    for parcel in aside:
        where = "is on the vehicle" if parcel.parcel_id in on_vehicle else "was set aside and nobody settled it"
        cause = f"load {row.id} left with no network: parcel {parcel.tracking} {where}, it is {parcel.state.value}"
        once = f"dock:{row.id}:{parcel.parcel_id}"
        if parcel.state is not ParcelState.CANCELLED:
            open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)


def _cannot_reach(tx: Transaction, row: Row[Any], request: wire.CloseRequest) -> None:
    """Cancelled, on the vehicle and too deep in it: stopped with the carrier before anything is paid back (CAN-04)."""
    # Read again behind the locks: a cancel may have come since the person saw the list.
    found = [each for each in load_marks.cancels(tx.connection, row.id) if each.answer != "pulled"]
    offline = request.closed_at is not None
    ids = {each.parcel_id for each in found if offline or each.parcel_id in request.unreachable}
    load_marks.answer(tx, row.id, ids, "unreachable", request.person_id)
    for each in found:
        if each.parcel_id in ids:
            gone = _why_not(each)
            cause = (
                f"order {each.order_number} {gone} and its parcel {each.tracking} left on load {row.id} "
                f"({each.position} of {each.of}): stop it at the carrier before anything is paid back"
            )
            about = {"order_id": each.order_id, "parcel_id": each.parcel_id}
            open_incident(tx, IncidentType.INTERCEPT, cause, once_key=f"intercept:{each.parcel_id}", **about)


def _why_not(gone: Row[Any]) -> str:
    """What happened to the order of a parcel that should have been pulled."""
    if gone.order_status == OrderStatus.CANCELLED:
        return "was cancelled"
    return "has another label by now" if gone.parcel_state == ParcelState.CANCELLED else "must not leave as it is"


def _whole(tx: Transaction, row: Row[Any], on: list[Row[Any]], request: wire.CloseRequest) -> list[Row[Any]]:
    """Those whose order is packed; one of which a box is open at a bench stays, and its units with it.

    Raise DomainError("changed") naming the parcel; from a vehicle that has left it is taken with an incident.
    """
    packed = (OrderStatus.PACKED, OrderStatus.SHIPPED)
    for parcel in on:
        if parcel.order_status in packed:
            continue
        cause = f"parcel {parcel.tracking} is on load {row.id} and its order {parcel.order_number} is not packed by now"
        if request.closed_at is None:
            raise DomainError(Reason.CHANGED, f"{cause}: take it off", loaded=len(on), counted=request.loaded)
        parcels.set_state(tx, parcel, ParcelState.READY, "its order is not packed", load=row.id)
        cause += ": it left with no network and is on no manifest"
        once = f"dock:{row.id}:{parcel.id}"
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.id, once_key=once)
    return [parcel for parcel in on if parcel.order_status in packed]


def _left_behind(tx: Transaction, row: Row[Any], missing: list[DockParcel], request: wire.CloseRequest) -> None:
    names = leaving.listed((p.tracking, p.order_number) for p in missing)
    name = name_of(tx.connection, row.carrier)
    why = request.left_reason.value.replace("_", " ") if request.left_reason else "nobody said why"
    said = f" ({why}{': ' + request.left_words.strip() if request.left_words.strip() else ''})"
    cause = f"load {row.id} of {name} left without {len(missing)} parcels that were ready{said}: {names}"
    open_incident(tx, IncidentType.LEFT_BEHIND, cause, once_key=f"left:{row.id}")
