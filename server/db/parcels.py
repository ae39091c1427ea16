"""Rows of parcels. Who changes several locks them in the order of their ids, after their orders and sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from server.db import labels, load_marks, loads, tables, told
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.dock.barcodes import readings

_p = tables.parcel


def by_code(connection: Connection, code: str) -> Row[Any] | None:
    """The parcel with this id or tracking number."""
    return connection.execute(select(_p).where(_p.c.purchase != "intent", _is(code))).first()


def _is(code: str) -> Any:
    return or_(_p.c.id == code, _p.c.tracking == code)


def find(connection: Connection, parcel_id: str) -> Row[Any] | None:
    """The parcel with this id."""
    return connection.execute(select(_p).where(_p.c.id == parcel_id)).first()


def known_to(connection: Connection, code: str) -> Row[Any] | None:
    """As ``by_code``, however the code was typed."""
    return by_code(connection, code.strip().upper())


def with_label(connection: Connection, code: str) -> Row[Any] | None:
    """The parcel whose label has this barcode: its number alone, or more printed around it by its carrier."""
    found = (known_to(connection, reading) for reading in readings(code.strip().upper()))
    return next((parcel for parcel in found if parcel is not None), None)


def of_order(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """All parcels of an order, the oldest first; not those whose label was only allotted beforehand."""
    own = (_p.c.order_id == order_id) & (_p.c.purchase != "allotted")
    return connection.execute(select(_p).where(own).order_by(_p.c.number)).all()


def orders_of(connection: Connection, ids: Iterable[str]) -> list[int]:
    """The orders of these parcels."""
    query = select(_p.c.order_id).where(_p.c.id.in_(sorted(set(ids)))).distinct()
    return list(connection.execute(query).scalars())


def lock(tx: Transaction, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """Lock these parcels in the order of their ids; those that do not exist are left out."""
    query = select(_p).where(_p.c.id.in_(sorted(set(ids)))).order_by(_p.c.id).with_for_update()
    return {row.id: row for row in tx.connection.execute(query)}


def insert_intent(tx: Transaction, **columns: Any) -> Row[Any]:
    """A parcel whose label is about to be bought; its id is made of its number."""
    columns = {"purchase": "intent", "state": ParcelState.BOUGHT.value} | columns
    row = insert(_p).values(**columns)
    number = int(tx.connection.execute(row.returning(_p.c.number)).scalar_one())
    query = update(_p).where(_p.c.number == number).values(id=f"PCL{number:07d}")
    return tx.connection.execute(query.returning(*_p.c)).one()


def insert_elsewhere(tx: Transaction, *, tracking: str, **columns: Any) -> Row[Any]:
    """A parcel that left somebody else's building: no session packed it, and it was on no load of ours."""
    row = insert_intent(tx, session_id=None, **columns)
    moment = {"bought_at": tx.now, "ready_at": tx.now}
    return change(tx, row.id, tracking=tracking, purchase="bought", state=ParcelState.LOADED.value, **moment)


def change(tx: Transaction, parcel_id: str, **columns: Any) -> Row[Any]:
    """Write columns; the caller holds the lock and writes the audit."""
    return tx.connection.execute(update(_p).where(_p.c.id == parcel_id).values(**columns).returning(*_p.c)).one()


def set_state(
    tx: Transaction,
    parcel: Row[Any],
    after: ParcelState,
    why: str = "",
    *,
    load: str | None = None,
    pull: bool = False,
    **columns: Any,
) -> Row[Any]:
    """Change what is true of a locked parcel, with one audit row. A parcel that stops being loaded leaves its load.

    One that is cancelled or blocked, or that somebody must ``pull``, lies on the vehicle still: no load closes before
    it is found. It may leave again when it is no longer blocked.
    """
    if parcel.state == ParcelState.LOADED and after is not ParcelState.LOADED:
        loads.take_off(tx, parcel.id, cancelled=pull or after in (ParcelState.CANCELLED, ParcelState.BLOCKED))
    if parcel.state == ParcelState.BLOCKED and after is ParcelState.READY:
        load_marks.may_leave(tx, [parcel.id])
    detail = {"before": parcel.state, "after": after.value, "tracking": parcel.tracking, "why": why}
    tx.note(f"parcel.{after.value}", detail, parcel=parcel.id, order=parcel.order_id, load=load)
    if after is ParcelState.CANCELLED and parcel.purchase == "bought":
        labels.want_void(tx, parcel.id)
        told.withdraw(tx, parcel.id)
    return change(tx, parcel.id, state=after.value, **columns)


def all_loaded(tx: Transaction, found: Sequence[Row[Any]], why: str, *, load: str) -> None:
    """These locked parcels are on this load now: one audit row each, one statement for all."""
    for parcel in found:
        detail = {"before": parcel.state, "after": ParcelState.LOADED.value, "tracking": parcel.tracking, "why": why}
        tx.note(f"parcel.{ParcelState.LOADED.value}", detail, parcel=parcel.id, order=parcel.order_id, load=load)
    mine = _p.c.id.in_([parcel.id for parcel in found])
    tx.connection.execute(update(_p).where(mine).values(state=ParcelState.LOADED.value))


def of_session(connection: Connection, session_id: str) -> Row[Any] | None:
    """The parcel of the first box of a pack session."""
    return next(iter(all_of_session(connection, session_id)), None)


def all_of_session(connection: Connection, session_id: str) -> Sequence[Row[Any]]:
    """The parcels of a pack session, one for each box, the first box first."""
    return connection.execute(select(_p).where(_p.c.session_id == session_id).order_by(_p.c.box_no)).all()
