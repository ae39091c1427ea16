"""The packed boxes of an order that waits at a bench for another label, also when it is cancelled meanwhile."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from server.db import orders, pack_log, parcels
from server.db import people as people_rows
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.packing.carrying import verified
from server.domain.packing.session import Session
from server.usecases.benchwork.judging import unpacked
from server.usecases.record.incidents import open_incident


def box_waits(tx: Transaction, order_id: int) -> bool:
    """Whether everything of this order lies in a box that waits for the next bench: none of it is on a shelf."""
    last = pack_log.newest(tx.connection, order_id)
    if last is None or not last.box_waits or not last.folded:
        return False
    done, wanted = verified(unpacked(last.folded))
    return done == wanted


def refuse_boxed(tx: Transaction, order: Row[Any], code: str) -> None:
    """Raise DomainError(code) where all units of this locked order lie in its box: none of them is free for others."""
    if box_waits(tx, order.id):
        how = "put it on, then unpack the box, or cancel the order"
        raise DomainError(code, f"order {order.number} is packed and waits for another label: {how}")


def waiting_box(connection: Connection, order: Row[Any]) -> Row[Any] | None:
    """The session whose box waits with its goods where the order is now; None when it begins with an empty one."""
    last = pack_log.newest(connection, order.id)
    if last is None or not last.box_waits:
        return None
    return last if people_rows.bench(connection, last.bench_id).site_id == order.site_id else None


def labels_on_boxes(tx: Transaction, before: Row[Any]) -> frozenset[str]:
    """Parcels whose label stays on its box when the boxes of the session ``before`` go on at a bench.

    Those that are ready or gone; and where the boxes wait, those that were labelled while others were not yet.
    """
    done = {ParcelState.READY, ParcelState.LOADED}
    stays = {*done, ParcelState.BOUGHT} if before.box_waits else done
    return frozenset(p.id for p in parcels.of_order(tx.connection, before.order_id) if p.state in stays)


def keep_labels(tx: Transaction, session: Session) -> None:
    """Labels that a fresh session has on its boxes are its own, unless they were told to be ready before."""
    kept = parcels.lock(tx, [box.parcel_id for box in session.sealed if box.labelled and box.parcel_id])
    for parcel in kept.values():
        if parcel.state == ParcelState.BOUGHT:
            parcels.change(tx, parcel.id, session_id=session.session_id)


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
