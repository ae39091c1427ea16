"""Every word to a channel leaves through here: written with the change that caused it, sent by the worker later."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from server import wire
from server.channels import of_kind
from server.db import jobs, orders, tables
from server.db.transaction import Transaction
from server.usecases.shipping.accounts import name_of

NEARLY_NOTHING = 3
"""Units; a number this small is told before the larger ones (SYN-07)."""


def stock_row(now: float, channel_id: int, sku: str, available: int, caused_by: int | None) -> dict[str, Any]:
    """A row that tells a channel the newest number of a SKU; an older unsent one is dropped for it.

    ``caused_by`` is the event, of ledger or audit, that changed the number.
    """
    return {
        "channel_id": channel_id,
        "kind": "stock",
        "key": sku,
        "payload": payload(now, {"sku": sku, "available": available}),
        "rank": jobs.ZERO_FIRST if available <= 0 else jobs.SOON if available <= NEARLY_NOTHING else jobs.USUAL,
        "caused_by": caused_by,
    }


def queue_shipment(tx: Transaction, parcel_id: str) -> None:
    """Tell the order's channel that this parcel left, once for ever (SBK-06); other channels hear nothing."""
    p, c = tables.parcel, tables.channel
    parcel = tx.connection.execute(select(p).where(p.c.id == parcel_id)).one()
    order = orders.find(tx.connection, parcel.order_id)
    assert order is not None, "a parcel has an order"  # noqa: S101
    channel = tx.connection.execute(select(c).where(c.c.id == order.channel_id)).one()
    if not of_kind(channel.kind).tells(channel.settings):
        return
    data = {
        "order_id": order.channel_order_id,
        "tracking_number": parcel.tracking,
        "carrier": parcel.carrier,
        "carrier_name": name_of(tx.connection, parcel.carrier),
        "service": parcel.service,
        "shipped_at": wire.instant(tx.now),
        "lines": _shipped(parcel, orders.lines(tx.connection, order.id)),
        "parcel_id": parcel.id,
    }
    cause = tx.note("shipment.queued", {"channel": channel.code}, order=order.id, parcel=parcel.id)
    row = {"channel_id": channel.id, "kind": "shipment", "key": parcel.id, "payload": payload(tx.now, data)}
    jobs.put_once(tx, row | {"caused_by": cause})


def _shipped(parcel: Row[Any], lines: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """What this parcel has of each line. Of a kit in several boxes only our own goods are known, not the kits."""
    known: Counter[str] = Counter(parcel.contents or {})
    if parcel.contents is None or any(line.kit_version for line in lines):
        return [{"line_id": line.line_id, "sku": line.channel_sku, "quantity": line.quantity} for line in lines]
    told = []
    for line in lines:
        units = min(line.quantity, known[line.sku])
        known[line.sku] -= units
        if units:
            told.append({"line_id": line.line_id, "sku": line.channel_sku, "quantity": units})
    return told


def payload(now: float, data: Mapping[str, Any]) -> dict[str, Any]:
    """``id`` and ``timestamp`` are made once for each version, so that a receiver can drop what it has already."""
    return {"id": f"msg_{uuid.uuid4().hex}", "timestamp": wire.instant(now), "data": dict(data)}
