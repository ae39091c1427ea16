"""Which lots are still good, by the day at the site where they lie."""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, or_, select

from server.db import sites, tables
from server.domain.booking.lots import day_in

_s = tables.stock
T = TypeVar("T")


def days(connection: Connection, now: float) -> dict[int, str]:
    """The ISO date at every site, by its id."""
    return {site_id: day_in(now, zone).isoformat() for site_id, zone in sites.zones(connection).items()}


def still_good(days: Mapping[int, str]) -> ColumnElement[bool]:
    """Rows of stock that do not expire, or not before the day at their site."""
    return or_(_s.c.expires_on == "", *(here & (_s.c.expires_on >= day) for day, here in _by_day(days)))


def expired_between(connection: Connection, since: float, until: float) -> list[str]:
    """SKUs with a lot whose last day was one at its site until a midnight there in (since, until]."""
    before, now = days(connection, since), days(connection, until)
    ended = {site_id: (day, now[site_id]) for site_id, day in before.items() if day != now[site_id]}
    if not ended:
        return []
    gone = (
        here & (_s.c.expires_on >= first) & (_s.c.expires_on < last) & (_s.c.expires_on != "")
        for (first, last), here in _by_day(ended)
    )
    return list(connection.execute(select(_s.c.sku).distinct().where(or_(*gone))).scalars())


def _by_day(days: Mapping[int, T]) -> list[tuple[T, ColumnElement[bool]]]:
    """Sites of one day together; there are never more than three days on Earth."""
    sites_of: dict[T, list[int]] = {}
    for site_id, day in sorted(days.items()):
        sites_of.setdefault(day, []).append(site_id)
    return [(day, _s.c.site_id.in_(ids)) for day, ids in sites_of.items()]
