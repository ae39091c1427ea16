"""Allocation for supervisors: who may sell how much of what, and what is withheld. Changes are effective at once."""

from itertools import islice

import msgspec
from starlette.responses import Response

from server.domain.errors import DomainError
from server.domain.people import Role
from server.domain.sharing.plans import Scope
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.sharing import allocation, allocation_views
from server.usecases.sharing.allocation_plans import PlanFile, RuleWish

STAFF = people(Role.SUPERVISOR)
_LINES = 10_000
_ID_MAX = 2**62


class SetRequest(msgspec.Struct, forbid_unknown_fields=True):
    """One rule."""

    rule: RuleWish
    dry_run: bool = False
    over_allocation: bool = False


class PlanRequest(PlanFile, forbid_unknown_fields=True):
    """Plans as in a file, with the question whether to put them to work."""

    dry_run: bool = False


class EndRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Rules that shall hold no longer."""

    rules: list[int]
    dry_run: bool = False


class RestartRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Products whose shares count from now on; exactly one of the three."""

    sku: str = ""
    group: str = ""
    everything: bool = False


def read_rules(call: Call) -> Response:
    """GET /api/allocation"""
    with call.db.read() as connection:
        rules = allocation_views.rules_now(connection)
    return answer({"rules": [allocation_views.rule_shown(rule) for rule in rules]})


def read_sku(call: Call) -> Response:
    """GET /api/allocation/skus/{sku}"""
    with call.db.read() as connection:
        return answer(allocation_views.sku_shown(allocation_views.look_at(connection, call.db.now(), call.path("sku"))))


def read_withheld(call: Call) -> Response:
    """GET /api/allocation/withheld; ``?sku=`` for one."""
    sku = call.request.query_params.get("sku")
    with call.db.read() as connection:
        lines = allocation_views.withheld(connection, call.db.now(), [sku] if sku else None)
        return answer({"withheld": [line._asdict() for line in islice(lines, _LINES)]})


def set_rule(call: Call) -> Response:
    """POST /api/allocation/rules"""
    asked = call.message(SetRequest)
    outcome = allocation.set_rule(
        call.db, call.actor, asked.rule, dry_run=asked.dry_run, over_allocation=asked.over_allocation
    )
    return answer(allocation_views.outcome_shown(outcome))


def put_plan(call: Call) -> Response:
    """POST /api/allocation/plan"""
    asked = call.message(PlanRequest)
    outcome = allocation.put_plan(call.db, call.actor, asked, dry_run=asked.dry_run)
    return answer(allocation_views.outcome_shown(outcome))


def end_rules(call: Call) -> Response:
    """POST /api/allocation/end"""
    asked = call.message(EndRequest)
    if not asked.rules or not all(0 < rule_id < _ID_MAX for rule_id in asked.rules):
        raise DomainError("invalid", "expected numbers of rules")
    return answer(
        allocation_views.outcome_shown(allocation.end_rules(call.db, call.actor, asked.rules, dry_run=asked.dry_run))
    )


def restart(call: Call) -> Response:
    """POST /api/allocation/restart"""
    asked = call.message(RestartRequest)
    if sum((bool(asked.sku), bool(asked.group), asked.everything)) != 1:
        raise DomainError("invalid", "expected one of sku, group and everything")
    scope = Scope(asked.everything, frozenset({asked.sku} - {""}), frozenset({asked.group} - {""}))
    allocation.restart(call.db, call.actor, scope)
    return answer({})


ROUTES = [
    route("GET", "/api/allocation", read_rules, STAFF),
    route("GET", "/api/allocation/withheld", read_withheld, STAFF),
    route("GET", "/api/allocation/skus/{sku:path}", read_sku, STAFF),
    route("POST", "/api/allocation/rules", set_rule, STAFF),
    route("POST", "/api/allocation/plan", put_plan, STAFF),
    route("POST", "/api/allocation/end", end_rules, STAFF),
    route("POST", "/api/allocation/restart", restart, STAFF),
]
