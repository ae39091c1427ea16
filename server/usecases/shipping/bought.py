"""Writing down what a carrier sold: once beside its parcel; a second label of one parcel is kept to be voided."""

from typing import Any

from sqlalchemy import Row

from server.db import labels, parcels
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.trade.shipping import Purchased
from server.usecases.benchwork.packing import open_void
from server.usecases.record.incidents import close_by_key
from server.usecases.shipping import purchasing


def write_down(tx: Transaction, parcel_id: str, purchased: Purchased, bench_id: int | None = None) -> Row[Any]:
    """Keep the purchase, also when the order went meanwhile: it must be known to be voided. The parcel as it is now.

    Whoever brings an answer calls this, in any order and however often: the bench that asked, one that asked again,
    or the job that looked it up. A number that is not the parcel's own is a second purchase, which a provider that
    knows no keys can make of one answer that was lost: it is voided and listed.
    """
    parcel = parcels.lock(tx, [parcel_id])[parcel_id]
    if parcel.purchase == "bought":
        if purchased.tracking != parcel.tracking:
            _keep_second(tx, parcel, purchased)
        return parcel
    columns = {"tracking": purchased.tracking, "service": purchased.service, "bought_at": tx.now}
    parcel = parcels.change(tx, parcel_id, purchase="bought", **columns)
    purchasing.keep(tx, parcel, purchased)
    labels.end(tx, parcel_id)
    tx.note("label.bought", _detail(parcel, purchased), parcel=parcel_id, order=parcel.order_id, bench=bench_id)
    for key, how in ((failed_key(parcel_id), "the label was bought"), (unknown_key(parcel_id), "it was bought")):
        close_by_key(tx, key, how)
    if parcel.state == ParcelState.CANCELLED:
        labels.want_void(tx, parcel_id)
        open_void(tx, parcel, parcel.void_reason or "was cancelled")
    else:
        close_by_key(tx, relabel_key(parcel.order_id), f"label {parcel.tracking} was bought for it")
    return parcel


def failed_key(parcel_id: str) -> str:
    """Of the incident of a label that a carrier does not give."""
    return f"label:{parcel_id}"


def unknown_key(parcel_id: str) -> str:
    """Of the incident of a purchase of which nobody knows whether it happened."""
    return f"unknown_label:{parcel_id}"


def relabel_key(order_id: int) -> str:
    """Of the incident of an order whose box waits for another label."""
    return f"relabel:{order_id}"


def _keep_second(tx: Transaction, parcel: Row[Any], purchased: Purchased) -> None:
    if parcels.by_code(tx.connection, purchased.tracking) is not None:
        return
    why = f"a second label was bought for parcel {parcel.id}"
    way = {"site_id": parcel.site_id, "carrier": parcel.carrier, "service": purchased.service}
    second = parcels.insert_intent(tx, order_id=parcel.order_id, box_no=parcel.box_no, **way)
    void = {"state": ParcelState.CANCELLED.value, "cancelled_at": tx.now, "void_wanted_at": tx.now, "void_reason": why}
    kept = {"tracking": purchased.tracking, "purchase": "bought", "bought_at": tx.now}
    second = parcels.change(tx, second.id, **kept, **void)
    purchasing.keep(tx, second, purchased)
    labels.want_void(tx, second.id)
    tx.note("label.second", _detail(parcel, purchased) | {"of": parcel.id}, parcel=second.id, order=parcel.order_id)


def _detail(parcel: Row[Any], purchased: Purchased) -> dict[str, Any]:
    cost = f"{purchased.cost} {purchased.currency}"
    return {"tracking": purchased.tracking, "carrier": parcel.carrier, "cost": cost}
