"""Routing rules: tried on the past, put in force, and explained. Whereabouts of every order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.db import orders, tables
from server.db import routing as rows
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.routes.routing_rules_data import read_rule_set
from server.domain.routes.routing_trial import Trial, in_short
from server.domain.routes.routing_words import explain
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.reference import raise_version, reference
from server.usecases.routes.routing_trial import try_on

_o, _s, _c = tables.order, tables.site, tables.channel
PAST = 100
_AT_NODE = frozenset({OrderStatus.READY, OrderStatus.PACKING, OrderStatus.PACKED})
_WAITING = frozenset({OrderStatus.ON_HOLD, OrderStatus.CONFLICT, OrderStatus.WAITING, OrderStatus.NEW})
_REASON_MAX = 255


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Every row of the order book is in exactly one of these; ``lost`` is empty unless the book is broken."""

    received: int
    at_node: Mapping[str, int]
    waiting: Mapping[str, int]
    closed: Mapping[str, int]
    lost: int

    @property
    def adds_up(self) -> bool:
        """Whether nothing is lost (RTE-19)."""
        counted = sum(self.at_node.values()) + sum(self.waiting.values()) + sum(self.closed.values())
        return self.lost == 0 and counted == self.received


def try_rules(db: Database, data: Mapping[str, Any], past: int = PAST) -> Trial:
    """What these rules would have done with the last ``past`` orders, beside those in force; changes nothing.

    Raise DomainError("bad_rule").
    """
    with db.read() as connection:
        listed = rows.nodes(connection)
        after = read_rule_set(data, {node.code: node.site_id for node in listed})
        return try_on(connection, reference(connection, db.now()), listed, after, past)


def set_rules(db: Database, actor: Actor, data: Mapping[str, Any], reason: str = "") -> int:
    """Put these rules in force, from the next order on; return their version. Raise DomainError("bad_rule")."""
    why = reason.strip()
    if len(why) > _REASON_MAX or not (why.isprintable() or not why):
        raise DomainError("invalid", f"reason: expected at most {_REASON_MAX} printable characters, found {len(why)}")
    with transaction(db, actor, "set_rules") as tx:
        # Also the lock: two people who write rules at once do not get the same version.
        raise_version(tx)
        listed = rows.nodes(tx.connection)
        found = read_rule_set(data, {node.code: node.site_id for node in listed})
        version = rows.add_rules(tx, data, why)
        tx.note("routing.rules", {"version": version, "rules": len(found.rules), "reason": why})
        return version


def rules_in_force(connection: Connection) -> tuple[int, Mapping[str, Any]]:
    """The version and the rules as they were written; 0 and none before the first."""
    row = rows.active_row(connection)
    return (row.version, row.rules) if row is not None else (0, {"rules": [], "bands": []})


def why(connection: Connection, order_id: int) -> tuple[str, ...]:
    """Why the order is where it is: the last decision with every node, then what people did about it."""
    listed = rows.nodes(connection)
    codes = {node.site_id: node.code for node in listed}
    found = rows.latest(connection, order_id)
    if found is None:
        said: tuple[str, ...] = ("nothing was weighed: the first site by rank that held everything ships it",)
    else:
        said = explain(found[1], codes, rows.rules_at(connection, found[1].rule_version, listed))
    return said + tuple(_overridden(row, codes) for row in rows.overrides_of(connection, order_id))


def _overridden(row: Row[Any], codes: Mapping[int, str]) -> str:
    from_code = codes.get(row.from_site, "nowhere")
    return f'{row.person} sent it from {from_code} to {codes.get(row.to_site, "?")} against "{row.rule}": {row.reason}'


def decision_in_short(connection: Connection, order_id: int) -> str:
    """One line: "EAST by standard", or why it waits; empty when nothing was weighed."""
    found = rows.latest(connection, order_id)
    codes = {node.site_id: node.code for node in rows.nodes(connection)}
    return in_short(found[1], codes) if found is not None else ""


def whereabouts(connection: Connection) -> Whereabouts:
    """Where all orders are: at a node, waiting, or closed; the parts of a split order count one by one."""
    at_node: dict[str, int] = {}
    waiting: dict[str, int] = {}
    closed: dict[str, int] = {}
    lost = received = 0
    query = select(_o.c.status, _s.c.code, _o.c.held_because, func.count().label("n"))
    grouped = query.select_from(_o.outerjoin(_s, _s.c.id == _o.c.site_id))
    for status, code, because, n in connection.execute(grouped.group_by(_o.c.status, _s.c.code, _o.c.held_because)):
        received += n
        if status in _AT_NODE and code is not None:
            at_node[code] = at_node.get(code, 0) + n
        elif status in _WAITING and status != OrderStatus.NEW:
            word = because or status
            waiting[word] = waiting.get(word, 0) + n
        elif status not in _AT_NODE | _WAITING:
            closed[status] = closed.get(status, 0) + n
        else:
            lost += n
    return Whereabouts(received, at_node, waiting, closed, lost)


def exceptions(connection: Connection, limit: int = 200) -> list[dict[str, Any]]:
    """The exception queue: orders that wait, the oldest first, each with its reason and routing's word."""
    query = select(_o, _c.c.code.label("channel")).join(_c, _c.c.id == _o.c.channel_id)
    query = query.where(_o.c.status.in_([s.value for s in _WAITING])).order_by(_o.c.received_at, _o.c.id).limit(limit)
    return [
        {
            "order": row.number,
            "channel": row.channel,
            "status": row.status,
            "because": row.held_because,
            "received_at": row.received_at,
            "routing": decision_in_short(connection, row.id),
        }
        for row in connection.execute(query)
    ]


def order_ref(connection: Connection, ref: str) -> Row[Any]:
    """The order with this number or id; raise DomainError("not_found")."""
    found = orders.by_ref(connection, ref)
    if found is None:
        raise DomainError("not_found", f"there is no order {ref[:60]!r}")
    return found
