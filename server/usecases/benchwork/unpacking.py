"""A supervisor opens a box again: its label is to be voided, the order waits for a bench with its units (CNF-06)."""

from typing import Any

from sqlalchemy import Row

from server.db import orders, parcels
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork import packing
from server.usecases.record import incidents
from server.usecases.sales import recheck


def unpack(db: Database, actor: Actor, order_id: int, why: str) -> None:
    """Open the box of a packed order, or of one whose label was bought; it is packed again from its first unit.

    The only way in which a packed unit becomes another order's: nothing else takes it from the box. Raise
    DomainError("not_found" | "not_packed" | "invalid").
    """
    if not why.strip():
        raise DomainError("invalid", "expected why the box is opened, found nothing")
    with transaction(db, actor, "unpack") as tx:
        row = orders.lock(tx, order_id)
        labelled = labels(tx, row.id)
        if row.status not in (OrderStatus.PACKED, OrderStatus.PACKING) and not labelled:
            raise DomainError("not_packed", f"order {row.number} is {row.status}: there is no box to open")
        if row.status in (OrderStatus.SHIPPED, OrderStatus.CANCELLED):
            raise DomainError("not_packed", f"order {row.number} is {row.status}: there is no box to open")
        _open(tx, row, labelled, why)


def labels(tx: Transaction, order_id: int) -> list[Row[Any]]:
    """Parcels of an order whose label is bought, or may be at this moment, and is not cancelled."""
    return [p for p in parcels.of_order(tx.connection, order_id) if p.state != ParcelState.CANCELLED]


def _open(tx: Transaction, row: Row[Any], labelled: list[Row[Any]], why: str) -> None:
    words = f"the box was opened: {why[:100]}"
    packing.stop_sessions(tx, row.id, Reason.CHANGED, words, says="stop_opened", why=why[:100])
    for parcel in parcels.lock(tx, [p.id for p in labelled]).values():
        columns: dict[str, Any] = {"cancelled_at": tx.now, "void_wanted_at": tx.now, "void_reason": why[:120]}
        parcels.set_state(tx, parcel, ParcelState.CANCELLED, f"unpacked: {why[:100]}", **columns)
        if parcel.purchase == "bought":
            cause = f"order {row.number} was unpacked: void label {parcel.tracking} of parcel {parcel.id}"
            key, kind = f"void:{parcel.id}", IncidentType.ORDER_CHANGED
            incidents.open_incident(tx, kind, cause, order_id=row.id, parcel_id=parcel.id, once_key=key)
    if row.status in (OrderStatus.PACKED, OrderStatus.PACKING):
        orders.set_status(tx, row.id, OrderStatus.READY)
    elif row.status == OrderStatus.ON_HOLD and row.held_because == "address_changed":
        recheck.settled(tx, row)
    tx.note("order.unpacked", {"why": why[:255]}, order=row.id)
    for key in (f"changed:{row.id}", f"money:{row.id}"):
        incidents.close_by_key(tx, key, f"unpacked: {why[:100]}")
