"""Writing down what a carrier sold: once beside its parcel; a second label of one parcel is kept to be voided."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from server.db import labels, parcels, rates
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.incidents import IncidentType
from server.domain.rates.drift import Paid
from server.trade.shipping import Purchased
from server.usecases.benchwork.packing import open_void
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import name_of


def write_down(tx: Transaction, parcel_id: str, purchased: Purchased, bench_id: int | None = None) -> Row[Any]:
    """Keep the purchase, also when the order went meanwhile: it must be known to be voided. The parcel as it is now.

    Whoever brings an answer calls this, in any order and however often: the bench that asked, one that asked again,
    or the job that looked it up. A number that is not the parcel's own is a second purchase, which a provider that
    knows no keys can make of one answer that was lost: it is voided and listed. A number that another parcel has
    already is written down nowhere: it is a person's matter, and a parcel without a label stays without.
    """
    parcel = parcels.lock(tx, [parcel_id])[parcel_id]
    taken = labels.number_of(tx.connection, purchased.tracking, but=parcel_id)
    if taken is not None and purchased.tracking != parcel.tracking:
        if taken.void_reason != _second_of(parcel):
            _tell_taken(tx, parcel, taken, purchased)
        return parcel
    if parcel.purchase == "bought":
        if purchased.tracking != parcel.tracking:
            _keep_second(tx, parcel, purchased)
        return parcel
    columns = {"tracking": purchased.tracking, "service": purchased.service, "bought_at": tx.now}
    parcel = parcels.change(tx, parcel_id, purchase="bought", **columns)
    purchasing.keep(tx, parcel, purchased)
    _look_at_price(tx, parcel, purchased)
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


def _look_at_price(tx: Transaction, parcel: Row[Any], purchased: Purchased) -> None:
    """Beside the offer by which its way was chosen: what was chosen as the cheapest may not be it any more."""
    row = rates.latest(tx.connection, parcel.order_id, parcel.box_no)
    if row is None or row.price is None or row.used_at is None or row.carrier != parcel.carrier:
        return
    paid = Paid(Decimal(row.price), row.currency, purchased.cost, purchased.currency)
    if paid.differs:
        tx.note("label.price_differs", {"decision": row.id, "paid": str(paid)}, parcel=parcel.id, order=parcel.order_id)
    if paid.is_much_dearer:
        name = name_of(tx.connection, parcel.carrier)
        cause = f"label {parcel.tracking} of {name} cost {paid}: find out whether its offers can be believed"
        about = {"order_id": parcel.order_id, "parcel_id": parcel.id}
        open_incident(tx, IncidentType.LABEL_DEARER, cause, once_key=f"dearer:{parcel.carrier}", **about)


def failed_key(parcel_id: str) -> str:
    """Of the incident of a label that a carrier does not give."""
    return f"label:{parcel_id}"


def unknown_key(parcel_id: str) -> str:
    """Of the incident of a purchase of which nobody knows whether it happened."""
    return f"unknown_label:{parcel_id}"


def relabel_key(order_id: int) -> str:
    """Of the incident of an order whose box waits for another label."""
    return f"relabel:{order_id}"


def no_carrier_key(order_id: int) -> str:
    """Of the incident of an order which no carrier may take."""
    return f"no_carrier:{order_id}"


def order_gone(tx: Transaction, order_id: int) -> None:
    """Nobody need put a label right any more: the order was cancelled. A purchase in doubt stays somebody's matter."""
    failed = [failed_key(parcel.id) for parcel in parcels.of_order(tx.connection, order_id)]
    for key in (relabel_key(order_id), no_carrier_key(order_id), *failed):
        close_by_key(tx, key, "the order was cancelled")


def _tell_taken(tx: Transaction, parcel: Row[Any], taken: Row[Any], purchased: Purchased) -> None:
    """Only a person can find out; nobody looks it up until a bench asks again."""
    name = name_of(tx.connection, parcel.carrier)
    cause = (
        f"{name} gave parcel {parcel.id} the number {purchased.tracking}, which parcel {taken.id} has already: find "
        f"out there whether it sold a label for {parcel.id}, void that one, {next_step(parcel)}"
    )
    about = {"order_id": parcel.order_id, "parcel_id": parcel.id, "once_key": unknown_key(parcel.id)}
    open_incident(tx, IncidentType.LABEL_UNKNOWN, cause, **about)
    if parcel.state == ParcelState.CANCELLED:
        labels.end(tx, parcel.id)
    else:
        labels.look_again(tx, parcel.id, None)


def next_step(parcel: Row[Any]) -> str:
    """What ends the incident of an unknown purchase, when the carrier's own site was looked at."""
    if parcel.state == ParcelState.CANCELLED:
        return f"then say so: packproof label void {parcel.id}"
    return f"then give the box another: packproof label relabel {parcel.id}"


def _second_of(parcel: Row[Any]) -> str:
    return f"a second label was bought for parcel {parcel.id}"


def _keep_second(tx: Transaction, parcel: Row[Any], purchased: Purchased) -> None:
    why = _second_of(parcel)
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
