"""Planned loads, for the people who plan vehicles and for systems that do it for them."""

from typing import Annotated

import msgspec
from starlette.responses import Response

from server import wire
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.loading import planning, replanning

SUPERVISOR = people(Role.SUPERVISOR)
Text = Annotated[str, msgspec.Meta(max_length=200)]
Codes = Annotated[tuple[Text, ...], msgspec.Meta(max_length=wire.BATCH_MAX)]


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a load is to be; ``cut_off`` is seconds since the epoch."""

    site: Text
    carrier: Text
    services: Codes = ()
    trailer: Text = ""
    driver: Text = ""
    cut_off: wire.Moment | None = None
    orders: Codes = ()
    parcels: Codes = ()


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of it is to be another; what is left out stays."""

    carrier: Text | None = None
    services: Codes | None = None
    trailer: Text | None = None
    driver: Text | None = None
    cut_off: wire.Moment | None = None
    add_orders: Codes = ()
    drop_orders: Codes = ()
    add_parcels: Codes = ()
    drop_parcels: Codes = ()


def read_loads(call: Call) -> Response:
    """GET /api/supervisor/loads: planned and open, by site."""
    return answer(planning.open_loads(call.db))


def plan_load(call: Call) -> Response:
    """POST /api/supervisor/loads"""
    plan = planning.Plan(**msgspec.structs.asdict(call.message(PlanRequest)))
    return answer({"load": planning.plan_load(call.db, call.actor, plan)}, 201)


def change_load(call: Call) -> Response:
    """POST /api/supervisor/loads/{load}"""
    change = replanning.Change(**msgspec.structs.asdict(call.message(ChangeRequest)))
    replanning.change_load(call.db, call.actor, call.path("load"), change)
    return answer({"load": call.path("load")})


def drop_load(call: Call) -> Response:
    """POST /api/supervisor/loads/{load}/drop: its vehicle does not come."""
    planning.drop_load(call.db, call.actor, call.path("load"))
    return answer({"load": call.path("load")})


ROUTES = [
    route("GET", "/api/supervisor/loads", read_loads, SUPERVISOR),
    route("POST", "/api/supervisor/loads", plan_load, SUPERVISOR),
    route("POST", "/api/supervisor/loads/{load}", change_load, SUPERVISOR),
    route("POST", "/api/supervisor/loads/{load}/drop", drop_load, SUPERVISOR),
]
