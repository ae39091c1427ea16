"""Rates for supervisors and the order desk: rules, what was chosen for an order and why, and what it saved."""

from typing import Any

import msgspec
from starlette.responses import Response

from server.db import rates as rows
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.routes.routing import order_ref
from server.usecases.shipping import choosing, rate_rules
from server.usecases.shipping.savings import savings

STAFF = people(Role.SUPERVISOR)
OFFICE = people(Role.SUPERVISOR, Role.DESK)


class RulesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The whole rules; with ``dry_run`` they are only tried on the last ``past`` choices."""

    rules: dict[str, Any]
    reason: str = ""
    dry_run: bool = False
    past: int = rate_rules.PAST


class ChannelRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What changes for one channel; what is left out stays."""

    shop: bool | None = None
    ways: list[str] | None = None
    economy: bool | None = None
    expedite: bool | None = None
    default: str | None = None
    dry_run: bool = False
    past: int = rate_rules.PAST


def read_rules(call: Call) -> Response:
    """GET /api/rates/rules"""
    with call.db.read() as connection:
        version, rules = rate_rules.rules_in_force(connection)
    return answer({"version": version, "rules": rules})


def put_rules(call: Call) -> Response:
    """PUT /api/rates/rules: the new version, or the differences of a dry run."""
    asked = call.message(RulesRequest)
    if asked.dry_run:
        return answer(rate_rules.try_rules(call.db, asked.rules, asked.past))
    return answer({"version": rate_rules.set_rules(call.db, call.actor, asked.rules, asked.reason)})


def put_channel(call: Call) -> Response:
    """PUT /api/rates/channels/{code}: the same, of one channel."""
    asked, code = call.message(ChannelRequest), call.path("code")
    names = ("shop", "ways", "economy", "expedite", "default")
    changes = {name: value for name in names if (value := getattr(asked, name)) is not None}
    if asked.dry_run:
        return answer(rate_rules.try_channel(call.db, code, changes, asked.past))
    return answer({"version": rate_rules.set_channel(call.db, call.actor, code, changes)})


def read_order(call: Call) -> Response:
    """GET /api/orders/{order}/rates: sentences, and for each box the choice with every offer and its verdict."""
    with call.db.read() as connection:
        order = order_ref(connection, call.path("order"))
        said = choosing.why(connection, order.id)
        boxes = [
            {"box": row.box_no, "at": row.at, "used_at": row.used_at, "rules": row.rules_version}
            | {"decision": row.decision}
            for row in rows.of_order(connection, order.id)
        ]
    return answer({"order": order.number, "why": said, "boxes": boxes})


def read_savings(call: Call) -> Response:
    """GET /api/reports/savings?month=2026-03"""
    with call.db.read() as connection:
        listed = savings(connection, call.db.now(), call.request.query_params.get("month", ""))
    months = [msgspec.to_builtins(each) | {"saved": each.saved, "a_year": each.a_year} for each in listed]
    return answer({"months": months})


ROUTES = [
    route("GET", "/api/rates/rules", read_rules, OFFICE),
    route("PUT", "/api/rates/rules", put_rules, STAFF),
    route("PUT", "/api/rates/channels/{code}", put_channel, STAFF),
    route("GET", "/api/orders/{order}/rates", read_order, OFFICE),
    route("GET", "/api/reports/savings", read_savings, OFFICE),
]
