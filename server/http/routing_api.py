"""Routing for supervisors and the order desk: rules, decisions, overrides, nodes, and where every order is."""

from typing import Any

import msgspec
from starlette.responses import Response

from server.db import routing as rows
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.routes import confirming, nodes, overriding, promises, routing
from server.usecases.routes.order_files import order_file
from server.usecases.routes.split_notices import notices_of

STAFF = people(Role.SUPERVISOR)
DESK = people(Role.SUPERVISOR, Role.DESK)


class RulesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A whole rule set; with ``dry_run`` it is only tried on the last ``past`` orders."""

    rules: dict[str, Any]
    reason: str = ""
    dry_run: bool = False
    past: int = routing.PAST


class OverrideRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Send an order to this site, for this reason."""

    site: str
    reason: str


class ChannelRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What a channel allows and promises; what is left out stays."""

    split: bool | None = None
    promise: list[dict[str, Any]] | None = None


class ShipmentRequest(msgspec.Struct, forbid_unknown_fields=True):
    """An order that left somebody else's warehouse; ``key`` is the caller's own and makes a repeat harmless."""

    order: str
    carrier: str
    tracking: str
    key: str = ""


class ReviewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """So many overrides of a rule in so many days call for a review."""

    after: int
    days: int


def read_rules(call: Call) -> Response:
    """GET /api/routing/rules"""
    with call.db.read() as connection:
        version, rules = routing.rules_in_force(connection)
    return answer({"version": version, "rules": rules})


def put_rules(call: Call) -> Response:
    """PUT /api/routing/rules: the new version, or the differences of a dry run."""
    asked = call.message(RulesRequest)
    if asked.dry_run:
        return answer(routing.try_rules(call.db, asked.rules, asked.past))
    return answer({"version": routing.set_rules(call.db, call.actor, asked.rules, asked.reason)})


def read_whereabouts(call: Call) -> Response:
    """GET /api/routing/whereabouts"""
    with call.db.read() as connection:
        return answer(routing.whereabouts(connection))


def read_exceptions(call: Call) -> Response:
    """GET /api/routing/exceptions"""
    with call.db.read() as connection:
        return answer({"orders": routing.exceptions(connection)})


def read_order(call: Call) -> Response:
    """GET /api/orders/{order}/routing: the decision with every node's scores, sentences, and notices of a split."""
    with call.db.read() as connection:
        order = routing.order_ref(connection, call.path("order"))
        found = rows.latest(connection, order.id)
        said = routing.why(connection, order.id)
        told = [{"order": n.order, "notice": n.notice} for n in notices_of(connection, order.id, call.db.now())]
    decision = found[1]._asdict() | {"at": found[0]} if found is not None else None
    return answer({"order": order.number, "why": said, "decision": decision, "notices": told})


def override_order(call: Call) -> Response:
    """POST /api/orders/{order}/route"""
    asked = call.message(OverrideRequest)
    with call.db.read() as connection:
        order = routing.order_ref(connection, call.path("order"))
    roles = call.caller.roles
    return answer(overriding.override(call.db, call.actor, roles, order.id, asked.site, asked.reason))


def put_review(call: Call) -> Response:
    """PUT /api/routing/review"""
    asked = call.message(ReviewRequest)
    overriding.set_review(call.db, call.actor, asked.after, asked.days)
    return answer({"after": asked.after, "days": asked.days})


def put_channel(call: Call) -> Response:
    """PUT /api/routing/channels/{code}"""
    asked, code = call.message(ChannelRequest), call.path("code")
    if asked.split is not None:
        promises.set_split(call.db, call.actor, code, asked.split)
    if asked.promise is not None:
        promises.set_promise(call.db, call.actor, code, asked.promise)
    return answer({"channel": code})


def put_node(call: Call) -> Response:
    """PUT /api/nodes/{site}"""
    node = nodes.set_node(call.db, call.actor, call.path("site"), call.message(dict[str, Any]))
    return answer({"site": node.code, "kind": node.kind, "active": node.active, "place": node.place})


def confirm(call: Call) -> Response:
    """POST /api/nodes/{site}/shipments: somebody else's warehouse has shipped an order."""
    asked = call.message(ShipmentRequest)
    with call.db.read() as connection:
        order = routing.order_ref(connection, asked.order)
    told = {"carrier": asked.carrier, "tracking": asked.tracking, "key": asked.key}
    return answer(confirming.confirm_shipped(call.db, call.actor, order.id, call.path("site"), **told))


def read_node_orders(call: Call) -> Response:
    """GET /api/nodes/{site}/orders: the order file of somebody else's warehouse."""
    return answer({"orders": order_file(call.db, call.actor, call.path("site"))})


ROUTES = [
    route("GET", "/api/routing/rules", read_rules, DESK),
    route("PUT", "/api/routing/rules", put_rules, STAFF),
    route("PUT", "/api/routing/review", put_review, STAFF),
    route("PUT", "/api/routing/channels/{code}", put_channel, STAFF),
    route("GET", "/api/routing/whereabouts", read_whereabouts, DESK),
    route("GET", "/api/routing/exceptions", read_exceptions, DESK),
    route("GET", "/api/orders/{order}/routing", read_order, DESK),
    route("POST", "/api/orders/{order}/route", override_order, STAFF),
    route("PUT", "/api/nodes/{site}", put_node, STAFF),
    route("GET", "/api/nodes/{site}/orders", read_node_orders, DESK),
    route("POST", "/api/nodes/{site}/shipments", confirm, DESK),
]
