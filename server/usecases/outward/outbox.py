"""Every word to a channel leaves through here: written with the change that caused it, sent by the worker later."""

import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from server import wire
from server.carriers import ACCOUNTS
from server.channels import Outgoing, of_kind
from server.db import jobs, orders, tables
from server.db.jobs import Job
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.incidents import IncidentType
from server.usecases.record import incidents

LEASE = 30.0
"""Seconds for which a claimed row is one worker's; longer than any try can take."""

UNREACHABLE_AFTER = 5
BACKOFF_MAX = 60.0
_WORKER = Actor("worker")
_ANSWER_MAX = 200


def stock_row(now: float, channel_id: int, sku: str, available: int, caused_by: int | None) -> dict[str, Any]:
    """A row that tells a channel the newest number of a SKU; an older unsent one is dropped for it.

    ``caused_by`` is the event, of ledger or audit, that changed the number.
    """
    return {
        "channel_id": channel_id,
        "kind": "stock",
        "key": sku,
        "payload": payload(now, {"sku": sku, "available": available}),
        "rank": jobs.ZERO_FIRST if available <= 0 else 1,
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
        "carrier_name": _carrier_name(parcel.carrier),
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
        return [{"sku": line.channel_sku, "quantity": line.quantity} for line in lines]
    told = []
    for line in lines:
        units = min(line.quantity, known[line.sku])
        known[line.sku] -= units
        if units:
            told.append({"sku": line.channel_sku, "quantity": units})
    return told


def payload(now: float, data: Mapping[str, Any]) -> dict[str, Any]:
    """``id`` and ``timestamp`` are made once for each version, so that a receiver can drop what it has already."""
    return {"id": f"msg_{uuid.uuid4().hex}", "timestamp": wire.instant(now), "data": dict(data)}


def _carrier_name(code: str) -> str:
    """What buyers call it; somebody else's warehouse may use a carrier that we do not."""
    return ACCOUNTS[code].name if code in ACCOUNTS else code


def due(db: Database) -> list[tuple[int, int]]:
    """(channel id, failures in a row) where something may be sent now."""
    with db.read() as connection:
        return jobs.due(connection, db.now())


def claim(db: Database, channel_id: int, limit: int) -> list[Job]:
    """Take rows of one channel; each is nobody else's for ``LEASE`` seconds."""
    with transaction(db, _WORKER, "claim") as tx:
        return jobs.claim(tx, channel_id, limit, LEASE)


def message(job: Job, at: float) -> Outgoing:
    """The signed request of a claimed row; raise DomainError when the channel's settings cannot work."""
    data = job.payload["data"] | ({"version": job.version} if job.kind == "stock" else {})
    payload = {"timestamp": job.payload["timestamp"], "data": data}
    return of_kind(job.channel_kind).outgoing(job.settings, job.payload["id"], at, job.kind, payload)


def report(db: Database, job: Job, ok: bool, answer: str) -> None:
    """Write down one try: taken, or to be tried again; never given up (FLT-04)."""
    key = f"channel:{job.channel_id}"
    with transaction(db, _WORKER, "deliver") as tx:
        before = jobs.last_told(tx.connection, job)
        # A query string may hold a secret of the channel's.
        destination = str(job.settings.get("webhook_url", "")).partition("?")[0][:255]
        told = {"before": before, "after": _told(job), "answer": answer[:_ANSWER_MAX]}
        jobs.append_delivery(tx, job, destination=destination, ok=ok, **told)
        if ok:
            jobs.settle_sent(tx, job)
            if jobs.count_success(tx, job.channel_id):
                jobs.hurry(tx, job.channel_id)
                incidents.close_by_key(tx, key, "the channel answers again")
            return
        jobs.settle_failed(tx, job, tx.now + backoff(job.attempts, random.random()))  # noqa: S311 - jitter
        if jobs.count_failure(tx, job.channel_id) >= UNREACHABLE_AFTER:
            cause = f"channel {job.channel} did not take {UNREACHABLE_AFTER} messages in a row: {answer[:_ANSWER_MAX]}"
            incidents.open_incident(tx, IncidentType.CHANNEL_UNREACHABLE, cause, once_key=key)


def backoff(failures: int, chance: float) -> float:
    """Seconds until the next try after ``failures`` earlier ones: 1, 2, 4 ... 60, spread by ``chance`` in [0, 1)."""
    return min(BACKOFF_MAX, 2.0 ** min(failures, 10) * (0.8 + 0.4 * chance))


def _told(job: Job) -> str:
    data = job.payload["data"]
    return str(data["available"]) if job.kind == "stock" else str(data.get("tracking_number") or data.get("reason", ""))
