"""The pages for people: sign in, board, wall, incidents. HTML for the eye, JSON and events for the board's script."""

import time
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from server.domain.errors import DomainError
from server.domain.people import Role
from server.http import signing_in
from server.http.access import VIEWER, Access, identify, people, public
from server.http.call import Call, Caller, Services
from server.http.live import STREAM, check_room, live_of
from server.http.page import ASSETS, HEADERS, form, may_see_people, page, render
from server.http.refusals import refusal
from server.http.routing import route
from server.usecases.overview.board import open_incidents
from server.usecases.overview.board_words import spoken
from server.usecases.record.incidents import close_incident, take_incident

STAFF = people(Role.SUPERVISOR, Role.DESK)
ALLOWED_SECONDS = 10.0
"""A revoked wall screen or a signed-out person goes dark within this time."""

WALL = "wall"


def home(_call: Call) -> Response:
    """GET /"""
    return RedirectResponse("/board", 303)


def board(call: Call) -> Response:
    """GET /board"""
    return render("board.html", caller=call.caller, look="")


def wall(call: Call) -> Response:
    """GET /wall: large, for everybody's eyes; ``?show=queue`` has the next orders in place of the benches."""
    look = "wall shelf" if call.request.query_params.get("show") == "queue" else "wall"
    return render("board.html", caller=call.caller, look=look)


def board_data(call: Call) -> Response:
    """GET /board/data: {"now", "board"}; ``?for=wall`` asks for less than the caller may see."""
    message = live_of(call.request.app).frame().message(_wall_only(call.request, call.caller))
    return Response(message, media_type="application/json")


async def board_stream(request: Request) -> Response:
    """GET /board/stream: Server-Sent Events ``board``, ``beat`` and ``trouble``; holds no thread while it waits."""
    services: Services = request.app.state.services
    try:
        caller = await run_in_threadpool(identify, request, services.db, VIEWER)
        live = live_of(request.app)
        check_room(live)
    except Exception as error:
        return refusal(error, STREAM, "")
    events = live.events(_wall_only(request, caller), still_allowed(request, services, VIEWER))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **HEADERS}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def incidents(call: Call) -> Response:
    """GET /incidents"""
    return _incidents(call)


def close(call: Call) -> Response:
    """POST /incidents/{id}/close with a ``reason``."""
    number, reason = call.path("id"), form(call).get("reason", "")
    if not number.isdecimal() or len(number) > 15:
        raise DomainError("not_found", "there is no such incident")
    if not (told := spoken(reason, 500)):
        return _incidents(call, 422, "Say in a few words what was done about it, then close it.", int(number))
    close_incident(call.db, call.actor, int(number), told)
    return RedirectResponse("/incidents", 303)


def take(call: Call) -> Response:
    """POST /incidents/{id}/take"""
    number = call.path("id")
    if not number.isdecimal() or len(number) > 15:
        raise DomainError("not_found", "there is no such incident")
    take_incident(call.db, call.actor, int(number))
    return RedirectResponse("/incidents", 303)


def static(call: Call) -> Response:
    """GET /static/{name}"""
    found = ASSETS.get(call.path("name"))
    if found is None:
        raise DomainError("not_found", "there is no such file")
    content, kind = found
    keep = "public, max-age=31536000, immutable" if call.request.query_params.get("v") else "no-cache"
    return Response(content, media_type=kind, headers={"Cache-Control": keep})


def _incidents(call: Call, status: int = 200, trouble: str = "", trouble_id: int = 0) -> Response:
    with call.db.read() as connection:
        cards = open_incidents(connection)
    values = {"cards": cards, "now": call.db.now(), "trouble": trouble, "trouble_id": trouble_id}
    return render("incidents.html", status, call.caller, **values)


def _wall_only(request: Request, caller: Caller) -> bool:
    return not may_see_people(caller) or request.query_params.get("for") == WALL


def still_allowed(request: Request, services: Services, access: Access) -> Callable[[], Awaitable[bool]]:
    """Ask again from time to time whether this viewer may still look."""
    asked_at = time.monotonic()

    async def allowed() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < ALLOWED_SECONDS:
            return True
        asked_at = time.monotonic()
        try:
            await run_in_threadpool(identify, request, services.db, access)
        except DomainError:
            return False
        return True

    return allowed


board_stream.access = VIEWER  # type: ignore[attr-defined]

ROUTES = [
    page("GET", "/", home, public("only leads to the board")),
    page("GET", "/login", signing_in.login_page, public("people sign in here")),
    page("POST", "/login", signing_in.login, public("people sign in here; tries are limited")),
    page("POST", "/logout", signing_in.logout, public("ends the caller's own session only")),
    page("GET", "/board", board, VIEWER),
    route("GET", "/board/data", board_data, VIEWER),
    Route(STREAM, board_stream, methods=["GET"], name="GET /board/stream"),
    page("GET", "/wall", wall, VIEWER),
    page("GET", "/wall/{token}", signing_in.enter_wall, public("trades a wall screen's secret address for a cookie")),
    page("GET", "/incidents", incidents, STAFF),
    page("POST", "/incidents/{id}/close", close, STAFF),
    page("POST", "/incidents/{id}/take", take, STAFF),
    page("GET", "/static/{name}", static, public("style, script and mark of the sign-in page; no data")),
]
