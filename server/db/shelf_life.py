"""Which lots are still good, by the day at the site where they lie, and for how long somebody asks them to be."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from server.db import sites, tables
from server.domain.booking.life import MinimumLife, later
from server.domain.booking.lots import day_in

_s, _p = tables.stock, tables.product
T = TypeVar("T")
LIFE = "life_days"
"""Under this key a channel's policy says for how many days goods must still be good when they are packed."""


def days(connection: Connection, now: float) -> dict[int, str]:
    """The ISO date at every site, by its id."""
    return {site_id: day_in(now, zone).isoformat() for site_id, zone in sites.zones(connection).items()}


def still_good(days: Mapping[int, str]) -> ColumnElement[bool]:
    """Rows of stock that do not expire, or not before the day at their site."""
    return or_(_s.c.expires_on == "", *(here & (_s.c.expires_on >= day) for day, here in _by_day(days)))


def channel_days(policy: Mapping[str, Any] | None) -> int | None:
    """What this channel's policy asks for; None where it does not."""
    days = (policy or {}).get(LIFE)
    return None if days is None else int(days)


def asked_for(connection: Connection, channels: Iterable[Row[Any]]) -> MinimumLife:
    """What products and these channels ask for."""
    products = connection.execute(select(_p.c.sku, _p.c.life_days).where(_p.c.life_days.is_not(None)))
    by_channel = {row.code: days for row in channels if (days := channel_days(row.policy)) is not None}
    return MinimumLife({row.sku: row.life_days for row in products}, by_channel)


def dated(connection: Connection) -> list[str]:
    """SKUs with a lot that expires."""
    return list(connection.execute(select(_s.c.sku).distinct().where(_s.c.expires_on != "")).scalars())


def turned_between(connection: Connection, since: float, until: float, spans: Iterable[int]) -> list[str]:
    """SKUs with a lot that became too old at a midnight of its site in (since, until].

    It does so many days before it expires as ``spans`` name, 0 for its last day itself.
    """
    before, now = days(connection, since), days(connection, until)
    ended = {site_id: (day, now[site_id]) for site_id, day in before.items() if day != now[site_id]}
    if not ended:
        return []
    gone = (
        here & (_s.c.expires_on >= later(first, span)) & (_s.c.expires_on < later(last, span)) & (_s.c.expires_on != "")
        for (first, last), here in _by_day(ended)
        for span in sorted(spans)
    )
    return list(connection.execute(select(_s.c.sku).distinct().where(or_(*gone))).scalars())


def _by_day(days: Mapping[int, T]) -> list[tuple[T, ColumnElement[bool]]]:
    """Sites of one day together; there are never more than three days on Earth."""
    sites_of: dict[T, list[int]] = {}
    for site_id, day in sorted(days.items()):
        sites_of.setdefault(day, []).append(site_id)
    return [(day, _s.c.site_id.in_(ids)) for day, ids in sites_of.items()]
