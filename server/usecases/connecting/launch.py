"""The first two weeks of a channel, day by day; launch mode ends by itself (LCH-01)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from server.db import sites, tables
from server.usecases.connecting.going_live import LAUNCH_DAYS
from server.usecases.connecting.keeping import channel_of, connecting

_o, _d, _l = tables.order, tables.delivery, tables.order_line


@dataclass(frozen=True, slots=True)
class LaunchDay:
    """One day by the first site's clock: what came, what we cancelled, what could not be told at the first try."""

    day: date
    orders: int
    units: int
    shipped: int
    held: int
    cancelled_by_us: int
    told: int
    untold: int


@dataclass(frozen=True, slots=True)
class Launch:
    """``day`` counts from 1; 0 before it is live. ``ends_at`` is when launch mode is over."""

    live_at: float | None
    ends_at: float | None
    day: int
    on: bool
    override: str
    days: tuple[LaunchDay, ...]


def launch(connection: Connection, now: float, code: str) -> Launch:
    """How the launch of a channel goes; raise DomainError("not_found")."""
    row = channel_of(connection, code)
    at = connecting(row).get("live_at") or None
    if at is None:
        return Launch(None, None, 0, False, "", ())
    ends = at + LAUNCH_DAYS * 86_400
    first = next(iter(sites.all_sites(connection)), None)
    zone = ZoneInfo(first.time_zone if first else "UTC")
    days = tuple(_days(connection, row.id, at, min(now, ends), zone))
    number = min(LAUNCH_DAYS, int((now - at) // 86_400) + 1)
    return Launch(at, ends, number, now < ends, str(connecting(row).get("override") or ""), days)


def _days(connection: Connection, channel_id: int, since: float, until: float, zone: ZoneInfo) -> Iterator[LaunchDay]:
    counts: Counter[tuple[date, str]] = Counter()

    def day(at: float) -> date:
        return datetime.fromtimestamp(at, zone).date()

    lines = (
        select(_o.c.id, _o.c.received_at, _o.c.status, _o.c.cancelled_by, _l.c.quantity)
        .join(_l, _l.c.order_id == _o.c.id)
        .where(_o.c.channel_id == channel_id, _o.c.received_at >= since, _o.c.received_at <= until)
    )
    seen: set[int] = set()
    for order in connection.execute(lines):
        when = day(order.received_at)
        counts[when, "units"] += order.quantity
        if order.id not in seen:
            seen.add(order.id)
            counts[when, "orders"] += 1
            counts[when, "shipped"] += order.status == "shipped"
            counts[when, "held"] += order.status in {"on_hold", "conflict", "waiting"}
            counts[when, "cancelled_by_us"] += order.status == "cancelled" and order.cancelled_by == "seller"
    told = select(_d.c.at, _d.c.ok).where(_d.c.channel_id == channel_id, _d.c.at >= since, _d.c.at <= until)
    for push in connection.execute(told):
        counts[day(push.at), "told" if push.ok else "untold"] += 1
    names = ("orders", "units", "shipped", "held", "cancelled_by_us", "told", "untold")
    at, last = day(since), day(until)
    while at <= last:
        yield LaunchDay(at, *(counts[at, name] for name in names))
        at += timedelta(days=1)
