"""Rows of checkout holds. A hold's row is locked before its stock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, func, select

from server.db import aliases, raw, tables
from server.db.bulk import encoded, insert_rows
from server.db.transaction import Transaction
from server.domain.booking.reservation import Claim

_h, _l = tables.hold, tables.hold_line
LIVE = ("held", "confirmed")
Place = tuple[int, str]
"""(channel id, key)."""


class Known(NamedTuple):
    """What is remembered of a hold that was asked for before."""

    id: int
    channel_id: int
    key: str
    state: str
    fingerprint: str
    answer: str


def by_keys(connection: Connection, places: Sequence[Place]) -> dict[Place, Known]:
    """The holds that were asked for under these keys: state, fingerprint and answer."""
    return ask_by_keys(connection, places)()


def ask_by_keys(connection: Connection, places: Sequence[Place]) -> Callable[[], dict[Place, Known]]:
    """As ``by_keys``, for the answer to come with others inside ``raw.together``."""
    if not places:
        return dict
    if connection.dialect.name == "sqlite":
        by_channel: dict[int, list[str]] = {}
        for channel_id, key in places:
            by_channel.setdefault(channel_id, []).append(key)
        rows = [
            row
            for channel_id, keys in by_channel.items()
            for row in raw.execute(connection, _SQLITE_BY_KEYS, (channel_id, encoded(keys)))
        ]
    else:
        channel_ids, keys = zip(*places, strict=True)
        rows = raw.execute(connection, _POSTGRES_BY_KEYS, (list(channel_ids), list(keys)))
    return lambda: {(row[1], row[2]): Known(*row) for row in rows}


_SQLITE_BY_KEYS = """
SELECT id, channel_id, key, state, fingerprint, answer FROM hold
WHERE channel_id = ? AND key IN (SELECT value FROM json_each(?))
"""
_POSTGRES_BY_KEYS = """
SELECT h.id, h.channel_id, h.key, h.state, h.fingerprint, h.answer
FROM unnest(%s::int[], %s::text[]) AS r(channel_id, key)
JOIN hold AS h ON h.channel_id = r.channel_id AND h.key = r.key
"""

Names = Callable[[int, Mapping[str, int]], Mapping[str, int]]


def canonical(connection: Connection, aliased: bool, wishes: Sequence[Any]) -> Names:
    """A function from (channel id, units by the channel's SKUs) to units by ours."""
    if not aliased:
        return lambda _channel_id, units: units
    known = aliases.resolve(connection, {(w.channel_id, code) for w in wishes for code in w.units})

    def named(channel_id: int, units: Mapping[str, int]) -> Mapping[str, int]:
        ours: dict[str, int] = {}
        for code, n in units.items():
            sku = known.get((channel_id, code), code)
            ours[sku] = ours.get(sku, 0) + n
        return ours

    return named


def insert(tx: Transaction, holds: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]) -> None:
    """New holds with what they hold."""
    insert_rows(tx.connection, _h, holds)
    insert_rows(tx.connection, _l, lines)


def lock(tx: Transaction, ids: Iterable[int], state: str) -> Sequence[Row[Any]]:
    """Those of these holds that are in this state, locked."""
    query = select(_h).where(_h.c.id.in_(sorted(ids)), _h.c.state == state).order_by(_h.c.id)
    return tx.connection.execute(query.with_for_update()).all()


def lines(connection: Connection, ids: Iterable[int]) -> Sequence[Row[Any]]:
    """What these holds hold."""
    query = select(_l).where(_l.c.hold_id.in_(sorted(ids)))
    return connection.execute(query.order_by(_l.c.hold_id, _l.c.sku, _l.c.site_id, _l.c.lot)).all()


def replace_lines(tx: Transaction, hold_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """The hold was decided again and lies elsewhere."""
    tx.connection.execute(delete(_l).where(_l.c.hold_id == hold_id))
    insert_rows(tx.connection, _l, rows)


def expired(now: float, limit: int) -> Select[Any]:
    """Ids of the holds whose time is over, the longest first."""
    due = select(_h.c.id).where(_h.c.state == "held", _h.c.expires_at <= now)
    return due.order_by(_h.c.expires_at).limit(limit)


def next_expiry() -> Select[Any]:
    """When the next one ends."""
    return select(func.min(_h.c.expires_at)).where(_h.c.state == "held")


def lock_live(tx: Transaction, places: Sequence[Place]) -> dict[Place, tuple[int, list[Claim]]]:
    """The holds under these keys that still hold something, locked: id and claims."""
    rows = by_keys(tx.connection, places)
    live = sorted(row.id for row in rows.values() if row.state in LIVE)
    query = select(_h).where(_h.c.id.in_(live), _h.c.state.in_(LIVE)).order_by(_h.c.id).with_for_update()
    locked = {row.id: (row.channel_id, row.key) for row in tx.connection.execute(query)}
    found: dict[Place, tuple[int, list[Claim]]] = {place: (hold_id, []) for hold_id, place in locked.items()}
    for line in lines(tx.connection, locked):
        found[locked[line.hold_id]][1].append(Claim(line.sku, line.site_id, line.lot, line.quantity))
    return found


def use(tx: Transaction, orders: Mapping[int, int]) -> None:
    """These holds have become orders: order id by hold id."""
    mark = "?" if tx.connection.dialect.name == "sqlite" else "%s"
    for hold_id, order_id in sorted(orders.items()):
        query = f"UPDATE hold SET state = 'used', order_id = {mark} WHERE id = {mark}"  # noqa: S608
        raw.execute(tx.connection, query, (order_id, hold_id))
