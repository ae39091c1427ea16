"""Who may call a route. The server denies by default: a route without a declared access cannot be made."""

from dataclasses import dataclass, field

from sqlalchemy import select
from starlette.requests import Request

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.call import Caller
from server.secrets import digest

COOKIE = "packproof"


@dataclass(frozen=True, slots=True)
class Access:
    """``kind``: public | bench | person | viewer | channel. ``why`` explains a public one; channels sign bodies.

    ``links``: kinds of read-only addresses that may look too.
    """

    kind: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    why: str = ""
    links: frozenset[str] = field(default_factory=frozenset)


BENCH = Access("bench")
CHANNEL = Access("channel")
VIEWER = Access("viewer", frozenset(Role), links=frozenset({"wall"}))
"""Any signed-in person, or a wall screen's read-only token."""
LOADER = Access("viewer", frozenset({Role.DOCK, Role.SUPERVISOR, Role.ADMIN}), links=frozenset({"dock"}))
"""People who load, or a phone with the read-only address of a site's dock."""
_LINKS = {"wall": "a wall screen only shows the board", "dock": "this phone only shows the loads of its dock"}


def public(why: str) -> Access:
    """Open to all, for the stated reason."""
    return Access("public", why=why)


def people(*roles: Role) -> Access:
    """People with at least one of the roles; an admin may always."""
    return Access("person", frozenset({*roles, Role.ADMIN}))


def identify(request: Request, db: Database, access: Access) -> Caller:
    """The caller; raise DomainError("unauthorised" | "forbidden") when the access is not given."""
    if access.kind == "public":
        return Caller("public", "anyone")
    if access.kind == "channel":
        return Caller("channel", str(request.path_params["channel"]))
    if access.kind == "bench":
        return _bench(request, db)
    return _person(request, db, access)


def _bench(request: Request, db: Database) -> Caller:
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    with db.read() as connection:
        t = tables.bench
        row = connection.execute(select(t).where(t.c.token_digest == digest(token), t.c.revoked.is_(False))).first()
    if not token or row is None:
        raise DomainError("unauthorised", "expected the token of an enrolled bench; enrol it with a join code")
    return Caller("bench", row.name, bench_id=row.id, site_id=row.site_id)


def _person(request: Request, db: Database, access: Access) -> Caller:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    token = bearer or request.cookies.get(COOKIE, "")
    s, p = tables.web_session, tables.person
    of_session = (s.c.kind, s.c.name.label("screen"), s.c.site_id, s.c.expires_at)
    query = (
        select(*of_session, p.c.id, p.c.name, p.c.roles, p.c.active)
        .select_from(s.outerjoin(p, p.c.id == s.c.person_id))
        .where(s.c.token_digest == digest(token), s.c.revoked.is_(False))
    )
    with db.read() as connection:
        row = connection.execute(query).first()
    if not token or row is None or (row.expires_at is not None and row.expires_at < db.now()):
        raise DomainError("unauthorised", "sign in first")
    if row.kind in _LINKS:
        if row.kind not in access.links:
            raise DomainError("forbidden", _LINKS[row.kind])
        return Caller(row.kind, row.screen, site_id=row.site_id)
    roles = frozenset(Role(r) for r in row.roles.split() if r)
    if not row.active or not roles & access.roles:
        wanted = ", ".join(sorted(access.roles))
        raise DomainError("forbidden", f"this needs one of the roles {wanted}")
    return Caller("person", row.name, person_id=row.id, roles=roles)
