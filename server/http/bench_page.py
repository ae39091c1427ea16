"""One bench for its supervisor: the orders it holds, and one action that frees them when it is dead."""

from starlette.responses import Response

from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call
from server.http.page import page, render
from server.usecases.benchwork import freeing
from server.usecases.benchwork.freeing import Freed, Held
from server.usecases.benchwork.taking_over import HEARD_SECONDS

SUPERVISOR = people(Role.SUPERVISOR)


def bench(call: Call) -> Response:
    """GET /benches/{id}"""
    return _shown(call, _held(call))


def free(call: Call) -> Response:
    """POST /benches/{id}/free: what it holds is for the others again; sent twice it frees what there is by then."""
    freed = freeing.free_bench(call.db, call.actor, _held(call).name)
    return _shown(call, _held(call), freed)


def _held(call: Call) -> Held:
    number = call.path("id")
    if not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise DomainError("not_found", "there is no such bench")
    return freeing.held(call.db, int(number))


def _shown(call: Call, held: Held, freed: Freed | None = None) -> Response:
    now = call.db.now()
    silent = held.seen_at is None or now - held.seen_at > HEARD_SECONDS
    number = call.path("id")
    return render("bench.html", caller=call.caller, id=number, now=now, silent=silent, held=held, freed=freed)


ROUTES = [
    page("GET", "/benches/{id}", bench, SUPERVISOR),
    page("POST", "/benches/{id}/free", free, SUPERVISOR),
]
