"""Rows of parcels whose label was allotted to a bench beforehand: an order has at most one that is not void."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from server.db import parcels, tables
from server.db.transaction import Transaction
from server.domain.benchwork.handoff import ParcelState

_p, _l = tables.parcel, tables.lease
_LIVE = _p.c.state == ParcelState.ALLOTTED.value


def of_lease() -> ColumnElement[bool]:
    """True of the parcel whose label was allotted with a lease."""
    return _LIVE & (_p.c.order_id == _l.c.order_id) & (_p.c.allotted_to == _l.c.bench_id)


def of_order(connection: Connection, order_id: int) -> Row[Any] | None:
    """The one that is not void."""
    return connection.execute(select(_p).where(_LIVE, _p.c.order_id == order_id)).first()


def without_number(connection: Connection, bench_id: int, most: int) -> Sequence[Row[Any]]:
    """Those of a bench whose carrier was not asked yet, or did not answer; the oldest first."""
    query = select(_p).where(_LIVE, _p.c.allotted_to == bench_id, _p.c.tracking.is_(None))
    return connection.execute(query.order_by(_p.c.number).limit(most)).all()


def given_to(connection: Connection, session: Row[Any], parcel_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Those of these that the session's bench was given for this order as it has it, void or not."""
    theirs = (_p.c.allotted_to == session.bench_id) & (_p.c.allotted_version == session.order_version)
    query = select(_p).where(_p.c.id.in_(sorted(parcel_ids)), theirs, _p.c.order_id == session.order_id)
    return connection.execute(query.where(_p.c.purchase != "bought", _p.c.tracking.is_not(None))).all()


def insert(tx: Transaction, **columns: Any) -> Row[Any]:
    """A parcel for which a bench will be given a label; ``allotted_to`` and ``allotted_version`` are among them."""
    state = ParcelState.ALLOTTED.value
    return parcels.insert_intent(tx, purchase="allotted", state=state, session_id=None, **columns)


def void(tx: Transaction, order_ids: Iterable[int], why: str, *, but_of: int | None = None) -> None:
    """Nobody may use what was allotted for these orders any more; only what this bench has stays."""
    query = select(_p).where(_LIVE, _p.c.order_id.in_(list(order_ids)))
    if but_of is not None:
        query = query.where(_p.c.allotted_to != but_of)
    for parcel in tx.connection.execute(query.order_by(_p.c.id).with_for_update()).all():
        parcels.set_state(tx, parcel, ParcelState.CANCELLED, why, cancelled_at=tx.now)
