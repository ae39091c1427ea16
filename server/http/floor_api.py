"""What supervisors do about benches: orders for days without a network, those of a dead one, and where paper prints."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.responses import Response

from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.benchwork import freeing, leases, paper
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTo:
    """Paper of a kind (empty: all of it) goes to this printer of the bench (empty: home)."""

    kind: str = ""
    to: str = ""


def see_paper(call: Call) -> Response:
    """GET /api/benches/{bench}/paper: {"printers": [{"name", "kinds", "redirect", "sent"}]}, as the bench said last."""
    return answer({"printers": paper.printers(call.db, call.path("bench"))})


def send_paper(call: Call) -> Response:
    """PUT /api/benches/{bench}/paper: {"printers"} as before; the bench does it with its next heartbeat."""
    wanted = call.message(PaperTo)
    return answer({"printers": paper.send_paper(call.db, call.actor, call.path("bench"), wanted.kind, wanted.to)})


ROUTES = [
    route("PUT", "/api/benches/{bench}/lease", set_lease, SUPERVISOR),
    route("POST", "/api/benches/{bench}/free", free_bench, SUPERVISOR),
    route("GET", "/api/benches/{bench}/paper", see_paper, SUPERVISOR),
    route("PUT", "/api/benches/{bench}/paper", send_paper, SUPERVISOR),
]
