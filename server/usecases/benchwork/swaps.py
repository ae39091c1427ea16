"""A label scanned on another's box stops both parcels."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.db import labels, parcels
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.incidents import IncidentType
from server.usecases.record.incidents import open_incident

_MOVABLE = (ParcelState.BOUGHT, ParcelState.READY, ParcelState.LOADED)


@dataclass(frozen=True, slots=True)
class Locked:
    """The parcel of a session, and the others whose labels were scanned on its box, by scanned code."""

    own: Row[Any] | None
    others: dict[str, Row[Any]]


def lock_with_others(tx: Transaction, session_id: str, codes: list[str], tracking: str | None = None) -> Locked:
    """Lock them all in one order, so that two benches holding each other's label cannot wait for each other.

    ``tracking`` is the label of the box at hand; without one it is the first box.
    """
    boxes = parcels.all_of_session(tx.connection, session_id)
    own = next((p for p in boxes if p.tracking == tracking), next(iter(boxes), None))
    found = {code: parcels.with_label(tx.connection, code) for code in codes}
    ids = [row.id for row in (*boxes, *found.values()) if row is not None]
    locked = parcels.lock(tx, ids)
    others = {code: locked[row.id] for code, row in found.items() if row is not None and row.id in locked}
    return Locked(locked.get(own.id) if own is not None else None, others)


def block_both(tx: Transaction, order: Row[Any], locked: Locked, codes: list[str]) -> Row[Any] | None:
    """Block this parcel and each other one found; return this parcel as it is now. Codes of strangers only latch."""
    own = locked.own
    for code in dict.fromkeys(codes):
        other = locked.others.get(code)
        if own is None or other is None or other.id == own.id:
            continue
        if other.state == ParcelState.CANCELLED and other.order_id == own.order_id:
            continue  # Its own old label: the bench has stopped, and both boxes are the same one.
        why = f"label {other.tracking} was scanned on the box of order {order.number}"
        if own.state in _MOVABLE:
            own = parcels.set_state(tx, own, ParcelState.BLOCKED, why)
        left = labels.has_left(tx.connection, other.id)
        if other.state in _MOVABLE and not left:
            parcels.set_state(tx, other, ParcelState.BLOCKED, why)
        cause = f"{why}, whose own label is {own.tracking}" + ("; that parcel has left already" if left else "")
        once = f"swap:{own.id}:{other.id}"
        kind = IncidentType.LABEL_SWAP
        open_incident(tx, kind, cause, order_id=order.id, parcel_id=other.id, once_key=once)
    return own
