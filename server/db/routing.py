"""Rows of routing: nodes, versions of the rules, decisions, overrides, and how many orders a node has today."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, func, select, update

from server.db import tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.routes.nodes import Node, node_of
from server.domain.routes.routing import Router
from server.domain.routes.routing_rules import RuleSet
from server.domain.routes.routing_rules_data import read_rule_set
from server.domain.routes.routing_values import Routing
from server.typed import learnt

_s, _r, _d, _o, _day = (
    tables.site,
    tables.routing_rules,
    tables.routing_decision,
    tables.routing_override,
    tables.node_day,
)


def nodes(connection: Connection) -> list[Node]:
    """Every site as routing sees it, by rank."""
    rows = connection.execute(select(_s).order_by(_s.c.rank, _s.c.id))
    return [node_of_row(row) for row in rows]


def node_of_row(row: Row[Any]) -> Node:
    """A site's row as a node; raise DomainError("bad_node" | "bad_calendar")."""
    placed = row.latitude is not None and row.longitude is not None
    return node_of(
        row.id,
        row.code,
        data=row.node,
        rank=row.rank,
        kind=row.kind,
        active=row.active,
        place=(row.latitude, row.longitude) if placed else None,
        time_zone=row.time_zone,
    )


def router(connection: Connection) -> Router:
    """The router of the active rules; one without rules while there are none."""
    listed = nodes(connection)
    return Router.of(listed, active_rules(connection, listed), splitting(connection))


def splitting(connection: Connection) -> bool:
    """Whether some channel allows an order to come in parts."""
    policies = connection.execute(select(tables.channel.c.policy)).scalars()
    return any(policy.get("split") is True for policy in policies)


def active_rules(connection: Connection, listed: Sequence[Node]) -> RuleSet:
    """The rules in force."""
    row = active_row(connection)
    return _read(row, listed) if row is not None else RuleSet()


def active_row(connection: Connection) -> Row[Any] | None:
    """The version in force as it was written, or None."""
    return connection.execute(select(_r).where(_r.c.active).order_by(_r.c.version.desc()).limit(1)).first()


def rules_at(connection: Connection, version: int, listed: Sequence[Node]) -> RuleSet:
    """The rules of an old decision."""
    row = connection.execute(select(_r).where(_r.c.version == version)).first()
    return _read(row, listed) if row is not None else RuleSet(version)


def _read(row: Row[Any], listed: Sequence[Node]) -> RuleSet:
    return read_rule_set(row.rules, {node.code: node.site_id for node in listed}, row.version)


def add_rules(tx: Transaction, data: Mapping[str, Any], reason: str) -> int:
    """A new version in force; older ones stay for the decisions that were made with them. The caller has the lock."""
    tx.connection.execute(update(_r).where(_r.c.active).values(active=False))
    last = int(tx.connection.execute(select(func.coalesce(func.max(_r.c.version), 0))).scalar_one())
    row = {"version": last + 1, "rules": dict(data), "active": True, "at": tx.now, "actor": tx.actor.name}
    tx.connection.execute(insert_into(tx.connection, _r).values(row | {"reason": reason}))
    return last + 1


def keep(tx: Transaction, decided: Iterable[tuple[int, Routing]]) -> None:
    """Decisions with every node's scores, by order id."""
    rows = [
        {
            "order_id": order_id,
            "at": tx.now,
            "rule_version": routing.rule_version,
            "site_ids": [part.site_id for part in routing.parts],
            "scored": routing,
        }
        for order_id, routing in decided
    ]
    insert_rows(tx.connection, _d, rows)


def latest(connection: Connection, order_id: int) -> tuple[float, Routing] | None:
    """The last decision about an order with its time, None when nothing was weighed."""
    query = select(_d).where(_d.c.order_id == order_id).order_by(_d.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return (row.at, msgspec.convert(row.scored, learnt(Routing))) if row is not None else None


def routed_at(connection: Connection, order: Row[Any]) -> float:
    """When the order came to its node: decided, or sent by a supervisor. Parts share the decision of the first one."""
    own = [select(func.max(t.c.at)).where(t.c.order_id == order.id) for t in (_d, _o)]
    times = [at for query in own if (at := connection.execute(query).scalar()) is not None]
    if times:
        return float(max(times))
    o = tables.order
    same = (o.c.channel_id == order.channel_id) & (o.c.channel_order_id == order.channel_order_id)
    first = select(func.min(_d.c.at)).where(_d.c.order_id.in_(select(o.c.id).where(same)))
    at = connection.execute(first).scalar() if order.parts > 1 else None
    return float(order.received_at if at is None else at)


def day_of(node: Node, now: float) -> str:
    """The node's own date."""
    return datetime.fromtimestamp(now, ZoneInfo(node.calendar.time_zone)).date().isoformat()


def loads(connection: Connection, listed: Iterable[Node], now: float) -> dict[int, int]:
    """Orders routed to each node on its own day."""
    days = {node.site_id: day_of(node, now) for node in listed}
    query = select(_day).where(_day.c.day.in_(sorted(set(days.values()))))
    return {row.site_id: row.orders for row in connection.execute(query) if days.get(row.site_id) == row.day}


def add_loads(tx: Transaction, listed: Iterable[Node], counts: Mapping[int, int]) -> None:
    """So many more orders for these nodes today, in the order of their ids: two batches cannot wait in a ring."""
    days = {node.site_id: day_of(node, tx.now) for node in listed}
    for site_id, orders in sorted(counts.items()):
        row = insert_into(tx.connection, _day).values(site_id=site_id, day=days[site_id], orders=max(0, orders))
        more = {
            "orders": func.max(0, _day.c.orders + orders) if _lite(tx) else func.greatest(0, _day.c.orders + orders)
        }
        tx.connection.execute(row.on_conflict_do_update(index_elements=["site_id", "day"], set_=more))


def _lite(tx: Transaction) -> bool:
    return tx.connection.dialect.name == "sqlite"


def add_override(tx: Transaction, **columns: Any) -> None:
    """One override: order_id, from_site, to_site, rule, person, reason."""
    tx.connection.execute(insert_into(tx.connection, _o).values(at=tx.now, **columns))


def unreviewed(connection: Connection, rule: str, since: float) -> list[float]:
    """When this rule was overridden since then, without those that led to a review already."""
    query = select(_o.c.at).where(_o.c.rule == rule, _o.c.at > since, _o.c.reviewed.is_(None))
    return list(connection.execute(query.order_by(_o.c.at)).scalars())


def mark_reviewed(tx: Transaction, rule: str, incident_id: int) -> None:
    """These overrides have led to this incident."""
    tx.connection.execute(update(_o).where(_o.c.rule == rule, _o.c.reviewed.is_(None)).values(reviewed=incident_id))


def overrides_of(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """The overrides of one order, oldest first."""
    return connection.execute(select(_o).where(_o.c.order_id == order_id).order_by(_o.c.id)).all()
