"""A rule set on past orders: each sees the stock of the moment in which it came. Reads only (RTE-15)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.db import catalogue, orders, tables
from server.db import routing as rows
from server.domain.routes.nodes import Node
from server.domain.routes.routing import Router
from server.domain.routes.routing_rules import RuleSet
from server.domain.routes.routing_trial import Trial, compare
from server.domain.routes.routing_values import Need, Routing
from server.usecases.booking.reference import Reference
from server.usecases.routes.needs import need_of_row

_o, _l, _t, _g = tables.order, tables.order_line, tables.stock, tables.ledger
PAST_MAX = 5_000


def try_on(connection: Connection, ref: Reference, listed: list[Node], after: RuleSet, past: int) -> Trial:
    """The last ``past`` orders under the rules in force and under ``after``, with the same facts for both."""
    split = rows.splitting(connection)
    before = rows.active_rules(connection, listed)
    worlds = [_World(Router.of(listed, rules, split), listed) for rules in (before, after)]
    pairs = []
    for row, need in _past(connection, ref, min(past, PAST_MAX)):
        available = _stock_then(connection, ref, row, need)
        old, new = (world.choose(need, available, row.received_at) for world in worlds)
        pairs.append((row.number, old, new))
    return compare(pairs, {node.site_id: node.code for node in listed})


class _World:
    """One router with the orders it has given to each node on each day of the trial."""

    def __init__(self, router: Router, listed: list[Node]) -> None:
        self._router = router
        self._nodes = {node.site_id: node for node in listed}
        self._load: dict[tuple[int, str], int] = {}

    def choose(self, need: Need, available: Callable[[str, int], int], now: float) -> Routing:
        """Decide and count."""
        days = {site_id: rows.day_of(node, now) for site_id, node in self._nodes.items()}
        load = {site_id: self._load.get((site_id, day), 0) for site_id, day in days.items()}
        routing = self._router.choose(need, available, now, load)
        for part in routing.parts:
            key = part.site_id, days[part.site_id]
            self._load[key] = self._load.get(key, 0) + 1
        return routing


def _past(connection: Connection, ref: Reference, past: int) -> Iterator[tuple[Row[Any], Need]]:
    """The first parts of the last orders that routing could weigh, oldest first, with the need of the whole order."""
    query = select(_o).where(_o.c.part == 1, _o.c.fulfilment == "own").order_by(_o.c.id.desc()).limit(past)
    for row in reversed(connection.execute(query).all()):
        units = _units(connection, row)
        if units:
            need = need_of_row(connection, ref, row, units)
            yield row, need._replace(categories=catalogue.categories(connection, units))


def _units(connection: Connection, row: Row[Any]) -> dict[str, int]:
    same = (_o.c.channel_id == row.channel_id) & (_o.c.channel_order_id == row.channel_order_id)
    query = select(_l.c.sku, func.sum(_l.c.quantity)).join(_o, _o.c.id == _l.c.order_id).where(same)
    found = connection.execute(query.group_by(_l.c.sku).order_by(_l.c.sku)).all()
    return {sku: int(n) for sku, n in found} if all(sku is not None for sku, _ in found) else {}


def _stock_then(connection: Connection, ref: Reference, row: Row[Any], need: Need) -> Callable[[str, int], int]:
    """Units by SKU and site just before the order: today's counters without what the ledger has moved since."""
    kits = ref.rules.kits
    leaves = {leaf for sku in need.units for leaf in kits.expand(sku, 1)} if kits else set(need.units)
    skus = sorted(leaves | set(need.units))
    since = _first_event(connection, row.id)
    level = func.sum(_t.c.on_hand - _t.c.reserved - _t.c.held)
    now = select(_t.c.sku, _t.c.site_id, level).where(_t.c.sku.in_(skus)).group_by(_t.c.sku, _t.c.site_id)
    moved = func.sum(_g.c.d_on_hand - _g.c.d_reserved - _g.c.d_held)
    later = select(_g.c.sku, _g.c.site_id, moved).where(_g.c.sku.in_(skus), _g.c.id >= since)
    left = {(sku, site): int(n) for sku, site, n in connection.execute(now)}
    for sku, site, n in connection.execute(later.group_by(_g.c.sku, _g.c.site_id)):
        left[sku, site] = left.get((sku, site), 0) - int(n)
    if not kits:
        return lambda sku, site: left.get((sku, site), 0)
    return lambda sku, site: kits.sellable(lambda part: left.get((part, site), 0), sku)


def _first_event(connection: Connection, order_id: int) -> int:
    """The id of the first thing that is recorded of an order; audit and ledger count in one series."""
    a = tables.audit_subject
    first = select(func.min(a.c.audit_id)).where(a.c.kind == "order", a.c.ref == str(order_id))
    moved = select(func.min(_g.c.id)).where(_g.c.order_id == order_id)
    found = [n for n in (connection.execute(first).scalar(), connection.execute(moved).scalar()) if n is not None]
    return int(min(found)) if found else 2**62


def order_units(connection: Connection, order_id: int) -> Mapping[str, int]:
    """Units by our SKU that one row of the book still wants."""
    units: dict[str, int] = {}
    for line in orders.lines(connection, order_id):
        if line.sku is not None:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units
