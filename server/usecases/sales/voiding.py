"""A label that was bought for a parcel which will not be: there are never two live labels for one order (RTE-21)."""

from server.db import parcels
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.usecases.benchwork.packing import open_void


def void_labels(tx: Transaction, order_id: int, why: str) -> tuple[str, ...]:
    """Every parcel of the order is void: nobody loads it, nobody prints it again. Return their ids.

    ``why`` ends the sentence "order 1043 ..." and holds no personal data. A bought label is marked to be voided at the
    carrier, with an incident; one whose purchase is on its way is marked when the answer comes. The caller holds the
    order's lock and has stopped its sessions.
    """
    live = [p.id for p in parcels.of_order(tx.connection, order_id) if p.state != ParcelState.CANCELLED]
    for parcel in parcels.lock(tx, live).values():
        parcels.set_state(tx, parcel, ParcelState.CANCELLED, why, cancelled_at=tx.now)
        parcels.change(tx, parcel.id, void_wanted_at=tx.now, void_reason=why[:120])
        if parcel.purchase == "bought":
            open_void(tx, parcel, why)
    return tuple(live)
