"""What lies where, as it is now (LOC-01, LOC-07)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from server.db import kits as kit_rows
from server.db import shelf_life, stale, tables
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db.transaction import Actor, Database, transaction
from server.domain.booking.kits import KitBook
from server.domain.booking.lots import UNITS_MAX
from server.domain.errors import DomainError
from server.usecases.warehouse import goods

_t, _s = tables.stock, tables.site
_COUNTERS = ("on_hand", "reserved", "held", "in_transit")
Place = tuple[str, str]
"""(SKU, code of the site)."""


def view_stock(
    db: Database, *, sku: str = "", site: str = "", after: str = "", limit: int = 500
) -> list[dict[str, Any]]:
    """One entry for each SKU and site, by SKU and the site's rank; pages go on ``after`` the last SKU seen.

    {"sku", "site", "on_hand", "reserved", "held", "in_transit", "available", "expired", "sellable", "safety",
    "below_safety", "bin", "lots": [{"lot", "expires_on" and the counters}]}. available = on hand - reserved - held;
    sellable leaves expired lots out and adds the kits that could be put together there. Raise DomainError: unknown
    product or site.
    """
    with db.read() as connection:
        skus = [goods.product_of(connection, sku).sku] if sku else _page(connection, after, limit)
        site_id = db_sites.by_code(connection, site).id if site else None
        kits = kit_rows.read(connection)
        wanted = set(skus).union(*(kits.expand(each) for each in skus))
        nodes = _nodes(connection, sorted(wanted), site_id, shelf_life.days(connection, db.now()))
    return [_with_kits(node, nodes, kits) for node in nodes.values() if node["sku"] in skus]


def set_safety(db: Database, actor: Actor, sku: str, site: str, units: int) -> None:
    """The number of units below which the site should not fall; raise DomainError("invalid")."""
    if not 0 <= units <= UNITS_MAX:
        raise DomainError("invalid", f"expected 0 to {UNITS_MAX} units, found {units}")
    with transaction(db, actor, "set_safety") as tx:
        product, site_row = goods.product_of(tx.connection, sku), db_sites.by_code(tx.connection, site)
        db_stock.create_missing(tx, [(product.sku, site_row.id, "", "")])
        mine = (_t.c.sku == product.sku) & (_t.c.site_id == site_row.id) & (_t.c.lot == "")
        tx.connection.execute(update(_t).where(mine).values(safety=units))
        stale.mark(tx, [product.sku], tx.note("stock.safety", {"site": site, "units": units}, sku=product.sku))


def _page(connection: Connection, after: str, limit: int) -> list[str]:
    query = select(_t.c.sku).distinct().where(_t.c.sku > after).order_by(_t.c.sku).limit(max(1, min(limit, 5000)))
    return list(connection.execute(query).scalars())


def _nodes(
    connection: Connection, skus: list[str], site_id: int | None, days: Mapping[int, str]
) -> dict[Place, dict[str, Any]]:
    query: Select[Any] = select(_t, _s.c.code).join(_s, _s.c.id == _t.c.site_id).where(_t.c.sku.in_(skus))
    if site_id is not None:
        query = query.where(_t.c.site_id == site_id)
    nodes: dict[Place, dict[str, Any]] = {}
    for row in connection.execute(query.order_by(_t.c.sku, _s.c.rank, _s.c.id, _t.c.lot)):
        node = nodes.setdefault((row.sku, row.code), _empty(row))
        for name in _COUNTERS:
            node[name] += getattr(row, name)
        free = row.on_hand - row.reserved - row.held
        node["available"] += free
        node["expired"] += free if row.expires_on and row.expires_on < days[row.site_id] else 0
        node["safety"] += row.safety
        node["bin"] = node["bin"] or row.bin
        if row.lot:
            counters = {name: getattr(row, name) for name in _COUNTERS}
            node["lots"].append({"lot": row.lot, "expires_on": row.expires_on, "bin": row.bin} | counters)
    return nodes


def _empty(row: Row[Any]) -> dict[str, Any]:
    counters = dict.fromkeys((*_COUNTERS, "available", "expired", "safety"), 0)
    return {"sku": row.sku, "site": row.code, **counters, "bin": "", "lots": []}


def _with_kits(node: dict[str, Any], nodes: dict[Place, dict[str, Any]], kits: KitBook) -> dict[str, Any]:
    def good(sku: str) -> int:
        found = nodes.get((sku, node["site"]))
        return found["available"] - found["expired"] if found else 0

    below = node["available"] < node["safety"]
    return node | {"sellable": kits.sellable(good, node["sku"]), "below_safety": below}
