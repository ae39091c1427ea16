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
    queue_shipments(tx, [parcel_id])


def queue_shipments(tx: Transaction, parcel_ids: Sequence[str]) -> None:
    """As ``queue_shipment`` for a whole load, in as many statements as for one parcel."""
    found = [row for row in _leaving(tx, parcel_ids) if of_kind(row.channel_kind).tells(row.settings)]
    lines: dict[int, list[Row[Any]]] = {}
    for line in orders.lines_of(tx.connection, sorted({row.order_id for row in found})) if found else ():
        lines.setdefault(line.order_id, []).append(line)
    names = {code: name_of(tx.connection, code) for code in {row.carrier for row in found}}
    rows = []
    for parcel in found:
        data = _shipment(tx, parcel, names[parcel.carrier], lines.get(parcel.order_id, []))
        cause = tx.note("shipment.queued", {"channel": parcel.channel}, order=parcel.order_id, parcel=parcel.id)
        row = {"channel_id": parcel.channel_id, "kind": "shipment", "key": parcel.id, "caused_by": cause}
        rows.append(row | {"payload": payload(tx.now, data)})
    jobs.put_all_once(tx, rows)


def _leaving(tx: Transaction, parcel_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """These parcels with their orders' channels, in the order of their ids."""
    p, o, c = tables.parcel, tables.order, tables.channel
    of_channel = (o.c.channel_id, c.c.code.label("channel"), c.c.kind.label("channel_kind"), c.c.settings)
    query = select(p, o.c.channel_order_id, *of_channel)
    query = query.join(o, o.c.id == p.c.order_id).join(c, c.c.id == o.c.channel_id)
    return tx.connection.execute(query.where(p.c.id.in_(sorted(set(parcel_ids)))).order_by(p.c.id)).all()


def _shipment(tx: Transaction, parcel: Row[Any], carrier_name: str, lines: Sequence[Row[Any]]) -> dict[str, Any]:
    return {
        "order_id": parcel.channel_order_id,
        "tracking_number": parcel.tracking,
        "carrier": parcel.carrier,
        "carrier_name": carrier_name,
        "service": parcel.service,
        "shipped_at": wire.instant(tx.now),
        "lines": _shipped(parcel, lines),
        "parcel_id": parcel.id,
    }


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
