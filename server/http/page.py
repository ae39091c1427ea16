"""A page: a route whose refusals a person can read, whose forms only our own pages may send, and its templates."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.access import Access
from server.http.call import Call, Caller
from server.http.routing import Endpoint, route

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": browsers then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SAYS = {
    403: "That is not for you",
    404: "There is nothing here",
    409: "That cannot be done now",
    422: "Something is missing",
    500: "Our fault",
}

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("server.web"), autoescape=True, undefined=jinja2.StrictUndefined, auto_reload=False
)


def page(method: str, path: str, endpoint: Endpoint, access: Access) -> Route:
    """A route for people: not signed in leads to /login, every other refusal is a page, and every answer is guarded."""
    inner: Callable[..., Any] = route(
        method, path, checked(endpoint) if method == "POST" else endpoint, access
    ).endpoint

    async def handle(request: Request) -> Response:
        response: Response = await inner(request)
        if response.media_type == "application/problem+json":
            response = _refusal(response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    handle.access = access  # type: ignore[attr-defined]
    made = Route(path, handle, methods=[method])
    made.name = f"{method} {path}"
    return made


def checked(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for forms of our own pages only: the browser names where a form came from in ``Origin``."""

    def guarded(call: Call) -> Response:
        origin = call.request.headers.get("origin", "")
        ours = {call.request.headers.get("host", ""), urlsplit(call.services.config.public_url).netloc} - {""}
        if urlsplit(origin).netloc not in ours:
            raise DomainError("forbidden", "this form was not sent by a page of this server")
        return endpoint(call)

    return guarded


def render(name: str, status: int = 200, caller: Caller | None = None, **values: Any) -> HTMLResponse:
    """A template as an answer; every value is escaped."""
    body = _templates.get_template(name).render(
        caller=caller, people=may_see_people(caller), loads_here=may_load(caller), asset=asset, **values
    )
    return HTMLResponse(body, status)


def form(call: Call) -> dict[str, str]:
    """The fields of a posted form; the last one wins. Raise DomainError("malformed")."""
    try:
        fields = parse_qs(call.body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise DomainError("malformed", "expected a form in UTF-8 with at most 20 fields") from error
    return {name: values[-1] for name, values in fields.items()}


def may_see_people(caller: Caller | None) -> bool:
    """Names and one person's errors are for supervisors; others see the board of the wall."""
    return caller is not None and bool(caller.roles & {Role.SUPERVISOR, Role.ADMIN})


def may_load(caller: Caller | None) -> bool:
    """Whether the pages of the dock are for this person."""
    return caller is not None and bool(caller.roles & {Role.DOCK, Role.SUPERVISOR, Role.ADMIN})


def secure(call: Call) -> bool:
    """Whether people reach this server by https, directly or through a proxy."""
    return call.request.url.scheme == "https" or call.services.config.public_url.startswith("https:")


def _load(name: str) -> bytes:
    return files("server.web").joinpath("static", name).read_bytes()


ASSETS: dict[str, tuple[bytes, str]] = {
    "board.css": (_load("board.css"), "text/css"),
    "board.js": (_load("board.js"), "text/javascript"),
    "loader.css": (_load("loader.css"), "text/css"),
    "loader.js": (_load("loader.js"), "text/javascript"),
    "mark.svg": (_load("mark.svg"), "image/svg+xml"),
}
"""Everything that a page may load, by name; there is no folder to wander in."""


def asset(name: str) -> str:
    """The address of an asset; it changes with the content, so that browsers may keep it."""
    return f"/static/{name}?v={hash_of(ASSETS[name][0])}"


def hash_of(content: bytes) -> str:
    """A short name for these bytes."""
    from hashlib import sha256

    return sha256(content).hexdigest()[:10]


def _refusal(response: Response) -> Response:
    if response.status_code == 401:
        return RedirectResponse("/login", 303)
    problem = msgspec.json.decode(bytes(response.body))
    title = SAYS.get(response.status_code, "That did not work")
    return render("message.html", response.status_code, title=title, detail=problem["detail"])
