"""One request on its way through a route: who calls, with what, and what the service is made of."""

from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from server import wire
from server.config import ServerConfig
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.usecases.booking.book import Book
from server.usecases.talking.lines import Lines

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What every route may use."""

    db: Database
    config: ServerConfig
    book: Book | None = None
    """The group commit of this process; without one, every request is a batch of its own."""
    lines: Lines | None = None
    """The lines to the platforms, which some need to check a signature."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end. ``roles`` are those of a signed-in person; a bench and a wall screen have none."""

    kind: str
    name: str
    bench_id: int | None = None
    site_id: int | None = None
    person_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Call:
    """The argument of every endpoint."""

    request: Request
    services: Services
    caller: Caller
    body: bytes
    request_id: str

    @property
    def db(self) -> Database:
        """The database."""
        return self.services.db

    @property
    def actor(self) -> Actor:
        """Whose name goes into the audit; a bench's use case replaces it by the person at the bench."""
        bench = self.caller.name if self.caller.kind == "bench" else ""
        return Actor(self.caller.name, bench, self.request_id)

    @property
    def bench_id(self) -> int:
        """The calling bench; only routes with bench access may ask."""
        assert self.caller.bench_id is not None, "this route is not for benches"  # noqa: S101
        return self.caller.bench_id

    @property
    def lines(self) -> Lines:
        """The lines of this process; raise DomainError("not_found") where it has none."""
        if self.services.lines is None:
            raise DomainError("not_found", "this process talks to no platform")
        return self.services.lines

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def message(self, kind: type[T]) -> T:
        """The body as a message; raises DomainError("malformed")."""
        return wire.decode(self.body, kind)


def answer(message: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(wire.encode(message), status, media_type="application/json")
