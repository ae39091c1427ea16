"""Somebody else's warehouse says that it has shipped an order of its file: as true as a load that we closed."""

from typing import Any

from sqlalchemy import Row

from server.db import orders, parcels, sites
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.routes.nodes import Duty
from server.domain.sales.orders import OrderStatus
from server.usecases.booking import stock
from server.usecases.outward import telling_when
from server.usecases.record import incidents
from server.usecases.routes.nodes import check_duty
from server.usecases.warehouse.goods import Answer, keyed

CARRIER_MAX, TRACKING_MAX = 32, 64
_REFUSED = {
    "cancelled": IncidentType.CANCELLED_AFTER_PACKING,
    "on_hold": IncidentType.ORDER_CHANGED,
    "not_ready": IncidentType.ORDER_CHANGED,
    "wrong_site": IncidentType.ORDER_CHANGED,
}
"""What must not have left, and perhaps has: a person hears of it."""


def confirm_shipped(
    db: Database, actor: Actor, order_id: int, site: str, *, carrier: str, tracking: str, key: str = ""
) -> Answer:
    """The order has left the site: its units leave the book and its channel is told of the parcel, once.

    Return {"order", "site", "parcel", "carrier", "tracking"}; the same again changes nothing, with a ``key`` or
    without. ``carrier`` may be one that we do not use ourselves. Raise DomainError("not_found" | "wrong_node" |
    "invalid" | "taken" | "key_reused" | "already_shipped"), and "cancelled", "on_hold", "not_ready" and "wrong_site"
    with an incident: the parcel may be on its way.
    """
    told = (_text("carrier", carrier, CARRIER_MAX), _text("tracking", tracking, TRACKING_MAX))
    content = [order_id, site, *told]
    try:
        return keyed(
            db, actor, "confirm_shipped", lambda tx: _confirm(tx, order_id, site, *told), key=key, content=content
        )
    except DomainError as error:
        if error.code in _REFUSED:
            _tell(db, actor, order_id, f"{site} says that it has shipped {tracking}, but {error.detail}", error.code)
        raise


def _confirm(tx: Transaction, order_id: int, site: str, carrier: str, tracking: str) -> Answer:
    node = sites.by_code(tx.connection, site)
    check_duty(node, Duty.ORDER_FILE)
    order = orders.lock(tx, order_id)
    if order.status == OrderStatus.SHIPPED:
        return _again(tx, order, node, carrier, tracking)
    _check(tx, order, node)
    other = parcels.by_code(tx.connection, tracking)
    if other is not None:
        raise DomainError(
            "taken", f"tracking number {tracking} is on order {orders.number(tx.connection, other.order_id)}"
        )
    parcel = parcels.insert_elsewhere(
        tx, order_id=order.id, site_id=node.id, carrier=carrier, service=order.service, tracking=tracking
    )
    orders.set_status(tx, order.id, OrderStatus.SHIPPED)
    stock.ship_order(tx, order.id)
    detail = {"site": node.code, "carrier": carrier, "tracking": tracking}
    tx.note("parcel.shipped_elsewhere", detail, order=order.id, parcel=parcel.id)
    telling_when.handed_over(tx, parcel)
    return _answer(order, node, parcel)


def _check(tx: Transaction, order: Row[Any], node: Row[Any]) -> None:
    status = OrderStatus(order.status)
    if status is OrderStatus.CANCELLED:
        raise DomainError("cancelled", f"order {order.number} was cancelled")
    if order.site_id != node.id:
        codes = {row.id: row.code for row in sites.all_sites(tx.connection)}
        where = f"is routed to {codes[order.site_id]}" if order.site_id in codes else f"is at no site, it is {status}"
        raise DomainError("wrong_site", f"order {order.number} {where}")
    if status is OrderStatus.ON_HOLD:
        raise DomainError("on_hold", f"order {order.number} is on hold: {order.held_because.replace('_', ' ')}")
    if status is not OrderStatus.READY:
        raise DomainError("not_ready", f"order {order.number} is {status}, not ready to be shipped")


def _again(tx: Transaction, order: Row[Any], node: Row[Any], carrier: str, tracking: str) -> Answer:
    sent = [p for p in parcels.of_order(tx.connection, order.id) if p.state == ParcelState.LOADED]
    for parcel in sent:
        if (parcel.site_id, parcel.carrier, parcel.tracking) == (node.id, carrier, tracking):
            return _answer(order, node, parcel)
    known = ", ".join(f"{p.carrier} {p.tracking}" for p in sent) or "a sale at a till"
    raise DomainError("already_shipped", f"order {order.number} has left already: {known}")


def _answer(order: Row[Any], node: Row[Any], parcel: Row[Any]) -> Answer:
    told = {"parcel": parcel.id, "carrier": parcel.carrier, "tracking": parcel.tracking}
    return {"order": order.number, "site": node.code} | told


def _text(name: str, text: str, most: int) -> str:
    text = text.strip()
    if not 0 < len(text) <= most or not (text.isascii() and text.isprintable()):
        raise DomainError("invalid", f"{name}: expected 1 to {most} printable ASCII characters, found {text[:80]!r}")
    return text


def _tell(db: Database, actor: Actor, order_id: int, cause: str, code: str) -> None:
    with transaction(db, actor, "refuse_shipment") as tx:
        key = f"shipped_elsewhere:{order_id}"
        incidents.open_incident(tx, _REFUSED[code], cause, order_id=order_id, once_key=key)
