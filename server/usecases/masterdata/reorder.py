"""Each morning: velocities from the ledger, and the list to reorder from (LOW-02, LOW-04)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from server.db import low_stock as rows
from server.db import sites
from server.db.low_stock import TOTAL, Place
from server.db.transaction import Database, transaction
from server.domain.warehouse.lowstock import SOON_DAYS, Day, Level, reorder_list, velocity
from server.usecases.masterdata.daily import once_a_day
from server.usecases.masterdata.lowstock import WATCH, follow, levels, watch

MORNING_HOUR = 5
LISTED_MAX = 200
"""Rows of the morning list that the audit keeps; it counts all."""


def tick(db: Database) -> None:
    """The worker's share: look at what was sold or came since the last look, and each morning at everything."""
    follow(db)
    once_a_day(db, WATCH, "reorder_morning", MORNING_HOUR, lambda: morning(db))


def morning(db: Database) -> tuple[Level, ...]:
    """New velocities, alerts on the new thresholds, and the list of the day in the audit."""
    with db.read() as connection:
        skus = rows.stocked_skus(connection)
    for some in rows.chunks(skus):
        refresh(db, some)
    with transaction(db, WATCH, "reorder_list") as tx:
        listed = reorder(tx.connection, tx.now)
        shown = [told(level) for level in listed[:LISTED_MAX]]
        tx.note("reorder.listed", {"count": len(listed), "levels": shown})
    return listed


def refresh(db: Database, skus: Sequence[str]) -> None:
    """Compute the velocities of these SKUs from the ledger, and watch them against their new thresholds."""
    with db.read() as connection:
        days = rows.history(connection, skus, db.now())
        on_hand = {(row.sku, row.site_id): row.on_hand for row in rows.shelves(connection, skus, db.now())}
    speeds = {place: velocity(units, days.get(place, {})) for place, units in on_hand.items()}
    for sku, places in _by_sku(on_hand).items():
        together = _together(days.get(place, {}) for place in places)
        speeds[sku, TOTAL] = velocity(sum(on_hand[place] for place in places), together)
    with transaction(db, WATCH, "velocity") as tx:
        rows.put_velocities(tx, skus, speeds)
        watch(tx, skus)


def reorder(connection: Connection, now: float, *, site: str = "", soon_days: int = SOON_DAYS) -> tuple[Level, ...]:
    """What to order, the least days of cover first: of one site, or in total. Raise DomainError("not_found")."""
    site_id = sites.by_code(connection, site).id if site else TOTAL
    found: list[Level] = []
    for some in rows.chunks(rows.watched(connection)):
        of_some = levels(connection, some, now)
        if site:
            found += [level for place, level in of_some.items() if place[1] == site_id]
            continue
        for sku, places in _by_sku(of_some).items():
            # A SKU of one site has no total of its own.
            found += [of_some[sku, TOTAL]] if (sku, TOTAL) in of_some else [of_some[place] for place in places]
    return reorder_list(found, soon_days)


def told(level: Level) -> dict[str, Any]:
    """A level as the API, the audit and the command line show it."""
    cover = level.cover_days
    return {
        "sku": level.sku,
        "site": level.site,
        "available": level.available,
        "inbound": level.inbound,
        "threshold": level.threshold.formula,
        "cover_days": None if cover is None else round(cover, 1),
    }


def _by_sku(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place[0], []).append(place)
    return found


def _together(several: Iterable[dict[int, Day]]) -> dict[int, Day]:
    days: dict[int, Day] = {}
    for some in several:
        for ago, day in some.items():
            other = days.get(ago, Day())
            days[ago] = Day(other.d_on_hand + day.d_on_hand, other.shipped + day.shipped)
    return days
