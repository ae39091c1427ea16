"""Rows of tracking. Orders are locked before their parcels, parcels before anything here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update

from server.db import tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.pack_log import labels_missing
from server.db.transaction import Transaction
from server.domain.tracking.journey import Event, Journey
from server.domain.tracking.status import Status

_e, _t, _w, _p, _o, _c = (
    tables.tracking_event,
    tables.parcel_track,
    tables.tracking_word,
    tables.parcel,
    tables.order,
    tables.channel,
)
LIMITS, RULES = "tracking_limits", "tracking_rules"
"""Keys of ``setting``; JSON."""


def put(tx: Transaction, events: Sequence[Mapping[str, Any]]) -> int:
    """Add rows of the inbox to be settled now; return how many are new.

    Of an event that is there already only a new date of delivery counts: carriers repeat an event to tell it.
    """
    made = [{**row, "received_at": tx.now, "settle_at": tx.now} for row in sorted(events, key=lambda row: row["key"])]
    return insert_rows(tx.connection, _e, made, _ONCE)


_ONCE = """
ON CONFLICT (source, key) DO UPDATE SET eta = excluded.eta, settle_at = excluded.settle_at
WHERE excluded.eta IS NOT NULL AND (tracking_event.eta IS NULL OR tracking_event.eta <> excluded.eta)
"""


def due(connection: Connection, now: float, limit: int) -> Sequence[Row[Any]]:
    """Rows of the inbox that may be settled, the oldest first."""
    query = select(_e).where(_e.c.settle_at <= now).order_by(_e.c.settle_at, _e.c.id).limit(limit)
    return connection.execute(query).all()


def parcels_with(connection: Connection, numbers: Iterable[str]) -> dict[str, str]:
    """Parcel ids by tracking number as it was asked for; carriers spell their numbers in any case."""
    asked = {number: {number, number.upper()} for number in numbers}
    spelled = sorted({each for several in asked.values() for each in several})
    query = select(_p.c.id, _p.c.tracking).where(_p.c.tracking.in_(spelled), _p.c.purchase == "bought")
    known = {row.tracking: str(row.id) for row in connection.execute(query)}
    found = {number: known.get(number) or known.get(number.upper()) for number in asked}
    return {number: parcel for number, parcel in found.items() if parcel is not None}


def settled(tx: Transaction, parcel_id: str, event_ids: Sequence[int]) -> None:
    """These events are this parcel's, and in its journey."""
    mine = update(_e).where(_e.c.id.in_(event_ids)).values(parcel_id=parcel_id, settle_at=None)
    tx.connection.execute(mine)


def postpone(tx: Transaction, event_ids: Sequence[int], until: float | None) -> None:
    """Look at these again then; None: never again."""
    tx.connection.execute(update(_e).where(_e.c.id.in_(event_ids)).values(settle_at=until))


def events_of(connection: Connection, parcel_id: str) -> Sequence[Row[Any]]:
    """Everything said of a parcel that is in its journey, by the time it happened."""
    return connection.execute(select(_e).where(_e.c.parcel_id == parcel_id).order_by(_e.c.at, _e.c.id)).all()


def of_order(order_ids: Sequence[int]) -> ColumnElement[bool]:
    """True of events of these orders' parcels, also of those that wait to be settled."""
    mine = _p.c.order_id.in_(order_ids)
    numbers = select(_p.c.tracking).where(mine, _p.c.tracking.is_not(None))
    waits = _e.c.parcel_id.is_(None) & _e.c.tracking.in_(numbers)
    return or_(_e.c.parcel_id.in_(select(_p.c.id).where(mine)), waits)


def erase(tx: Transaction, order_id: int) -> int:
    """What carriers said in words about parcels of this order is gone: they name who signed. Their meaning stays.

    Return how many events had any.
    """
    said = of_order([order_id]) & or_(_e.c.words != "", _e.c.place != "")
    return tx.connection.execute(update(_e).where(said).values(words="", place="")).rowcount


def as_event(row: Row[Any]) -> Event:
    """A row as the rules see it."""
    return Event(row.at, Status(row.status), row.eta)


def track(connection: Connection, parcel_id: str) -> Row[Any] | None:
    """The state of a parcel; None before it left and before anything was said of it."""
    return connection.execute(select(_t).where(_t.c.parcel_id == parcel_id)).first()


def journey_of(row: Row[Any]) -> Journey:
    """The journey of a state's row."""
    return Journey(
        status=Status(row.status) if row.status else None,
        since=row.since,
        eta=row.eta,
        first_scan=row.first_scan_at,
        last=row.last_at,
        delivered=row.delivered_at,
        attempts=row.attempts,
    )


def begin(tx: Transaction, parcel_id: str) -> Row[Any]:
    """The state of a parcel, made where there was none."""
    made = insert_into(tx.connection, _t).values(parcel_id=parcel_id).on_conflict_do_nothing()
    tx.connection.execute(made)
    return tx.connection.execute(select(_t).where(_t.c.parcel_id == parcel_id)).one()


def write(tx: Transaction, parcel_id: str, **columns: Any) -> None:
    """Write columns of a parcel's state."""
    tx.connection.execute(update(_t).where(_t.c.parcel_id == parcel_id).values(**columns))


def hand_over(tx: Transaction, parcel_ids: Iterable[str]) -> None:
    """They left now; one that had left before stays as it was."""
    moments = {"handed_at": tx.now, "look_at": tx.now, "poll_at": tx.now}
    rows = [{"parcel_id": each} | moments for each in sorted(set(parcel_ids))]
    insert_rows(tx.connection, _t, rows, _LEFT_ONCE)


_LEFT_ONCE = """
ON CONFLICT (parcel_id) DO UPDATE
SET handed_at = excluded.handed_at, look_at = excluded.look_at, poll_at = excluded.poll_at
WHERE parcel_track.handed_at IS NULL
"""


def parcels_of(connection: Connection, parcel_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Parcels with their order's and channel's columns: number, order_status, channel_order_id, deliver_by, ship_by,
    amount_due, channel_id, channel."""
    of_order = (_o.c.number.label("order_number"), _o.c.status.label("order_status"), _o.c.channel_order_id)
    promise = (_o.c.deliver_by, _o.c.ship_by, _o.c.amount_due, _o.c.channel_id, _c.c.code.label("channel"))
    query = select(_p, *of_order, *promise).join(_o, _o.c.id == _p.c.order_id).join(_c, _c.c.id == _o.c.channel_id)
    return connection.execute(query.where(_p.c.id.in_(sorted(set(parcel_ids)))).order_by(_p.c.id)).all()


def lock_orders_of(tx: Transaction, parcel_ids: Iterable[str]) -> None:
    """Lock every part of the orders of these parcels, in the order of their ids."""
    mine = select(_p.c.order_id).where(_p.c.id.in_(sorted(set(parcel_ids))))
    places = tx.connection.execute(select(_o.c.channel_id, _o.c.channel_order_id).where(_o.c.id.in_(mine))).all()
    lock_parts(tx, [(row.channel_id, row.channel_order_id) for row in places])


def lock_parts(tx: Transaction, places: Sequence[tuple[int, str]]) -> None:
    """Lock every part of these orders, each as (channel id, channel order id)."""
    same = [(_o.c.channel_id == channel_id) & (_o.c.channel_order_id == order) for channel_id, order in places]
    if same:
        tx.connection.execute(select(_o.c.id).where(or_(*same)).order_by(_o.c.id).with_for_update()).all()


def parts_of(connection: Connection, channel_id: int, channel_order_id: str) -> Sequence[Row[Any]]:
    """(status of the order, id, state and ``arrived`` of each of its parcels) of all parts of a channel's order.

    ``labels_missing``: a box of it stands here still, without a label.
    """
    arrived = _t.c.status == Status.DELIVERED.value
    columns = (_o.c.id.label("order_id"), _o.c.status, _p.c.id, _p.c.state, _p.c.purchase)
    missing = labels_missing(_o.c.id).label("labels_missing")
    joined = _o.outerjoin(_p, _p.c.order_id == _o.c.id).outerjoin(_t, _t.c.parcel_id == _p.c.id)
    query = select(*columns, missing, func.coalesce(arrived, False).label("arrived")).select_from(joined)
    same = (_o.c.channel_id == channel_id) & (_o.c.channel_order_id == channel_order_id)
    return connection.execute(query.where(same).order_by(_o.c.id, _p.c.number)).all()


def put_word(tx: Transaction, provider: str, key: str, code: str, words: str) -> bool:
    """Keep words that nobody has explained; False when they were kept before."""
    row = {"provider": provider, "key": key, "code": code, "words": words, "first_at": tx.now}
    made = insert_into(tx.connection, _w).values(**row).on_conflict_do_nothing().returning(_w.c.key)
    return tx.connection.execute(made).first() is not None


def explained(connection: Connection) -> dict[tuple[str, str], Status]:
    """What people said that words mean, by (provider, key)."""
    rows = connection.execute(select(_w).where(_w.c.status != ""))
    return {(row.provider, row.key): Status(row.status) for row in rows}


def words(connection: Connection) -> Sequence[Row[Any]]:
    """Words that the vocabulary did not have, those that nobody has explained first, with how many ``events``."""
    same = (_e.c.provider == _w.c.provider) & (_e.c.word_key == _w.c.key)
    events = select(func.count()).where(same).correlate(_w).scalar_subquery().label("events")
    return connection.execute(select(_w, events).order_by(_w.c.status, _w.c.first_at, _w.c.key)).all()


def explain(tx: Transaction, provider: str, key: str, status: Status) -> int | None:
    """These words mean this, also where they came before; how many events, None when there are no such words."""
    mine = (_w.c.provider == provider) & (_w.c.key == key)
    if not tx.connection.execute(update(_w).where(mine).values(status=status.value)).rowcount:
        return None
    same = (_e.c.provider == provider) & (_e.c.word_key == key)
    return tx.connection.execute(update(_e).where(same).values(status=status.value, settle_at=tx.now)).rowcount


def set_of(connection: Connection, key: str) -> Any:
    """A setting of ours, None when nobody made it."""
    t = tables.setting
    text = connection.execute(select(t.c.value).where(t.c.key == key)).scalar()
    return None if text is None else json.loads(text)


def lock_setting(tx: Transaction, key: str) -> Any:
    """The setting, locked until the end of the transaction."""
    t = tables.setting
    tx.connection.execute(insert_into(tx.connection, t).values(key=key, value="null").on_conflict_do_nothing())
    text = tx.connection.execute(select(t.c.value).where(t.c.key == key).with_for_update()).scalar_one()
    return json.loads(text)


def write_setting(tx: Transaction, key: str, value: Any) -> None:
    """Write a setting that is locked."""
    t = tables.setting
    tx.connection.execute(update(t).where(t.c.key == key).values(value=json.dumps(value, sort_keys=True)))


def look_at_all(tx: Transaction) -> None:
    """What holds has changed: every parcel on its way is looked at again."""
    tx.connection.execute(update(_t).where(_t.c.over.is_(False)).values(look_at=tx.now))
