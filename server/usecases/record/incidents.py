"""Opening, closing and listing incidents; closing one undoes the block it stands for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from server.db import orders, pack_log, parcels, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import HANDLING, IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.outward import telling_when

_t = tables.incident
_BLOCKS = (IncidentType.LABEL_SWAP.value, IncidentType.PULL_PARCEL.value)
"""Incidents that block their parcel until they are closed."""


def open_incident(
    tx: Transaction,
    type: IncidentType,
    cause: str,
    *,
    order_id: int | None = None,
    parcel_id: str | None = None,
    sku: str | None = None,
    once_key: str | None = None,
) -> int | None:
    """Open an incident and return its id; None when one with this ``once_key`` is open already.

    ``cause`` is a sentence for people and never holds a buyer's personal data.
    """
    handling = HANDLING[type]
    row = insert_into(tx.connection, _t).values(
        type=type.value,
        state="open",
        cause=cause,
        owner=handling.owner,
        opened_at=tx.now,
        deadline=tx.now + handling.within.total_seconds(),
        order_id=order_id,
        parcel_id=parcel_id,
        sku=sku,
        once_key=once_key,
    )
    made = tx.connection.execute(row.on_conflict_do_nothing(index_elements=["once_key"]).returning(_t.c.id)).scalar()
    if made is None:
        return None
    detail = {"type": type.value, "cause": cause, "owner": handling.owner}
    tx.note("incident.opened", detail, incident=int(made), order=order_id, parcel=parcel_id, sku=sku)
    return int(made)


def close_incident(db: Database, actor: Actor, incident_id: int, resolution: str) -> None:
    """Close an incident for good: the parcel it blocked is free again, the order it stopped may be packed again.

    Raise DomainError("not_found" | "invalid"); closing a closed one changes nothing.
    """
    if not resolution.strip():
        raise DomainError("invalid", "expected what was done about it, found nothing")
    with transaction(db, actor, "close_incident") as tx:
        seen = find(tx.connection, incident_id)
        # Whatever it blocks is locked before the incident itself, as packing does.
        order = orders.lock(tx, seen.order_id) if seen.order_id is not None else None
        blocked = parcels.lock(tx, [seen.parcel_id]) if seen.parcel_id else {}
        row = tx.connection.execute(select(_t).where(_t.c.id == incident_id).with_for_update()).one()
        if row.state == "closed":
            return
        _close(tx, row, resolution.strip())
        if row.type in _BLOCKS and blocked:
            _unblock(tx, blocked[row.parcel_id])
        if row.type == IncidentType.VERDICTS_DIFFER and order is not None:
            _pack_again(tx, order)
        if row.type == IncidentType.BENCH_HOLD and order is not None:
            _free(tx, order)


def take_incident(db: Database, actor: Actor, incident_id: int) -> str:
    """Somebody looks at it: nobody else is alerted any more. Return who does: whoever took it first.

    Raise DomainError("not_found"), and "closed" for one that is.
    """
    with transaction(db, actor, "take_incident") as tx:
        find(tx.connection, incident_id)
        row = tx.connection.execute(select(_t).where(_t.c.id == incident_id).with_for_update()).one()
        if row.state == "closed":
            raise DomainError("closed", f"incident {incident_id} is closed: {row.resolution[:80]}")
        if row.taken_at is not None:
            return str(row.taken_by)
        taken = update(_t).where(_t.c.id == incident_id).values(taken_at=tx.now, taken_by=actor.name[:120])
        tx.connection.execute(taken)
        detail = {"type": row.type}
        tx.note("incident.taken", detail, incident=row.id, order=row.order_id, parcel=row.parcel_id, sku=row.sku)
        return actor.name


def _unblock(tx: Transaction, parcel: Row[Any]) -> None:
    """The parcel whose label was found on another box: ready again when its own label was scanned on it."""
    if parcel.state == ParcelState.BLOCKED and not swaps_of(tx.connection, parcel.id):
        after = ParcelState.READY if parcel.ready_at else ParcelState.BOUGHT
        telling_when.ready(tx, parcels.set_state(tx, parcel, after))


def _pack_again(tx: Transaction, order: Row[Any]) -> None:
    live = pack_log.live_session(tx.connection, order.id)
    if order.status == OrderStatus.PACKING and live is None:
        orders.set_status(tx, order.id, OrderStatus.READY)
    elif live is None:
        pack_log.let_box_go_on(tx, order)


def _free(tx: Transaction, order: Row[Any]) -> None:
    """An order that a packer held keeps its units; its box waits with what was verified."""
    if (order.status, order.held_because) == (OrderStatus.ON_HOLD, "at_bench"):
        orders.set_status(tx, order.id, OrderStatus.READY, held_because="")


def swaps_of(connection: Connection, parcel_id: str) -> Sequence[Row[Any]]:
    """Open incidents which keep this parcel: its label was found on another box, or its box must be pulled."""
    swap = _t.c.type.in_(_BLOCKS) & (_t.c.state == "open")
    return connection.execute(select(_t).where(swap, _t.c.parcel_id == parcel_id)).all()


def close_by_key(tx: Transaction, once_key: str, resolution: str) -> None:
    """Close the open incident with this key, if there is one: the trouble went away by itself."""
    row = tx.connection.execute(select(_t).where(_t.c.once_key == once_key).with_for_update()).first()
    if row is not None:
        _close(tx, row, resolution)


def name_parcel(tx: Transaction, once_key: str, cause: str, parcel_id: str) -> None:
    """Which parcel the open incident with this key is about became known after it was opened."""
    unnamed = (_t.c.once_key == once_key) & _t.c.parcel_id.is_(None)
    named = update(_t).where(unnamed).values(cause=cause, parcel_id=parcel_id)
    row = tx.connection.execute(named.returning(_t.c.id, _t.c.order_id)).first()
    if row is not None:
        tx.note("incident.parcel", {"cause": cause}, incident=row.id, order=row.order_id, parcel=parcel_id)


def is_open(connection: Connection, once_key: str) -> bool:
    """Whether an incident with this key waits for somebody."""
    return connection.execute(select(_t.c.id).where(_t.c.once_key == once_key)).first() is not None


def list_incidents(connection: Connection, open_only: bool = True) -> Sequence[Row[Any]]:
    """Incidents, the most urgent first."""
    query = select(_t).order_by(_t.c.state.desc(), _t.c.deadline, _t.c.id)
    return connection.execute(query.where(_t.c.state == "open") if open_only else query).all()


def find(connection: Connection, incident_id: int) -> Row[Any]:
    """One incident; raise DomainError("not_found")."""
    row = connection.execute(select(_t).where(_t.c.id == incident_id)).first()
    if row is None:
        raise DomainError("not_found", f"there is no incident {incident_id}")
    return row


def _close(tx: Transaction, row: Row[Any], resolution: str) -> None:
    done = {"state": "closed", "closed_at": tx.now, "resolution": resolution, "once_key": None}
    tx.connection.execute(update(_t).where(_t.c.id == row.id).values(**done))
    detail = {"type": row.type, "resolution": resolution}
    tx.note("incident.closed", detail, incident=row.id, order=row.order_id, parcel=row.parcel_id, sku=row.sku)
