"""Low stock: the level of a SKU at each site and in total, and one alert for each crossing (LOW-01, LOW-04)."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from server.db import catalogue, sites, tables
from server.db import low_stock as rows
from server.db import masters as db_masters
from server.db import stock as db_stock
from server.db.dialect import insert_into
from server.db.low_stock import TOTAL, Place
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.warehouse.lowstock import LEAD_DAYS, Crossing, Level, Threshold, Velocity, crossing
from server.usecases.record import incidents

WATCH = Actor("low stock")
BATCHES = 200
"""Committed batches in one look."""
_CURSOR = "low_stock_seq"
_v = tables.setting
Levels = dict[Place, Level]


def set_supply(
    db: Database, actor: Actor, sku: str, *, lead_days: float | None = None, site: str = "", safety: int | None = None
) -> list[Level]:
    """How a SKU is replenished: days until the supplier delivers, and safety units at a site. Return its levels.

    Raise DomainError("unknown_sku" | "not_found" | "invalid").
    """
    if lead_days is not None and not 0 <= lead_days <= 730:
        raise DomainError("invalid", f"lead days: expected 0 to 730, found {lead_days:g}")
    if safety is not None and not (site and 0 <= safety <= 10**9):
        raise DomainError("invalid", f"safety: expected 0 to 1000000000 units and a site, found {safety} at {site!r}")
    with transaction(db, actor, "set_supply") as tx:
        catalogue.lock_version(tx)
        if catalogue.product(tx.connection, sku) is None:
            raise DomainError("unknown_sku", f"there is no product {sku[:40]!r}")
        if lead_days is not None:
            db_masters.change(tx, sku, {"lead_days": lead_days})
        if safety is not None:
            _set_safety(tx, sku, sites.by_code(tx.connection, site).id, safety)
        tx.note("product.supply", {"lead_days": lead_days, "site": site, "safety": safety}, sku=sku)
        watch(tx, [sku])
        return list(levels(tx.connection, [sku], tx.now).values())


def levels(connection: Connection, skus: Sequence[str], now: float) -> Levels:
    """Every level of these SKUs by (SKU, site id); the total, under site id 0, where more than one site counts."""
    speeds, alerts = rows.velocities(connection, skus), rows.low(connection, skus)
    owed = rows.ordered(connection, skus)
    shelves: dict[str, list[rows.Shelf]] = {}
    for row in rows.shelves(connection, skus, now):
        shelves.setdefault(row.sku, []).append(row)
    found: Levels = {}
    for sku, some in shelves.items():
        each = [_level(row, speeds.get((sku, row.site_id)), owed, alerts) for row in some]
        found |= {(sku, row.site_id): level for row, level in zip(some, each, strict=True)}
        if sum(row.on_hand > 0 or level.threshold.units > 0 for row, level in zip(some, each, strict=True)) > 1:
            found[sku, TOTAL] = _total(sku, some, each, speeds.get((sku, TOTAL)), (sku, TOTAL) in alerts)
    return found


def watch(tx: Transaction, skus: Sequence[str]) -> list[tuple[Level, Crossing]]:
    """Tell people of every SKU that fell below its threshold, once; take the alert back when it has recovered."""
    now = levels(tx.connection, skus, tx.now)
    met = [(place, level, crossing(level.low, level.available, level.threshold)) for place, level in now.items()]
    for place, level, crossed in met:
        if crossed is Crossing.FELL and rows.fell(tx, place, level.threshold.units):
            incidents.open_incident(tx, IncidentType.LOW_STOCK, _cause(level), sku=level.sku, once_key=_once(place))
        elif crossed is Crossing.ROSE:
            _end(tx, place, f"{level.available} are available again")
    for place in rows.low(tx.connection, skus) - now.keys():
        _end(tx, place, "it is not watched there any more")
    return [(level, crossed) for _, level, crossed in met if crossed]


def follow(db: Database) -> None:
    """Watch the SKUs whose counters moved; any number of servers may follow, one is heard."""
    while True:
        with db.read() as connection:
            before = _cursor(connection)
            after, skus = rows.moved_since(connection, before, BATCHES)
        if after == before:
            return
        with transaction(db, WATCH, "low_stock") as tx:
            if not _advance(tx, before, after):
                return
            for some in rows.chunks(skus):
                watch(tx, some)


def _level(row: rows.Shelf, speed: Velocity | None, owed: dict[Place, int], alerts: set[Place]) -> Level:
    place = row.sku, row.site_id
    threshold = Threshold(speed or Velocity(), _lead(row), row.safety)
    inbound = row.inbound + owed.get(place, 0)
    return Level(row.sku, row.site, row.available, threshold, inbound, place in alerts)


def _total(sku: str, shelves: Sequence[rows.Shelf], each: Sequence[Level], speed: Velocity | None, low: bool) -> Level:
    threshold = Threshold(speed or Velocity(), _lead(shelves[0]), sum(row.safety for row in shelves))
    return Level(sku, "", sum(e.available for e in each), threshold, sum(e.inbound for e in each), low)


def _lead(row: rows.Shelf) -> float:
    return LEAD_DAYS if row.lead_days is None else float(row.lead_days)


def _cause(level: Level) -> str:
    where = f"at {level.site}" if level.site else "over all sites"
    return f"{level.sku} is low {where}: {level.available} available, threshold {level.threshold.formula}"


def _once(place: Place) -> str:
    return f"low:{place[1]}:{place[0]}"


def _end(tx: Transaction, place: Place, why: str) -> None:
    rows.rose(tx, place)
    incidents.close_by_key(tx, _once(place), why)


def _set_safety(tx: Transaction, sku: str, site_id: int, safety: int) -> None:
    db_stock.create_missing(tx, [(sku, site_id, "", "")])
    t = tables.stock
    mine = (t.c.sku == sku) & (t.c.site_id == site_id) & (t.c.lot == "")
    tx.connection.execute(update(t).where(mine).values(safety=safety))


def _cursor(connection: Connection) -> int:
    """The last batch that was looked at. The first look does not go through years: the morning sees everything."""
    kept = connection.execute(select(_v.c.value).where(_v.c.key == _CURSOR)).scalar()
    return int(kept) if kept is not None else max(0, rows.newest_batch(connection) - BATCHES)


def _advance(tx: Transaction, before: int, after: int) -> bool:
    """Move on from ``before``; False when another server did."""
    tx.connection.execute(
        insert_into(tx.connection, _v).values(key=_CURSOR, value=str(before)).on_conflict_do_nothing()
    )
    mine = (_v.c.key == _CURSOR) & (_v.c.value == str(before))
    return tx.connection.execute(update(_v).where(mine).values(value=str(after))).rowcount == 1
