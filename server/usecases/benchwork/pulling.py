"""A box was packed after its order went elsewhere: somebody pulls it, and until then no dock takes its label."""

from typing import Any

from sqlalchemy import Row

from server.db import parcels
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.incidents import IncidentType
from server.domain.packing.session import Phase, Session
from server.domain.sales.orders import OrderStatus
from server.usecases.record.incidents import name_parcel, open_incident

_STANDS = (Phase.STEPS, Phase.CHECKED, Phase.LABEL, Phase.PARKED, Phase.CLOSED)
"""Where a box is no longer in anybody's hands: its packer may never hear of the stop."""
_WHY = {
    Reason.CANCELLED: "was cancelled",
    Reason.CHANGED: "was changed",
    Reason.ON_HOLD: "is on hold",
    Reason.TAKEN_OVER: "went to another bench",
}
_MOVABLE = (ParcelState.BOUGHT, ParcelState.READY, ParcelState.LOADED)


def packed_after_stop(tx: Transaction, order: Row[Any], session: Row[Any], box: Session) -> None:
    """Events came for a session that was stopped before: where they leave a box standing, it must be pulled."""
    if session.stop and box.phase in _STANDS and any(box.counts):
        pull(tx, order, session, box)


def pull(tx: Transaction, order: Row[Any], session: Row[Any], box: Session | None = None) -> None:
    """Open the task, once for each session, and block the parcel whose label is on the box.

    The order's lock is held. A parcel that is cancelled stays so: the dock refuses it anyway.
    """
    bench = people_rows.bench(tx.connection, session.bench_id)
    why = _WHY.get(Reason(session.stop), "was stopped")
    if order.status in (OrderStatus.PACKED, OrderStatus.SHIPPED):
        why = "was packed at another bench"
    label = _on_box(tx, box) if box is not None else None
    paper = f", destroy its label {label.tracking}" if label is not None else ""
    cause = f"order {order.number} {why} while {bench.name} was away: pull its box{paper} and put its goods back"
    if label is not None and label.state in _MOVABLE:
        parcels.set_state(tx, label, ParcelState.BLOCKED, f"packed at {bench.name} after the order {why}")
    ref = label.id if label is not None else None
    once = f"pull:{session.id}"
    made = open_incident(tx, IncidentType.PULL_PARCEL, cause, order_id=order.id, parcel_id=ref, once_key=once)
    if made is None and ref is not None:
        name_parcel(tx, once, cause, ref)


def _on_box(tx: Transaction, box: Session) -> Row[Any] | None:
    """The parcel whose label was bought for this box, locked."""
    found = parcels.by_code(tx.connection, box.tracking) if box.tracking else None
    return parcels.lock(tx, [found.id]).get(found.id) if found is not None else None
