"""Another label for the same box: the old one is void, its number refused everywhere, the box is labelled anew.

The box goes back to a bench with everything that was verified in it: whoever opens its order there gets a new label at
once, and scans it on the box. A damaged label is no case for this: REPRINT gives the same one again.
"""

from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import labels, orders, pack_log, parcels, people
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.dock.barcodes import readings
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.packing import stop_sessions
from server.usecases.benchwork.refusing import check_money
from server.usecases.benchwork.taking_over import SUPERVISES
from server.usecases.benchwork.unpacking import labels as live_labels
from server.usecases.record.incidents import close_by_key, is_open, open_incident
from server.usecases.sales import recheck
from server.usecases.shipping import checking, voiding
from server.usecases.shipping.bought import failed_key, relabel_key
from server.usecases.staff.people import at_bench

_GETS_ANOTHER = "gets another label"


def relabel(db: Database, actor: Actor, parcel: str, why: str) -> str:
    """The label of this parcel (id or tracking number) is void from now; return its order's number.

    After a change of address the order's other labels are void too: they have the old address. A box that has not left
    gets another label also when others of its order have. Raise DomainError("not_found" | "invalid"), "cancelled" for a
    parcel whose label is void already and whose purchase nobody was asked to find out about, "on_hold" while the
    order's money or a suspicion of fraud keeps its boxes back, "already_shipped", with an incident, for one that has
    left.
    """
    if not why.strip():
        raise DomainError("invalid", "expected why it gets another label, found nothing")
    refused = again(lambda: _relabel(db, actor, parcel, why.strip()))
    if isinstance(refused, DomainError):
        raise refused
    return refused


def relabel_at_bench(
    db: Database, actor: Actor, bench_id: int, code: str, request: wire.RelabelRequest
) -> wire.RelabelAnswer:
    """As ``relabel``, by a supervisor's badge at a bench of the parcel's site; ``code``: what its label reads.

    Raise also DomainError("not_signed_in") unless a supervisor asks.
    """
    who = at_bench(db, actor, request.supervisor, SUPERVISES)
    with db.read() as connection:
        site_id = people.bench(connection, bench_id).site_id
        found = (parcels.known_to(connection, reading) for reading in readings(code.strip().upper()))
        parcel = next((row for row in found if row is not None and row.site_id == site_id), None)
        if parcel is None:
            what = f"there is no parcel with the number {code[:40]!r} at this site"
            raise DomainError("not_found", what, says="no_order")
        if _waits_for_another(connection, parcel):
            return wire.RelabelAnswer(number=str(orders.number(connection, parcel.order_id)))
    return wire.RelabelAnswer(number=relabel(db, who, parcel.id, request.why))


def void_label(db: Database, actor: Actor, parcel: str, why: str) -> str:
    """Void this label; a void that was refused is asked for once more. What happens to its box is as in ``relabel``.

    Of a cancelled parcel whose purchase is in doubt it says that somebody looked and voided what was there.
    """
    with transaction(db, actor, "void_again") as tx:
        row = _found(tx, parcel)
        if row.state == ParcelState.CANCELLED:
            if not checking.found_out(tx, row, why):
                voiding.ask_again(tx, row)
            return str(orders.number(tx.connection, row.order_id))
    return relabel(db, actor, parcel, why)


def _relabel(db: Database, actor: Actor, code: str, why: str) -> str | DomainError:
    with transaction(db, actor, "relabel") as tx:
        seen = _found(tx, code)
        order = orders.lock(tx, seen.order_id)
        parcel = parcels.lock(tx, [p.id for p in parcels.of_order(tx.connection, order.id)])[seen.id]
        shipped = order.status == OrderStatus.SHIPPED
        # What somebody else's warehouse shipped was on no load of ours.
        if labels.has_left(tx.connection, parcel.id) or (shipped and parcel.session_id is None):
            voiding.left_already(tx, parcel, f"its label must not be used: {why[:100]}")
            what = f"order {order.number} has left: its carrier must stop parcel {seen.id}"
            return DomainError("already_shipped", what, says="relabel_left", order=order.number, parcel=seen.id)
        if parcel.state == ParcelState.CANCELLED and checking.found_out(tx, parcel, why):
            return str(order.number)
        if parcel.state == ParcelState.CANCELLED:
            what = f"label {parcel.tracking} of parcel {parcel.id} is void already"
            raise DomainError(Reason.CANCELLED, what, says="label_void", parcel=parcel.id)
        check_money(order)
        moved = is_open(tx.connection, f"changed:{order.id}")
        live = [p for p in live_labels(tx, order.id) if not labels.has_left(tx.connection, p.id)]
        _take_off(tx, order, [p.id for p in live] if moved else [parcel.id], why)
        if not shipped:
            _wait_for_it(tx, [p.id for p in live])
        _send_back(tx, order)
        close_by_key(tx, f"changed:{order.id}", f"labelled again: {why[:100]}")
        return str(order.number)


def _found(tx: Transaction, code: str) -> Row[Any]:
    parcel = parcels.find(tx.connection, code.strip().upper()) or parcels.known_to(tx.connection, code)
    if parcel is None or parcel.purchase == "allotted":
        raise DomainError("not_found", f"there is no parcel with the number {code[:40]!r}", says="no_order")
    return parcel


def _waits_for_another(connection: Connection, parcel: Row[Any]) -> bool:
    """Whether this was asked for before, and its box has no other label yet: the answer to that may be lost."""
    wanted = parcel.state == ParcelState.CANCELLED and (parcel.void_reason or "").startswith(_GETS_ANOTHER)
    return wanted and is_open(connection, relabel_key(parcel.order_id))


def _take_off(tx: Transaction, order: Row[Any], ids: list[str], why: str) -> None:
    on_truck = []
    for parcel in parcels.lock(tx, ids).values():
        if parcel.state == ParcelState.LOADED:
            on_truck.append(parcel.id)
        parcels.set_state(tx, parcel, ParcelState.CANCELLED, f"another label: {why[:100]}", cancelled_at=tx.now)
        parcels.change(tx, parcel.id, void_wanted_at=tx.now, void_reason=f"{_GETS_ANOTHER}: {why}"[:120])
        close_by_key(tx, failed_key(parcel.id), "it gets another label")
        checking.found_out(tx, parcel, f"it gets another label: {why}")
    first = f"take {', '.join(on_truck)} off the truck, " if on_truck else ""
    cause = f"order {order.number} gets another label ({why[:100]}): {first}open it at a bench and put the new label on"
    open_incident(tx, IncidentType.RELABEL, cause, order_id=order.id, once_key=relabel_key(order.id))
    tx.note("order.relabel", {"parcels": sorted(ids), "why": why[:255]}, order=order.id)


def _wait_for_it(tx: Transaction, ids: list[str]) -> None:
    """An order leaves with all of its boxes: those on a vehicle come off until it is packed again."""
    for parcel in parcels.lock(tx, ids).values():
        if parcel.state == ParcelState.LOADED:
            parcels.set_state(tx, parcel, ParcelState.READY, "another box gets another label", pull=True)


def _send_back(tx: Transaction, order: Row[Any]) -> None:
    """The order waits for a bench; its box goes on there with what was verified."""
    why = "it gets another label: open it again, its box goes on"
    stop_sessions(tx, order.id, Reason.CHANGED, why, says="stop_relabel")
    # The newest session knows all of its boxes; the parcel's own may be an older one.
    last = pack_log.newest(tx.connection, order.id)
    if last is not None:
        pack_log.change_session(tx, last.id, box_waits=True)
    if order.status == OrderStatus.ON_HOLD and order.held_because == "address_changed":
        recheck.settled(tx, order)
    elif order.status in (OrderStatus.PACKED, OrderStatus.PACKING):
        orders.set_status(tx, order.id, OrderStatus.READY)
