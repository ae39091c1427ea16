"""Every way in which a request can fail, as an RFC 9457 answer. Nothing that a caller sends is our fault."""

import structlog
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from server import wire
from server.domain.errors import DomainError, Unavailable

STATUS = {
    "malformed": 400,
    "unauthorised": 401,
    "bad_signature": 401,
    "forbidden": 403,
    "not_found": 404,
    "too_large": 413,
    "invalid": 422,
    "wire_version": 426,
    "bug": 500,
    "unavailable": 503,
}
"""Every other refusal is 409: the request was understood and a rule said no."""

log = structlog.get_logger("http")


def problem(error: DomainError) -> Response:
    """A refusal as an answer."""
    number = STATUS.get(error.code, 409)
    body = wire.Problem(code=error.code, detail=error.detail, status=number, title=error.code, facts=dict(error.facts))
    return Response(wire.encode(body), number, media_type="application/problem+json")


def refusal(error: Exception, path: str, request_id: str) -> Response:
    """The answer for any exception; what nobody expected is logged as a bug of ours."""
    match error:
        case DomainError():
            return problem(error)
        case Unavailable():
            return problem(DomainError("unavailable", str(error), **error.facts))
        case ClientDisconnect():
            return problem(DomainError("malformed", "the caller left before the end of the request"))
        case DataError():
            # A NUL in a text, say, which PostgreSQL does not keep. Its message may quote the text: log its kind only.
            log.warning("unstorable", path=path, why=type(error.orig).__name__)
            return problem(DomainError("malformed", "expected texts and numbers that can be stored, found others"))
        case OperationalError() | InterfaceError() | PoolTimeout():
            log.error("database", path=path, why=str(getattr(error, "orig", error)).partition("\n")[0])
            what = "the database cannot do this now; nothing was changed, try again"
            return problem(DomainError("unavailable", what, says="server_busy"))
        case _:
            log.error("bug", path=path, exc_info=error)
            return problem(
                DomainError("bug", f"our fault; quote {request_id}", says="server_fault", request=request_id)
            )
