"""Verify only: the tracking code that was scanned becomes the parcel's; nothing is bought (FLR-09)."""

from typing import Any

from sqlalchemy import Row

from server.db import pack_log, parcels
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.incidents import IncidentType
from server.domain.packing import boxes
from server.domain.packing.order import Mode
from server.domain.packing.session import Phase, Session
from server.usecases.benchwork.boxing import units_of
from server.usecases.record.incidents import open_incident


def adopt_label(tx: Transaction, order: Row[Any], session: Row[Any], box: Session) -> None:
    """Make the parcels of an order whose every box another tool's label closed.

    A label that is another parcel's already stops the session: one of the two boxes has the wrong one.
    """
    if box.order.mode is not Mode.VERIFY_ONLY or box.phase is not Phase.CLOSED or not box.tracking:
        return
    if parcels.of_session(tx.connection, session.id) is not None:
        return
    there = boxes.all_boxes(box)
    known = (parcels.with_label(tx.connection, each.tracking) for each in there if each.tracking)
    other = next((parcel for parcel in known if parcel is not None), None)
    if other is not None:
        cause = f"label {other.tracking} of parcel {other.id} was scanned on the box of order {order.number} too"
        kind, once = IncidentType.LABEL_SWAP, f"outside:{session.id}"
        open_incident(tx, kind, cause, order_id=order.id, parcel_id=other.id, once_key=once)
        why, says = f"{cause}; a supervisor must look", {"tracking": other.tracking, "parcel": other.id}
        pack_log.stop_session(tx, session, Reason.STOPPED.value, why, says="stop_label_twice", **says)
        return
    for number, each in enumerate(there, 1):
        parcel = parcels.insert_intent(
            tx,
            order_id=order.id,
            session_id=session.id,
            box_no=number,
            contents=dict(units_of(box, each)) if box.sealed else None,
            site_id=order.site_id,
            carrier=order.carrier,
            service=order.service,
            weight_grams=each.weight_grams,
        )
        parcels.change(tx, parcel.id, tracking=each.tracking, purchase="bought", bought_at=tx.now)
        detail = {"tracking": each.tracking, "carrier": parcel.carrier, "session": session.id}
        tx.note("label.adopted", detail, parcel=parcel.id, order=order.id)
