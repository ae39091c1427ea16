"""Verdicts counted by channel and reason."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from server.db import tables

_e, _s, _o, _c, _d, _p = (
    tables.pack_event,
    tables.pack_session,
    tables.order,
    tables.channel,
    tables.dock_event,
    tables.parcel,
)


def counts(connection: Connection, begin: float, end: float) -> list[tuple[str, str, int]]:
    """(channel, reason, scans) at packing benches and docks, received from ``begin`` and before ``end``."""
    packed = select(_c.c.code, _e.c.reason, func.count()).select_from(
        _e.join(_s, _s.c.id == _e.c.session_id).join(_o, _o.c.id == _s.c.order_id).join(_c, _c.c.id == _o.c.channel_id)
    )
    packed = packed.where(_e.c.kind == "scan", _e.c.received_at >= begin, _e.c.received_at < end)
    docked = select(_c.c.code, _d.c.reason, func.count()).select_from(
        _d.join(_p, _p.c.id == _d.c.parcel_id).join(_o, _o.c.id == _p.c.order_id).join(_c, _c.c.id == _o.c.channel_id)
    )
    docked = docked.where(_d.c.part == 0, _d.c.received_at >= begin, _d.c.received_at < end)
    found: dict[tuple[str, str], int] = {}
    for query in (packed.group_by(_c.c.code, _e.c.reason), docked.group_by(_c.c.code, _d.c.reason)):
        for channel, reason, count in connection.execute(query):
            found[channel, reason] = found.get((channel, reason), 0) + int(count)
    return [(channel, reason, count) for (channel, reason), count in sorted(found.items())]


def settings(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The values of those settings that were made."""
    t = tables.setting
    rows = connection.execute(select(t.c.key, t.c.value).where(t.c.key.in_(sorted(set(keys)))))
    return {row.key: row.value for row in rows}
