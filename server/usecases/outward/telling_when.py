"""When a channel is told of a parcel: at its label, at its manifest, or at its carrier's first scan (SBK-02).

Each function is called in the transaction in which the thing happens, however often; a shipment is queued once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from server.channels import of_kind
from server.db import told, tracking
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.sales.orders import OrderStatus
from server.domain.tracking.telling import KEY, TellAt, is_due, read_tell_at, tell_at
from server.usecases.connecting.keeping import keep_policy, locked
from server.usecases.outward import outbox

CAUGHT_UP = 30 * 86_400.0
"""Seconds back for which a changed policy is applied to parcels that exist."""


def ready(tx: Transaction, parcel: Row[Any]) -> None:
    """The label of this parcel was scanned on its box, and on no other."""
    _tell(tx, [parcel.id])


def handed_over(tx: Transaction, *parcels: Row[Any]) -> None:
    """These parcels have left: on a load that was closed, or from somebody else's warehouse."""
    ids = [parcel.id for parcel in parcels]
    tracking.hand_over(tx, ids)
    _tell(tx, ids)


def first_scan(tx: Transaction, parcel: Row[Any]) -> None:
    """Its carrier has scanned it for the first time; ``first_scan_at`` is written."""
    _tell(tx, [parcel.id])


def set_tell_at(db: Database, actor: Actor, channel: str, text: str) -> TellAt:
    """When this channel is told from now on; parcels that are past that moment are told at once. Return what held.

    Raise DomainError("not_found" | "invalid").
    """
    when = read_tell_at(text)
    with transaction(db, actor, "set_tell_at") as tx:
        row = locked(tx, channel)
        before = tell_at(row.policy)
        keep_policy(tx, row, **{KEY: None if when is TellAt.MANIFEST else when.value})
        tx.note("channel.tell_at", {"before": before.value, "after": when.value}, channel=channel)
        _tell_due(tx, told.untold(tx.connection, row.id, tx.now - CAUGHT_UP))
    return before


def _tell(tx: Transaction, parcel_ids: Sequence[str]) -> None:
    _tell_due(tx, told.parcels(tx.connection, parcel_ids))


def _tell_due(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    outbox.queue_shipments(tx, [row.id for row in rows if _is_due(row)])


def _is_due(row: Row[Any]) -> bool:
    if row.told is not None or not _live(row):
        return False
    moments = {"handed_over": row.handed_at is not None, "scanned": row.first_scan_at is not None}
    return is_due(tell_at(row.policy), ready=_labelled(row), **moments) and of_kind(row.channel_kind).tells(
        row.settings
    )


def _live(row: Row[Any]) -> bool:
    """A cancelled, voided or doubtful parcel is never told."""
    doubtful = row.state not in (ParcelState.READY, ParcelState.LOADED) or row.void_wanted_at is not None
    return row.purchase == "bought" and not doubtful and row.order_status != OrderStatus.CANCELLED


def _labelled(row: Row[Any]) -> bool:
    return row.ready_at is not None
