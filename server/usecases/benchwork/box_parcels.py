"""The one parcel of a box that is about to get its label, with the facts that its carrier is told."""

from typing import Any

from sqlalchemy import Connection, Row

from server.db import labels as rows
from server.db import parcels
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.packing import boxes
from server.domain.packing.session import Session
from server.usecases.benchwork import allotting
from server.usecases.benchwork.boxing import units_of
from server.usecases.benchwork.drawing import weight_of
from server.usecases.benchwork.judging import unpacked
from server.usecases.record.incidents import close_by_key
from server.usecases.shipping.bought import failed_key


def parcel_of(tx: Transaction, order: Row[Any], session: Row[Any]) -> Row[Any]:
    """The parcel of the box on the table, made where it has none; the order's and the session's locks are held."""
    verified = unpacked(session.folded)
    number = boxes.box_number(verified)
    facts = _facts(tx.connection, order, verified, number)
    found = _found(tx, order, session, number, facts)
    parcel = _as_it_is_now(tx, order, found, facts) if found is not None else None
    if parcel is not None:
        return parcel
    own_facts = {"session_id": session.id, "box_no": number, **facts}
    beforehand = allotting.beforehand_of(tx, order, session) if number == 1 else None
    if beforehand is not None:
        # The bench may be printing it already: asking with its key gives the number that was allotted.
        parcel = parcels.change(tx, beforehand.id, purchase="intent", state=ParcelState.BOUGHT.value, **own_facts)
    else:
        way = {"site_id": order.site_id, "carrier": order.carrier, "service": order.service}
        parcel = parcels.insert_intent(tx, order_id=order.id, **way, **own_facts)
    tx.note("label.intent", {"carrier": parcel.carrier, "session": session.id}, parcel=parcel.id, order=order.id)
    return parcel


def _facts(connection: Connection, order: Row[Any], verified: Session, number: int) -> dict[str, Any]:
    """What the carrier is told of this box, as columns of its parcel."""
    box = boxes.all_boxes(verified)[number - 1]
    contents = dict(units_of(verified, box)) if verified.sealed else None
    grams = box.weight_grams or weight_of(connection, order.id, box.box_type, contents)
    return {"contents": contents, "weight_grams": grams, "box_type": box.box_type}


def _found(tx: Transaction, order: Row[Any], session: Row[Any], number: int, facts: dict[str, Any]) -> Row[Any] | None:
    """The parcel that this box has already, locked; None where its label was never asked for."""
    own = next((p for p in parcels.all_of_session(tx.connection, session.id) if p.box_no == number), None)
    if own is not None:
        return parcels.lock(tx, [own.id])[own.id]
    # A label bought before the order was taken from another bench is this box's label now.
    others = (p for p in parcels.of_order(tx.connection, order.id) if p.session_id != session.id)
    earlier = [p for p in others if p.state != ParcelState.CANCELLED and p.box_no == number]
    if not earlier:
        return None
    tx.note("label.kept", {"session": session.id}, parcel=earlier[0].id, order=order.id)
    return parcels.change(tx, earlier[0].id, session_id=session.id, box_no=number, contents=facts["contents"])


def _as_it_is_now(tx: Transaction, order: Row[Any], parcel: Row[Any], facts: dict[str, Any]) -> Row[Any] | None:
    """A parcel whose purchase failed, with the weight, box and service of this moment; None where it is given up.

    While a label may be bought for all we know, and where a bench has its number, the same is asked for again. Another
    carrier gets another parcel: the first one's is still looked up there, so that what turns up late is voided.
    """
    begun = rows.intent(tx.connection, parcel.id)
    in_doubt = begun is not None and begun.unsure_since is not None
    if parcel.purchase == "bought" or parcel.tracking is not None or in_doubt:
        return parcel
    if parcel.carrier == order.carrier:
        return parcels.change(tx, parcel.id, service=order.service, **facts)
    why = f"its order goes with {order.carrier} now"
    parcels.set_state(tx, parcel, ParcelState.CANCELLED, why, cancelled_at=tx.now)
    parcels.change(tx, parcel.id, session_id=None, void_reason=why)
    close_by_key(tx, failed_key(parcel.id), why)
    return None
