"""Promises about orders that a channel did not take yet: its own ship-by (SBK-03), its time for an answer (ORD-14)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from server.channels import platform_of
from server.db import exposure, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.incidents import IncidentType
from server.usecases.record import incidents

BEFORE_SHIP_BY = 2 * 3600.0
"""Seconds before an order's ship-by at which an untold shipment is a person's matter."""
ACK_WARN = 0.75
"""Of the time for an acknowledgement."""
COUNTED = 5_000
_o, _c, _out, _p, _i = tables.order, tables.channel, tables.outbox, tables.parcel, tables.incident
_PREFIXES = ("untold:", "ack:", "ack-missed:")
_WATCH = Actor("deadlines")


def watch(db: Database) -> bool:
    """The worker's share; True when there is more to count right now."""
    with db.read() as connection:
        waiting = _untold(connection)
        told = connection.execute(_ended()).all()
    due = [row for row in waiting if _key(row, db.now())]
    if due or told:
        with transaction(db, _WATCH, "deadlines") as tx:
            _close(tx, told)
            for row in due:
                _open(tx, row)
    return _count(db)


def _count(db: Database) -> bool:
    with db.read() as connection:
        newest = connection.execute(
            select(tables.delivery.c.id).order_by(tables.delivery.c.id.desc()).limit(1)
        ).scalar()
        if newest is None or newest <= exposure.counted(connection):
            return False
    with transaction(db, _WATCH, "exposure") as tx:
        return exposure.count_some(tx, COUNTED)


def _untold(connection: Connection) -> list[Row[Any]]:
    """Confirmations and acknowledgements that no channel has taken."""
    columns = (_out.c.id, _out.c.kind, _c.c.code, _c.c.kind.label("channel_kind"), _o.c.id.label("order"))
    about = (_o.c.number, _o.c.ship_by, _o.c.received_at, _o.c.channel_order_id)
    waits = _out.c.state.in_(("waiting", "parked"))
    rows: Select[Any] = select(*columns, *about)
    channel = _out.join(_c, _c.c.id == _out.c.channel_id)
    shipped = channel.join(_p, _p.c.id == _out.c.key).join(_o, _o.c.id == _p.c.order_id)
    same = (_o.c.channel_id == _out.c.channel_id) & (_o.c.channel_order_id == _out.c.key) & (_o.c.part == 1)
    found: list[Row[Any]] = []
    for kind, joined in (("shipment", shipped), ("ack", channel.join(_o, same))):
        found += connection.execute(rows.select_from(joined).where(_out.c.kind == kind, waits)).all()
    return found


def _ended() -> Any:
    """Open incidents of ours; whether their word is taken is looked up by the id in the key."""
    ours = [_i.c.once_key.startswith(prefix) for prefix in _PREFIXES]
    return select(_i.c.id, _i.c.once_key).where(_i.c.state == "open", ours[0] | ours[1] | ours[2])


def _close(tx: Transaction, told: Sequence[Row[Any]]) -> None:
    ids = {int(row.once_key.partition(":")[2]): row.once_key for row in told}
    sent = select(_out.c.id).where(_out.c.id.in_(sorted(ids)), _out.c.state.in_(("sent", "withdrawn")))
    for outbox_id in tx.connection.execute(sent).scalars():
        for prefix in _PREFIXES:
            incidents.close_by_key(tx, f"{prefix}{outbox_id}", "the channel took it")


def _key(row: Row[Any], now: float) -> str:
    """Of the incident that is due; empty while there is time."""
    if row.kind == "shipment":
        return f"untold:{row.id}" if row.ship_by is not None and row.ship_by - now <= BEFORE_SHIP_BY else ""
    within = _within(row)
    if within is None or now < row.received_at + ACK_WARN * within:
        return ""
    return f"ack-missed:{row.id}" if now >= row.received_at + within else f"ack:{row.id}"


def _within(row: Row[Any]) -> float | None:
    platform = platform_of(row.channel_kind)
    return platform.ACK_WITHIN if platform is not None else None


def _open(tx: Transaction, row: Row[Any]) -> None:
    key, order = _key(row, tx.now), f"order {row.number or row.channel_order_id}"
    if row.kind == "shipment":
        left = span(row.ship_by - tx.now)
        cause = f"channel {row.code} did not take the shipment of {order}: its ship-by is {left}"
        incidents.open_incident(tx, IncidentType.UNTOLD, cause, order_id=row.order, once_key=key)
        return
    left = span(row.received_at + (_within(row) or 0.0) - tx.now)
    cause = f"channel {row.code} did not take our word that we have {order}: its limit is {left}"
    if key.startswith("ack-missed:"):
        incidents.close_by_key(tx, f"ack:{row.id}", "the limit has passed")
    incidents.open_incident(tx, IncidentType.ACK_MISSED, cause, order_id=row.order, once_key=key)


def span(seconds: float) -> str:
    """``in 1 h 20 min``, or ``since 20 min``."""
    minutes = int(abs(seconds) // 60)
    text = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    return f"in {text}" if seconds >= 0 else f"passed since {text}"
