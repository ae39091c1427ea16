"""The exception report of each day: numbers that differed by channel, places that differed, promises without stock.

It is made once a day, also with no rows, and kept (REC-01 to REC-03). Each row names before and after, the orders it
concerns and the cause, where it is known.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.db import exceptions as rows
from server.db import reconciling, sites
from server.db.transaction import Actor, Database, transaction
from server.domain.channels.deviations import Cause
from server.domain.errors import DomainError
from server.usecases.masterdata.daily import once_a_day

HOUR = 0
"""The first hour of a day by the first site's clock: the report is about the day before."""
ROWS_MOST = 5_000
"""Rows of one section that are kept; all are counted."""
NIGHT = Actor("exception report")
Report = dict[str, Any]
"""{"day", "counts": {section: rows}, "deltas": [...], "locations": [...], "short": [...]}."""


def tick(db: Database) -> None:
    """The worker's share: each night yesterday's report, and those of days on which no server ran."""
    once_a_day(db, NIGHT, "exception_report", HOUR, lambda: make_missing(db))


def make_missing(db: Database, days: int = 7) -> None:
    """The report of yesterday, and of up to so many days before it that have none."""
    with db.read() as connection:
        yesterday = today(connection, db.now()) - timedelta(days=1)
        wanted = [yesterday - timedelta(days=back) for back in range(days)]
        missing = [day for day in wanted if _is_missing(connection, day)]
    for day in sorted({yesterday, *missing}):
        make(db, day)


def _is_missing(connection: Connection, day: date) -> bool:
    """Whether this day has no report though an earlier one has: before the first there was nothing to tell."""
    if reconciling.report(connection, day.isoformat()) is not None:
        return False
    return reconciling.first_report(connection) < day.isoformat()


def make(db: Database, day: date) -> Report:
    """Make and keep the report of this day; one that was made before is replaced."""
    with db.read() as connection:
        report = read(connection, day)
    with transaction(db, NIGHT, "exception_report") as tx:
        reconciling.put_report(tx, day.isoformat(), report)
        tx.note("report.exceptions", {"day": report["day"], **report["counts"]})
    return report


def exceptions(db: Database, day: date | None = None) -> Report:
    """The report of a day as it was kept; of today so far. Raise DomainError("not_found")."""
    with db.read() as connection:
        now = today(connection, db.now())
        wanted = day or now
        if wanted >= now:
            return read(connection, now)
        kept = reconciling.report(connection, wanted.isoformat())
    if kept is None:
        raise DomainError("not_found", f"there is no exception report of {wanted.isoformat()}")
    found: Report = dict(kept.content)
    return found


def today(connection: Connection, now: float) -> date:
    """The day at the first site."""
    return datetime.fromtimestamp(now, _zone(connection)).date()


def read(connection: Connection, day: date) -> Report:
    """The three sections."""
    zone = _zone(connection)
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=zone).timestamp() for d in (day, day + timedelta(days=1)))
    found = {
        "deltas": [*_deltas(connection, begin, end), *_paused(connection)],
        "locations": _locations(connection, begin, end),
        "short": _short(connection, begin, end),
    }
    counts = {section: len(some) for section, some in found.items()}
    return {"day": day.isoformat(), "counts": counts} | {key: some[:ROWS_MOST] for key, some in found.items()}


def _deltas(connection: Connection, begin: float, end: float) -> list[dict[str, Any]]:
    return [
        {
            "channel": row.channel,
            "listing": row.channel_sku,
            "sku": row.sku or "",
            "before": row.told,
            "after": row.live,
            "orders": row.orders,
            "cause": row.cause,
            "because": Cause(row.cause).sentence,
            "fixed_by": row.fixed_by,
            "state": row.state,
            "since": row.first_at,
        }
        for row in reconciling.of_day(connection, begin, end)
    ]


def _paused(connection: Connection) -> list[dict[str, Any]]:
    """Nobody reads a paused channel back: what it showed last differs on purpose."""
    found = []
    for row in reconciling.paused(connection):
        told = int(row.payload["data"]["available"]) if row.payload else None
        if told is not None and told != row.live:
            delta = {"channel": row.channel, "listing": row.channel_sku, "sku": row.sku, "before": told}
            why = {"cause": Cause.PAUSED.value, "because": Cause.PAUSED.sentence, "fixed_by": "", "state": "open"}
            found.append(delta | {"after": row.live, "orders": [], **why, "since": None})
    return found


def _locations(connection: Connection, begin: float, end: float) -> list[dict[str, Any]]:
    """What a site had was not what the book said."""
    return [
        {
            "site": row.site,
            "sku": row.sku,
            "lot": row.lot,
            "difference": row.units,
            "cause": "count" if row.kind == "count" else "lost on a transfer",
            "because": row.reason,
            "by": row.actor,
            "at": row.at,
        }
        for row in rows.location_differences(connection, begin, end)
    ]


def _short(connection: Connection, begin: float, end: float) -> list[dict[str, Any]]:
    """Sold and not there; shown below zero by a platform; promises that were broken on this day."""
    waits: dict[str, list[Any]] = defaultdict(list)
    for row in rows.waiting(connection):
        waits[row.sku].append(row)
    found: list[dict[str, Any]] = [
        {
            "sku": sku,
            "units": sum(row.quantity for row in some),
            "channel": ", ".join(sorted({row.code for row in some})),
            "orders": [row.number or row.channel_order_id for row in some][:20],
            "cause": f"waits for {', '.join(sorted({row.waiting_for or 'stock' for row in some}))}",
            "state": "open",
        }
        for sku, some in waits.items()
    ]
    for row in rows.below_zero(connection):
        what = {"sku": row.sku or row.channel_sku, "units": -row.live, "channel": row.code, "orders": []}
        found.append(what | {"cause": "the channel shows less than nothing", "state": "open"})
    for row in rows.short_incidents(connection, begin, end):
        what = {"sku": row.sku or "", "units": None, "channel": row.code or "", "cause": row.cause}
        found.append(what | {"orders": [row.number] if row.number else [], "state": row.state})
    return found


def _zone(connection: Connection) -> ZoneInfo:
    first = next(iter(sites.all_sites(connection)), None)
    return ZoneInfo(first.time_zone if first is not None else "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """One product family at one warehouse since the channel was launched, in units."""

    family: str
    warehouse: str
    orders: int
    sold: int
    cancelled: int
    shipped: int
    overdue: int
    due: int
    on_time: int

    @property
    def punctual(self) -> float | None:
        """The part of what was due by its channel's ship-by that left in time, 0 to 1; None while nothing was."""
        return self.on_time / self.due if self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchReport:
    """Promised, sold and shipped (REC-04). ``shown``: units the channel is told to have now, by family."""

    channel: str
    shown: Mapping[str, int]
    rows: tuple[Sold, ...]

    def sell_through(self, family: str) -> float:
        """The part of what was promised in all, sold or still shown, that was sold; 0 to 1."""
        sold = sum(row.sold - row.cancelled for row in self.rows if row.family == family)
        promised = sold + self.shown.get(family, 0)
        return sold / promised if promised else 0.0


def launch_report(connection: Connection, channel: str, since: float, now: float) -> LaunchReport:
    """What a channel was promised, and what became of it since then; raise DomainError("not_found")."""
    row = sites.channel(connection, channel)
    if row is None:
        raise DomainError("not_found", f"there is no channel {channel[:40]!r}")
    found = [
        Sold(
            family=each.family,
            warehouse=each.warehouse,
            orders=int(each.orders),
            sold=int(each.sold),
            cancelled=int(each.cancelled),
            shipped=int(each.shipped),
            overdue=int(each.overdue),
            due=int(each.due),
            on_time=int(each.on_time),
        )
        for each in rows.launch(connection, row.id, since, now)
    ]
    return LaunchReport(channel=channel, shown=rows.shown(connection, row.id), rows=tuple(found))
