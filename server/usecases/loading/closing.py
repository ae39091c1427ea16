"""Closing a load: the manifest is frozen, stock falls, channels are told, and what stayed behind is somebody's task."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Row

from printing import pdf
from printing.documents import LoadManifest
from server import carriers, wire
from server.db import dock_log, load_closes, load_marks, loads, orders, parcels
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
from server.usecases.booking import stock
from server.usecases.loading import manifests
from server.usecases.loading.answers import answer
from server.usecases.loading.picture import checked, load_picture
from server.usecases.outward import telling_when
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import account, name_of
from server.usecases.staff.people import LOADS, at_bench, may, named

NAMED_MAX = 40
"""So many parcels are named in an incident; the manifest names all."""
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
    if not trusted:
        _check_supervisor(tx, request)
    load = load_picture(tx.connection, row, tx.now)
    rest = assumable(load) if request.assume else ()
    on = _locked(tx, row.id, rest)
    _count(tx, row, request, len(on), len(rest))
    if request.closed_at is None:
        _ask(load, request)
    else:
        _left_unanswered(tx, row, load)
    _assume(tx, row, rest, bench_id, request)
    on = [p for p in loads.parcels_on(tx.connection, [row.id]) if p.state == ParcelState.LOADED]
    missing = [p for p in load.missing if p.parcel_id not in {q.id for q in on}]
    _cannot_reach(tx, row, request)
    manifest = manifests.made(tx, row, bench_id, manifests.What(on, missing, request))
    reason = request.left_reason.value if request.left_reason and missing else ""
    words = {"left_reason": reason, "left_words": request.left_words.strip() if missing else ""}
    known = request.cancels_known_at if request.closed_at is not None else None
    frozen = msgspec.to_builtins(manifest)
    loads.close(tx, row.id, request.person_id, manifest=frozen, cancels_known_at=known, **words)
    detail = {"loaded": len(on), "assumed": len(rest), "left_behind": len(missing), "reason": reason}
    tx.note("load.closed", detail, load=row.id, bench=bench_id)
    _hand_over(tx, on)
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


def _check_supervisor(tx: Transaction, request: wire.CloseRequest) -> None:
    if (request.assume or request.waive_aside) and not may(tx.connection, request.supervisor, SUPERVISES):
        what = f"expected a supervisor's badge to close with what was not scanned, found person {request.supervisor}"
        raise DomainError(Reason.NOT_SIGNED_IN, what)


def _check_count(found: int, counted: int, state: str) -> None:
    if found != counted:
        what = f"expected the {counted} parcels that were counted, found {found}: {state}"
        raise DomainError(Reason.CHANGED, what, loaded=found, counted=counted)


def _count(tx: Transaction, row: Row[Any], request: wire.CloseRequest, scanned: int, assumed: int) -> None:
    """What the person saw is what is closed; a vehicle that has left is not called back, the difference is a task."""
    if request.closed_at is None:
        _check_count(scanned, request.loaded, f"load {row.id} is open")
        _check_count(assumed, request.assumed, f"would be assumed on load {row.id}")
    elif (scanned, assumed) != (request.loaded, request.assumed):
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


def _locked(tx: Transaction, load_id: str, rest: tuple[DockParcel, ...]) -> list[Row[Any]]:
    """What is on the load, read behind the locks of its orders and parcels: a cancel may be taking one off."""
    more = loads.parcels_with(tx.connection, _site(tx, load_id), [p.parcel_id for p in rest]) if rest else ()
    seen = [*loads.parcels_on(tx.connection, [load_id]), *more]
    for order_id in sorted({p.order_id for p in seen}):
        orders.lock(tx, order_id)
    parcels.lock(tx, [p.id for p in seen])
    return [p for p in loads.parcels_on(tx.connection, [load_id]) if p.state == ParcelState.LOADED]


def _site(tx: Transaction, load_id: str) -> int:
    row = loads.find(tx.connection, load_id)
    return int(row.site_id) if row is not None else 0


def _assume(
    tx: Transaction, row: Row[Any], rest: tuple[DockParcel, ...], bench_id: int, request: wire.CloseRequest
) -> None:
    locked = parcels.lock(tx, [p.parcel_id for p in rest])
    for parcel in rest:
        found = locked[parcel.parcel_id]
        if found.state != ParcelState.READY:
            raise DomainError(Reason.CHANGED, f"parcel {parcel.tracking} is {found.state} by now", loaded=0)
        by = request.supervisor
        loads.put_on(tx, found.id, row.id, person_id=by, bench_id=bench_id, assumed=True)
        parcels.set_state(tx, found, ParcelState.LOADED, "assumed", load=row.id)
    if request.waive_aside:
        aside = load_marks.marked(tx.connection, row.id)[load_marks.ASIDE]
        kinds = (load_marks.ASIDE,)
        load_marks.settle(tx, aside, kinds, person_id=request.supervisor, how="supervisor", load_id=row.id)
        tx.note("load.aside_waived", {"parcels": list(aside)}, load=row.id, person=request.supervisor)


def _cannot_reach(tx: Transaction, row: Row[Any], request: wire.CloseRequest) -> None:
    """Cancelled, on the vehicle and too deep in it: stopped with the carrier before anything is paid back (CAN-04)."""
    # Read again behind the locks: a cancel may have come since the person saw the list.
    found = [each for each in load_marks.cancels(tx.connection, row.id) if each.answer != "pulled"]
    offline = request.closed_at is not None
    ids = {each.parcel_id for each in found if offline or each.parcel_id in request.unreachable}
    load_marks.answer(tx, row.id, ids, "unreachable", request.person_id)
    for each in found:
        if each.parcel_id in ids:
            gone = "was cancelled" if each.order_status == OrderStatus.CANCELLED else "has another label by now"
            cause = (
                f"order {each.order_number} {gone} and its parcel {each.tracking} left on load {row.id} "
                f"({each.position} of {each.of}): stop it at the carrier before anything is paid back"
            )
            about = {"order_id": each.order_id, "parcel_id": each.parcel_id}
            open_incident(tx, IncidentType.INTERCEPT, cause, once_key=f"intercept:{each.parcel_id}", **about)


def _hand_over(tx: Transaction, on: list[Row[Any]]) -> None:
    """The first box of an order that leaves takes the whole order's units out of the book: it is promised away.

    What is on the manifest is what is told, in one transaction: the three sets are equal by construction, for every
    channel that is told at the manifest.
    """
    order_ids = [n for n in sorted({p.order_id for p in on}) if _status(tx, n) != OrderStatus.SHIPPED]
    for order_id in order_ids:
        orders.set_status(tx, order_id, OrderStatus.SHIPPED)
    stock.ship_orders(tx, order_ids)
    for parcel in on:
        telling_when.handed_over(tx, parcel)


def _status(tx: Transaction, order_id: int) -> str:
    return str(orders.lock(tx, order_id).status)


def _left_behind(tx: Transaction, row: Row[Any], missing: list[DockParcel], request: wire.CloseRequest) -> None:
    names = ", ".join(f"{p.tracking} (order {p.order_number})" for p in missing[:NAMED_MAX])
    more = f" and {len(missing) - NAMED_MAX} more" if len(missing) > NAMED_MAX else ""
    name = name_of(tx.connection, row.carrier)
    why = request.left_reason.value.replace("_", " ") if request.left_reason else "nobody said why"
    said = f" ({why}{': ' + request.left_words.strip() if request.left_words.strip() else ''})"
    cause = f"load {row.id} of {name} left without {len(missing)} parcels that were ready{said}: {names}{more}"
    open_incident(tx, IncidentType.LEFT_BEHIND, cause, once_key=f"left:{row.id}")
