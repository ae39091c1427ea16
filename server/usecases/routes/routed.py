"""Why an order goes where it goes: kept for whoever asks later (RTE-02). And how full the nodes are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, update

from server.db import routing as rows
from server.db import sites, tables
from server.db.transaction import Transaction
from server.domain.booking.reservation import Decision, Reserved, Rules
from server.domain.routes.routing_values import Routing
from server.usecases.booking.reference import reference
from server.usecases.routes.split_notices import parts_of_order, tell_split

_o = tables.order


def todays(tx: Transaction, rules: Rules) -> Rules:
    """The rules with the time, and with today's orders of each node where a rule asks for them."""
    router = rules.router
    if router is None or router.trivial:
        return rules
    load = rows.loads(tx.connection, router.nodes, tx.now) if router.wants_load else {}
    return replace(rules, now=tx.now, load=load)


def counted(rules: Rules, decision: Decision) -> None:
    """The next order of the batch sees this one on its node."""
    if isinstance(decision, Reserved) and isinstance(rules.load, dict) and decision.routing is not None:
        for site_id in decision.site_ids:
            rules.load[site_id] = rules.load.get(site_id, 0) + 1


def keep_routings(tx: Transaction, decisions: Sequence[tuple[int, Decision]]) -> None:
    """Store the scores and the rejected nodes of decisions that routing made; the rows of the orders are there."""
    routed = [(order_id, d.routing) for order_id, d in decisions if d.routing is not None]
    if not routed:
        return
    rows.keep(tx, [(order_id, routing) for order_id, routing in routed if routing.scored])
    for order_id, routing in routed:
        if any(part.service != routing.asked for part in routing.parts):
            _go_by(tx, order_id, routing)
        if routing.is_split:
            tell_split(tx, order_id)
    count_routed(tx, [part.site_id for _, routing in routed for part in routing.parts])


def count_routed(tx: Transaction, site_ids: Sequence[int]) -> None:
    """These nodes have an order more today; one entry for each order."""
    router = reference(tx.connection, tx.now).rules.router
    if router is not None and router.wants_load:
        rows.add_loads(tx, router.nodes, {site_id: site_ids.count(site_id) for site_id in set(site_ids)})


def give_back_place(tx: Transaction, order: Row[Any]) -> None:
    """The locked order, which its node counted, leaves it: another may have its place, if it came there today."""
    router = reference(tx.connection, tx.now).rules.router
    if router is None or not router.wants_load:
        return
    node = next((n for n in router.nodes if n.site_id == order.site_id), None)
    if node is None:
        return
    if rows.day_of(node, rows.routed_at(tx.connection, order)) == rows.day_of(node, tx.now):
        rows.add_loads(tx, [node], {node.site_id: -1})


def _go_by(tx: Transaction, order_id: int, routing: Routing) -> None:
    """A rule permits another service only: the label must be bought for that one (RTE-17)."""
    by_site = {part.site_id: part.service for part in routing.parts}
    ids = {row.id: row.site_id for row in parts_of_order(tx.connection, order_id)} if routing.is_split else {}
    for row_id, site_id in (ids or {order_id: routing.parts[0].site_id}).items():
        tx.connection.execute(update(_o).where(_o.c.id == row_id).values(service=by_site[site_id]))
    codes = {row.id: row.code for row in sites.all_sites(tx.connection)}
    services = {codes[part.site_id]: part.service for part in routing.parts}
    tx.note("route.service", {"asked": routing.asked, "by": services}, order=order_id)
