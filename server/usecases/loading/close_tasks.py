"""What a load that closes leaves for people to do: parcels to stop on their way, to look for, to bring along."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import dock_log, load_marks, parcels
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockParcel, Load, ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.loading import leaving
from server.usecases.outward.cancel_notice import left_although_cancelled
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import name_of


def left_unanswered(tx: Transaction, row: Row[Any], load: Load) -> None:
    """The dock could not be asked: what was set aside and what only the dock took is looked after."""
    on_vehicle = dock_log.taken_by_bench(tx.connection, row.id) - {p.parcel_id for p in load.loaded}
    aside = [p for p in load.parcels if p.parcel_id in {*load.set_aside, *on_vehicle} and not p.void]
    for parcel in aside:
        where = "is on the vehicle" if parcel.parcel_id in on_vehicle else "was set aside and nobody settled it"
        cause = f"load {row.id} left with no network: parcel {parcel.tracking} {where}, it is {parcel.state.value}"
        once = f"dock:{row.id}:{parcel.parcel_id}"
        if parcel.state is not ParcelState.CANCELLED:
            open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)


def cannot_reach(tx: Transaction, row: Row[Any], request: wire.CloseRequest) -> None:
    """Cancelled, on the vehicle and too deep in it: stopped with the carrier before anything is paid back (CAN-04)."""
    # Read again behind the locks: a cancel may have come since the person saw the list.
    found = [each for each in load_marks.cancels(tx.connection, row.id) if each.answer != "pulled"]
    offline = request.closed_at is not None
    ids = {each.parcel_id for each in found if offline or each.parcel_id in request.unreachable}
    _stop_on_its_way(tx, row, [each for each in found if each.parcel_id in ids], request.person_id)


def went_along(tx: Transaction, row: Row[Any], parcel_id: str, person_id: int) -> None:
    """A dock without news took this cancelled one on a load that has left: as if it had been too deep in it."""
    found = [each for each in load_marks.cancels(tx.connection, row.id) if each.parcel_id == parcel_id]
    _stop_on_its_way(tx, row, found, person_id)


def _stop_on_its_way(tx: Transaction, row: Row[Any], found: Sequence[Row[Any]], person_id: int) -> None:
    load_marks.answer(tx, row.id, {each.parcel_id for each in found}, "unreachable", person_id)
    for each in found:
        cause = (
            f"order {each.order_number} {_why_not(each)} and its parcel {each.tracking} left on load {row.id} "
            f"({each.position} of {each.of}): stop it at the carrier before anything is paid back"
        )
        if each.order_status == OrderStatus.CANCELLED:
            cause += f"; {left_although_cancelled(tx, each.order_id)}"
        about = {"order_id": each.order_id, "parcel_id": each.parcel_id}
        open_incident(tx, IncidentType.INTERCEPT, cause, once_key=f"intercept:{each.parcel_id}", **about)


def _why_not(gone: Row[Any]) -> str:
    """What happened to the order of a parcel that should have been pulled."""
    if gone.order_status == OrderStatus.CANCELLED:
        return "was cancelled"
    return "has another label by now" if gone.parcel_state == ParcelState.CANCELLED else "must not leave as it is"


def whole(tx: Transaction, row: Row[Any], on: list[Row[Any]], request: wire.CloseRequest) -> list[Row[Any]]:
    """Those whose order is packed; one of which a box is open at a bench stays, and its units with it.

    Raise DomainError("changed") naming the parcel; from a vehicle that has left it is taken with an incident.
    """
    packed = (OrderStatus.PACKED, OrderStatus.SHIPPED)
    for parcel in on:
        if parcel.order_status in packed:
            continue
        cause = f"parcel {parcel.tracking} is on load {row.id} and its order {parcel.order_number} is not packed by now"
        if request.closed_at is None:
            said = {"says": "load_not_packed", "tracking": parcel.tracking, "order": parcel.order_number}
            raise DomainError(Reason.CHANGED, f"{cause}: take it off", loaded=len(on), counted=request.loaded, **said)
        parcels.set_state(tx, parcel, ParcelState.READY, "its order is not packed", load=row.id)
        cause += ": it left with no network and is on no manifest"
        once = f"dock:{row.id}:{parcel.id}"
        open_incident(tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.id, once_key=once)
    return [parcel for parcel in on if parcel.order_status in packed]


def left_behind(tx: Transaction, row: Row[Any], missing: list[DockParcel], request: wire.CloseRequest) -> None:
    names = leaving.listed((p.tracking, p.order_number) for p in missing)
    name = name_of(tx.connection, row.carrier)
    why = request.left_reason.value.replace("_", " ") if request.left_reason else "nobody said why"
    said = f" ({why}{': ' + request.left_words.strip() if request.left_words.strip() else ''})"
    cause = f"load {row.id} of {name} left without {len(missing)} parcels that were ready{said}: {names}"
    open_incident(tx, IncidentType.LEFT_BEHIND, cause, once_key=f"left:{row.id}")
