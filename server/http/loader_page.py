"""The loader's pages: open loads, one load in huge digits on a phone inside the vehicle, and the day's end."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http import signing_in
from server.http.access import LOADER, identify, people, public
from server.http.call import Call, Caller, Services
from server.http.loader_live import check_room, phones_of, stopping
from server.http.page import HEADERS, may_see_people, page, render
from server.http.pages import still_allowed
from server.http.refusals import refusal
from server.http.routing import route
from server.usecases.loading.phone import find_load, phone_loads
from server.usecases.overview.day_end import day_ends, without_names

STREAM = "/dock/{load}/stream"


def choose(call: Call) -> Response:
    """GET /dock: the open loads, of the phone's site or of all."""
    found = phone_loads(call.db, call.caller.site_id)
    many = len({each.site for each in found}) > 1
    return render("loader.html", caller=call.caller, loads=found, many=many)


def load(call: Call) -> Response:
    """GET /dock/{load}"""
    return render("loader_load.html", caller=call.caller, load=_checked(call.db, call.path("load"), call.caller))


def load_data(call: Call) -> Response:
    """GET /dock/{load}/data: {"now", "load"}."""
    phones = phones_of(call.request.app)
    found = phones.reading(_checked(call.db, call.path("load"), call.caller))
    return Response(phones.message(found), media_type="application/json")


async def load_stream(request: Request) -> Response:
    """GET /dock/{load}/stream: Server-Sent Events ``load``, ``beat`` and ``trouble``."""
    services: Services = request.app.state.services
    phones = phones_of(request.app)
    try:
        caller = await run_in_threadpool(identify, request, services.db, LOADER)
        load_id = await run_in_threadpool(_checked, services.db, str(request.path_params["load"]), caller)
        check_room(phones)
    except Exception as error:
        return refusal(error, STREAM, "")
    events = phones.events(load_id, still_allowed(request, services, LOADER), stopping(request.app))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **HEADERS}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def day_end(call: Call) -> Response:
    """GET /dock/day-end: what stands between now and a closed day; ``?site=CODE`` for one site."""
    code = call.request.query_params.get("site", "")
    if not code.isprintable():
        raise DomainError("not_found", "there is no such site")
    found = day_ends(call.db, code)
    if not may_see_people(call.caller):
        found = without_names(found)
    return render("loader_day_end.html", caller=call.caller, days=found, now=call.db.now())


def _checked(db: Database, load_id: str, caller: Caller) -> str:
    with db.read() as connection:
        return str(find_load(connection, load_id, caller.site_id).id)


load_stream.access = LOADER  # type: ignore[attr-defined]

ROUTES = [
    page("GET", "/dock", choose, LOADER),
    page("GET", "/dock/enter/{token}", signing_in.enter_dock, public("trades a dock's secret address for a cookie")),
    page("GET", "/dock/day-end", day_end, people(Role.DOCK, Role.SUPERVISOR)),
    route("GET", "/dock/{load}/data", load_data, LOADER),
    Route(STREAM, load_stream, methods=["GET"], name=f"GET {STREAM}"),
    page("GET", "/dock/{load}", load, LOADER),
]
