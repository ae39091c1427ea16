"""Where the paper of one bench comes out, for its supervisor: sent elsewhere, or home, as PRINTER does at the bench."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from printing.kinds import KINDS
from server.db import people as rows
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call
from server.http.page import form, page, render
from server.usecases.benchwork import paper

SUPERVISOR = people(Role.SUPERVISOR)


def shown(call: Call) -> Response:
    """GET /benches/{id}/paper"""
    return _shown(call)


def send(call: Call) -> Response:
    """POST /benches/{id}/paper with ``kind`` (empty: all of it) and ``to`` (empty: home)."""
    wanted = form(call)
    try:
        paper.send_paper(call.db, call.actor, _name(call), wanted.get("kind", ""), wanted.get("to", ""))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _shown(call, 422, error.detail)
    return RedirectResponse(f"/benches/{call.path('id')}/paper?told=1", 303)


def _name(call: Call) -> str:
    number = call.path("id")
    if not (number.isascii() and number.isdecimal()) or len(number) > len("999999999"):
        raise DomainError("not_found", "there is no such bench")
    with call.db.read() as connection:
        return str(rows.bench(connection, int(number)).name)


def _shown(call: Call, status: int = 200, trouble: str = "") -> Response:
    bench = _name(call)
    values: dict[str, Any] = {"id": call.path("id"), "bench": bench, "trouble": trouble, "kinds": tuple(KINDS)}
    values |= {"told": "told" in call.request.query_params, "printers": paper.printers(call.db, bench)}
    return render("bench_paper.html", status, call.caller, **values)


ROUTES = [
    page("GET", "/benches/{id}/paper", shown, SUPERVISOR),
    page("POST", "/benches/{id}/paper", send, SUPERVISOR),
]
