"""Which orders are a buyer's, and which are long over: as (channel id, the channel's own id), all parts together."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, String, cast, exists, select

from server.db import tables
from server.db.engine import is_sqlite
from server.db.order_rows import Place
from server.db.transaction import Transaction
from server.domain.sales.orders import OrderStatus

_o, _r, _a, _s = tables.order, tables.recipient, tables.audit, tables.audit_subject
OVER = (OrderStatus.SHIPPED.value, OrderStatus.CANCELLED.value, OrderStatus.EXTERNAL.value)
_ENDINGS = tuple(f"order.{status}" for status in OVER)
_PAGE = 2_000


def locked_parts(tx: Transaction, place: Place) -> Sequence[Row[Any]]:
    """Every part of this order, locked in the order of their ids."""
    same = (_o.c.channel_id == place[0]) & (_o.c.channel_order_id == place[1])
    return tx.connection.execute(select(_o).where(same).order_by(_o.c.id).with_for_update()).all()


def unanswered(connection: Connection, order_ids: Sequence[int]) -> list[str]:
    """Parcels of these orders whose label may be bought for all we know."""
    p, i = tables.parcel, tables.label_intent
    query = select(p.c.id).join(i, i.c.parcel_id == p.c.id).where(p.c.order_id.in_(order_ids))
    return [str(parcel_id) for parcel_id in connection.execute(query.order_by(p.c.number)).scalars()]


def of_buyer(connection: Connection, channel_id: int, mail: str, name: str) -> list[Place]:
    """Orders of a channel with this mail address and this name; an empty one is not compared. Case does not matter."""
    query = select(_o.c.id, _o.c.channel_order_id, _r.c.address, _r.c.contact).join(_r, _r.c.order_id == _o.c.id)
    kept = query.where(_o.c.channel_id == channel_id, _r.c.erased_at.is_(None)).order_by(_o.c.id)
    wanted = (_folded(mail), _folded(name))
    found: dict[Place, None] = {}
    for row in _paged(connection, kept):
        theirs = (_folded((row.contact or {}).get("email")), _folded((row.address or {}).get("name")))
        if all(asked in ("", has) for asked, has in zip(wanted, theirs, strict=True)):
            found[(channel_id, str(row.channel_order_id))] = None
    return list(found)


def ended_before(connection: Connection, before: float) -> list[Place]:
    """Orders with a buyer still kept, all of whose parts shipped or were cancelled before then, the oldest first."""
    part, other = _o.alias(), _o.alias()
    same = (part.c.channel_id == _o.c.channel_id) & (part.c.channel_order_id == _o.c.channel_order_id)
    open_part = exists().where(same, part.c.status.not_in(OVER))
    subject = (_s.c.kind == "order") & (_s.c.ref == cast(other.c.id, String))
    ending = (_a.c.id == _s.c.audit_id) & _a.c.action.in_(_ENDINGS) & (_a.c.at >= before)
    twin = (other.c.channel_id == _o.c.channel_id) & (other.c.channel_order_id == _o.c.channel_order_id)
    query = select(_o.c.id, _o.c.channel_id, _o.c.channel_order_id).join(_r, _r.c.order_id == _o.c.id)
    old = query.where(_r.c.erased_at.is_(None), _o.c.status.in_(OVER), _o.c.received_at < before)
    rows = _paged(connection, old.where(~open_part, ~exists().where(twin, subject, ending)).order_by(_o.c.id))
    return list(dict.fromkeys((int(row.channel_id), str(row.channel_order_id)) for row in rows))


def overwrite(connection: Connection) -> None:
    """SQLite: what is erased in this transaction is overwritten in the file, not only let go."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def swept(engine: Engine) -> bool:
    """SQLite: the write-ahead log, which held what was erased, is emptied. False while another program reads in it.

    PostgreSQL does both by itself: autovacuum and the recycling of its log.
    """
    if not is_sqlite(engine):
        return True
    with engine.connect() as connection:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()


def _folded(text: Any) -> str:
    return " ".join(str(text or "").split()).casefold()


def _paged(connection: Connection, query: Any) -> Iterator[Row[Any]]:
    """All rows by rising order id, some at a time: a year of orders does not fit in memory."""
    last = 0
    while rows := connection.execute(query.where(_o.c.id > last).limit(_PAGE)).all():
        yield from rows
        last = rows[-1].id


def changed(before: Any, after: Any) -> bool:
    """Whether two JSON values differ; a tuple is a list."""
    return json.dumps(before, default=str) != json.dumps(after, default=str)
