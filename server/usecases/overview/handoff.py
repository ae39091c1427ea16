"""From the order's receipt to the scan that handed it over, by channel (HND-05, KPI-10)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select

from server.db import tables
from server.db.transaction import Database

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class HandoffTime:
    """Orders of a channel that left in a time; hours from receipt to the scan on to the vehicle.

    ``assumed`` of them left by a supervisor's word: their scan is the moment of the close.
    """

    channel: str
    orders: int
    p50: float
    p90: float
    assumed: int = 0


def handoff_times(db: Database, begin: float, end: float) -> tuple[HandoffTime, ...]:
    """Every channel with orders whose last parcel was handed over between these times, seconds since the epoch."""
    found: dict[str, list[tuple[float, bool]]] = {}
    with db.read() as connection:
        for row in connection.execute(_handed_over(begin, end)):
            found.setdefault(row.channel, []).append((row.at - row.received_at, bool(row.assumed)))
    return tuple(
        HandoffTime(
            channel=channel,
            orders=len(times),
            p50=_share([t for t, _ in times], 50) / HOUR,
            p90=_share([t for t, _ in times], 90) / HOUR,
            assumed=sum(assumed for _, assumed in times),
        )
        for channel, times in sorted(found.items())
    )


def _handed_over(begin: float, end: float) -> Select[Any]:
    """The last loading scan of each order on a closed load; never the time of a label."""
    on, load, p, o, c = tables.load_parcel, tables.load, tables.parcel, tables.order, tables.channel
    at = func.max(on.c.loaded_at)
    assumed = func.max(case((on.c.assumed, 1), else_=0))
    columns = (c.c.code.label("channel"), o.c.received_at, at.label("at"), assumed.label("assumed"))
    joined = on.join(load, load.c.id == on.c.load_id).join(p, p.c.id == on.c.parcel_id)
    joined = joined.join(o, o.c.id == p.c.order_id).join(c, c.c.id == o.c.channel_id)
    query: Select[Any] = select(*columns).select_from(joined).where(load.c.closed_at.is_not(None))
    return query.group_by(o.c.id, c.c.code, o.c.received_at).having(at >= begin, at < end)


def _share(values: list[float], percent: int) -> float:
    """The smallest of these values that at least so many percent of them do not exceed."""
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]
