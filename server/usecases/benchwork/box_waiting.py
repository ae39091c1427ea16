"""The packed box of an order that was cancelled while it waited at a bench for another label."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from server.db import orders, pack_log
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.incidents import IncidentType
from server.domain.packing.carrying import verified
from server.usecases.benchwork.judging import unpacked
from server.usecases.record.incidents import open_incident


def box_waits(tx: Transaction, order_id: int) -> bool:
    """Whether everything of this order lies in a box that waits for the next bench: none of it is on a shelf."""
    last = next(iter(pack_log.sessions(tx.connection, order_id)), None)
    if last is None or not last.box_waits or not last.folded:
        return False
    done, wanted = verified(unpacked(last.folded))
    return done == wanted


def fetch(tx: Transaction, order_id: int, labels: Iterable[Row[Any]]) -> None:
    """Somebody must put back what is in it; ``labels`` are all its parcels as they were before the cancel."""
    newest = {parcel.box_no: parcel for parcel in sorted(labels, key=lambda p: p.number) if parcel.session_id}
    order = orders.find(tx.connection, order_id)
    cause = f"order {order.number if order else order_id} was cancelled: its box waits at a bench"
    kind = IncidentType.CANCELLED_AFTER_PACKING
    for parcel in newest.values():
        if parcel.state == ParcelState.CANCELLED:
            what = f"{cause} with no label (its last was {parcel.tracking}, parcel {parcel.id}): put its goods back"
            about = {"order_id": order_id, "parcel_id": parcel.id}
            open_incident(tx, kind, what, once_key=f"cancelled:{parcel.id}", **about)
    if not newest:
        open_incident(tx, kind, f"{cause}: put its goods back", order_id=order_id, once_key=f"cancelled:{order_id}")
