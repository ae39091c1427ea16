"""A route with its declared access; problem+json for every refusal; sync endpoints in the thread pool."""

import itertools
import uuid
from collections.abc import Awaitable, Callable

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server import wire
from server.domain.errors import DomainError
from server.http.access import Access, identify
from server.http.call import Call, Services
from server.http.refusals import refusal

Endpoint = Callable[[Call], Response]
AsyncEndpoint = Callable[[Request, bytes, str], Awaitable[Response]]
MAX_BODY = 1 << 20
_PROCESS = uuid.uuid4().hex[:16]
_requests = itertools.count(1)
"""A request id is this process and a number: asking the system for randomness costs more than a small request."""


def route(method: str, path: str, endpoint: Endpoint, access: Access) -> Route:
    """A Starlette route; ``access`` is kept on it so that a test can walk all of them."""

    async def handle(request: Request) -> Response:
        request_id = clean_id(request.headers.get(wire.REQUEST_HEADER, ""))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = await _guarded(request, request_id)
        response.headers[wire.REQUEST_HEADER] = request_id
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    async def _guarded(request: Request, request_id: str) -> Response:
        try:
            body = await _body(request)
            return await run_in_threadpool(_run, request, body, request_id, endpoint, access)
        except Exception as error:
            return refusal(error, path, request_id)

    handle.access = access  # type: ignore[attr-defined]
    made = Route(path, handle, methods=[method])
    made.name = f"{method} {path}"
    return made


def async_route(method: str, path: str, endpoint: AsyncEndpoint, access: Access) -> Route:
    """As ``route`` for the few endpoints that wait for the group commit without holding a thread."""

    async def handle(request: Request) -> Response:
        request_id = clean_id(request.headers.get(wire.REQUEST_HEADER, ""))
        try:
            response = await endpoint(request, await _body(request), request_id)
        except Exception as error:
            response = refusal(error, path, request_id)
        response.headers[wire.REQUEST_HEADER] = request_id
        return response

    handle.access = access  # type: ignore[attr-defined]
    made = Route(path, handle, methods=[method])
    made.name = f"{method} {path}"
    return made


def access_of(made: Route) -> Access | None:
    """The access a route was declared with, or None."""
    return getattr(made.endpoint, "access", None)


def clean_id(text: str) -> str:
    """A caller's request id if it is short and harmless, else a new one."""
    harmless = 0 < len(text) <= 64 and text.isascii() and all(c.isalnum() or c in "-_." for c in text)
    return text if harmless else f"{_PROCESS}-{next(_requests):x}"


def _run(request: Request, body: bytes, request_id: str, endpoint: Endpoint, access: Access) -> Response:
    services: Services = request.app.state.services
    if access.kind == "bench":
        _check_version(request.headers.get(wire.WIRE_HEADER, ""))
    caller = identify(request, services.db, access)
    request.state.caller = caller
    return endpoint(Call(request, services, caller, body, request_id))


def _check_version(found: str) -> None:
    served = {str(wire.WIRE_VERSION), str(wire.WIRE_VERSION - 1)}
    if found not in served:
        expected = " or ".join(sorted(served))
        raise DomainError("wire_version", f"this server speaks {expected}, the station {found or 'none'}: update it")


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise DomainError("too_large", f"expected at most {MAX_BODY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
