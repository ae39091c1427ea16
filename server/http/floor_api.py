"""What supervisors do about benches: give one its orders for days without a network, and free those of a dead one."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.responses import Response

from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.benchwork import freeing, leases
from server.wire import LEASE_MAX

SUPERVISOR = people(Role.SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSize:
    """How many orders a bench holds for when the server is away."""

    orders: Annotated[int, msgspec.Meta(ge=0, le=LEASE_MAX)]


def set_lease(call: Call) -> Response:
    """PUT /api/benches/{bench}/lease: {"held"}."""
    held = leases.set_size(call.db, call.actor, call.path("bench"), call.message(LeaseSize).orders)
    return answer({"held": held})


def free_bench(call: Call) -> Response:
    """POST /api/benches/{bench}/free: {"assigned", "boxes"}; everything the bench holds is for the others again."""
    return answer(freeing.free_bench(call.db, call.actor, call.path("bench")))


ROUTES = [
    route("PUT", "/api/benches/{bench}/lease", set_lease, SUPERVISOR),
    route("POST", "/api/benches/{bench}/free", free_bench, SUPERVISOR),
]
