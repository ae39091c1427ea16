"""Rows of purchases: those that were begun, those that are kept, and what became of voiding them.

Every label that was ever bought is a parcel's row with a row of ``parcel_label`` beside it; a label that must not live
is a cancelled parcel. So one number is refused in one way everywhere, whatever was the matter with it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, delete, exists, literal, or_, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t, _i, _p = tables.parcel_label, tables.label_intent, tables.parcel
_on, _load = tables.load_parcel, tables.load
UNCONFIRMED = ("wanted", "asking", "pending", "refused")
"""States of a void that brought nothing back yet."""


# --- purchases that were begun --------------------------------------------------------------------------------------


def begin(tx: Transaction, parcel_id: str, next_at: float) -> Row[Any] | None:
    """The carrier is asked for this parcel from now; what was begun before, where a label may come of it."""
    query = select(_i).where(_i.c.parcel_id == parcel_id).with_for_update()
    before = tx.connection.execute(query).first()
    doubt = before if before is not None and before.unsure_since is not None else None
    unsure = tx.now if doubt is None else doubt.unsure_since
    row = {"asked_at": tx.now, "unsure_since": unsure, "next_at": next_at, "tries": 0}
    made = insert_into(tx.connection, _i).values(parcel_id=parcel_id, **row)
    tx.connection.execute(made.on_conflict_do_update(index_elements=["parcel_id"], set_=row))
    return doubt


def certain(tx: Transaction, parcel_id: str, asked_at: float) -> None:
    """Nothing was bought by what was begun then; whoever asked again since still may have."""
    same = (_i.c.parcel_id == parcel_id) & (_i.c.asked_at == asked_at)
    tx.connection.execute(update(_i).where(same).values(unsure_since=None))


def end(tx: Transaction, parcel_id: str) -> None:
    """The purchase is written down, or will never be."""
    tx.connection.execute(delete(_i).where(_i.c.parcel_id == parcel_id))


def intent(connection: Connection, parcel_id: str) -> Row[Any] | None:
    """What was begun for this parcel."""
    return connection.execute(select(_i).where(_i.c.parcel_id == parcel_id)).first()


def unknown(connection: Connection, now: float, most: int) -> Sequence[str]:
    """Parcels whose purchase must be looked into now, the longest waiting first."""
    query = select(_i.c.parcel_id).where(_i.c.next_at <= now).order_by(_i.c.next_at, _i.c.parcel_id)
    return connection.execute(query.limit(most)).scalars().all()


def claim_intent(tx: Transaction, parcel_id: str, next_at: float) -> Row[Any] | None:
    """Look into it, alone until ``next_at``; None when somebody else does, or it is settled."""
    due = (_i.c.parcel_id == parcel_id) & (_i.c.next_at <= tx.now)
    claimed = update(_i).where(due).values(next_at=next_at, tries=_i.c.tries + 1)
    return tx.connection.execute(claimed.returning(*_i.c)).first()


def look_again(tx: Transaction, parcel_id: str, next_at: float | None) -> None:
    """Look into it then; None: only a person can find out."""
    tx.connection.execute(update(_i).where(_i.c.parcel_id == parcel_id).values(next_at=next_at))


def number_of(connection: Connection, tracking: str, *, but: str) -> Row[Any] | None:
    """The parcel that has this number already, whatever became of it; ``but``: not this one."""
    same = (_p.c.tracking == tracking) & (_p.c.id != but)
    return connection.execute(select(_p).where(same)).first()


# --- voids ----------------------------------------------------------------------------------------------------------


def want_void(tx: Transaction, parcel_id: str) -> None:
    """The label of this parcel must not live; wanted again, it is one wish. A label of another tool has no row here."""
    fresh = (_t.c.parcel_id == parcel_id) & (_t.c.void_state == "")
    tx.connection.execute(update(_t).where(fresh).values(void_state="wanted", void_next_at=tx.now))


def ask_void_again(tx: Transaction, parcel_id: str) -> bool:
    """Somebody says that it is worth asking once more; whether there is anything left to ask."""
    open_one = (_t.c.parcel_id == parcel_id) & _t.c.void_state.in_(UNCONFIRMED)
    asked = update(_t).where(open_one).values(void_next_at=tx.now)
    return tx.connection.execute(asked.returning(_t.c.parcel_id)).first() is not None


def to_void(connection: Connection, now: float, most: int) -> Sequence[str]:
    """Parcels whose carrier must be asked to void, or what became of it, the longest waiting first."""
    query = select(_t.c.parcel_id).where(_t.c.void_next_at <= now).order_by(_t.c.void_next_at, _t.c.parcel_id)
    return connection.execute(query.limit(most)).scalars().all()


def claim_void(tx: Transaction, parcel_id: str, next_at: float) -> Row[Any] | None:
    """Ask for it, alone until ``next_at``; None when somebody else does, or it is settled."""
    due = (_t.c.parcel_id == parcel_id) & (_t.c.void_next_at <= tx.now)
    state = {"void_next_at": next_at, "void_tries": _t.c.void_tries + 1}
    return tx.connection.execute(update(_t).where(due).values(**state).returning(*_t.c)).first()


def kept(connection: Connection, parcel_id: str) -> Row[Any] | None:
    """The purchase of this parcel's label."""
    return connection.execute(select(_t).where(_t.c.parcel_id == parcel_id)).first()


def change(tx: Transaction, parcel_id: str, **columns: Any) -> None:
    """Write columns of a kept purchase; the caller writes the audit."""
    tx.connection.execute(update(_t).where(_t.c.parcel_id == parcel_id).values(**columns))


def void_or_not(connection: Connection, *, void: bool, most: int) -> Sequence[Row[Any]]:
    """Purchases with their parcels (``id`` ...), the newest first; ``void``: those that must not live, unconfirmed."""
    parcel = (_p.c.id, _p.c.order_id, _p.c.tracking, _p.c.service, _p.c.state, _p.c.void_reason)
    query = select(_t, *parcel, tables.order.c.number.label("order_number")).join(_p, _p.c.id == _t.c.parcel_id)
    query = query.join(tables.order, tables.order.c.id == _p.c.order_id)
    query = query.order_by(_t.c.bought_at.desc(), _p.c.number.desc())
    query = query.where(_t.c.void_state.in_(UNCONFIRMED)) if void else query
    return connection.execute(query.limit(most)).all()


def has_left(connection: Connection, parcel_id: str) -> bool:
    """Whether this parcel is on a load that is closed: its carrier has it."""
    return bool(connection.execute(select(_gone(literal(parcel_id)))).scalar())


def still_here(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """Parcels of an order that are on no closed load; what somebody else's warehouse shipped was on no load of ours."""
    ours = (_p.c.order_id == order_id) & (_p.c.purchase != "allotted") & _p.c.session_id.is_not(None)
    return connection.execute(select(_p).where(ours, ~_gone(_p.c.id)).order_by(_p.c.number)).all()


def _gone(parcel_id: Any) -> Any:
    closed = (_on.c.load_id == _load.c.id) & _load.c.closed_at.is_not(None)
    return exists().where(closed & (_on.c.parcel_id == parcel_id))


def erase(tx: Transaction, order_id: int) -> int:
    """The pictures of an order's labels name its buyer: they go with its address. Return how many; the cost stays."""
    own = select(_p.c.id).where(_p.c.order_id == order_id)
    kept = _t.c.parcel_id.in_(own) & _t.c.data.is_not(None)
    return tx.connection.execute(update(_t).where(kept).values(data=None)).rowcount


# --- labels nobody uses ---------------------------------------------------------------------------------------------


UNSCANNED, UNLOADED = "unscanned:", "unloaded:"
"""What begins the ``once_key`` of an incident of an unused label; the parcel's id follows."""


def unused(connection: Connection, bought_before: float, most: int) -> Sequence[Row[Any]]:
    """Parcels with a label bought before then that was not scanned on its box, or that are ready and on no load.

    Those that an open incident tells of are left out before ``most`` are counted.
    """
    sites = list(connection.execute(select(tables.site.c.id)).scalars())  # The index begins with the site.
    idle = _p.c.site_id.in_(sites) & _p.c.state.in_(("bought", "ready"))
    bought = (_p.c.purchase == "bought") & (_p.c.bought_at <= bought_before)
    key = case((_p.c.state == "bought", literal(UNSCANNED)), else_=literal(UNLOADED)).concat(_p.c.id)
    told = exists().where(tables.incident.c.once_key == key)  # An incident has its key while it is open.
    query = select(_p, tables.order.c.number.label("order_number")).join(
        tables.order, tables.order.c.id == _p.c.order_id
    )
    return connection.execute(query.where(idle, bought, ~told).order_by(_p.c.bought_at).limit(most)).all()


def settled_since(connection: Connection) -> Sequence[Row[Any]]:
    """Open incidents of unused labels (``once_key``) whose parcel's ``state`` is not the one they were opened for."""
    t = tables.incident
    unscanned, unloaded = t.c.once_key.startswith(UNSCANNED), t.c.once_key.startswith(UNLOADED)
    over = or_(unscanned & (_p.c.state != "bought"), unloaded & (_p.c.state != "ready"))
    query: Select[Any] = select(t.c.once_key, _p.c.state).join(_p, _p.c.id == t.c.parcel_id)
    return connection.execute(query.where(t.c.state == "open", over)).all()
