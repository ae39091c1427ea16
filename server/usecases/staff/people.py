"""Who works here: people, their badges and passwords, wall screens. Every change is audited and reaches the benches."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from server.db import people as rows
from server.db.catalogue import raise_version
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.people import Role, badge_digest
from server.reading import BADGE_PREFIX
from server.secrets import digest, new_token

SESSION_SECONDS = 12 * 3600
PASSWORD_MIN = 8
PACKS = frozenset({Role.PACKER, Role.SUPERVISOR, Role.ADMIN})
LOADS = frozenset({Role.DOCK, Role.SUPERVISOR, Role.ADMIN})
_hasher = PasswordHasher()


def add_person(  # noqa: PLR0917 - the commands pass them in the order in which people are asked
    db: Database,
    actor: Actor,
    name: str,
    roles: Iterable[Role],
    badge: str | None = None,
    login: str | None = None,
    password: str | None = None,
) -> int:
    """Add a person and return their id; raise DomainError("invalid") saying what was expected and found.

    ``badge`` is the text of the badge's barcode (PPB-...); only its digest is kept, and the password's argon2.
    """
    columns: dict[str, Any] = {"name": _name(name), "roles": _words(roles)}
    columns["badge_digest"] = checked_badge(badge) if badge else None
    columns["login"] = login.strip().lower() if login and login.strip() else None
    columns["password_hash"] = _hashed(password) if password else None
    if bool(columns["login"]) != bool(password):
        raise DomainError("invalid", "expected a login and a password together, found only one of them")
    try:
        with transaction(db, actor, "add_person") as tx:
            person_id = rows.insert_person(tx, **columns)
            _changed(tx, "person.added", person_id, {"name": columns["name"], "roles": columns["roles"]})
    except IntegrityError as error:
        raise DomainError("invalid", "this badge or login belongs to somebody else already") from error
    return person_id


def set_roles(db: Database, actor: Actor, person_id: int, roles: Iterable[Role]) -> None:
    """Give a person exactly these roles."""
    with transaction(db, actor, "set_roles") as tx:
        before, after = _person(tx, person_id), _words(roles)
        rows.change_person(tx, person_id, roles=after)
        _changed(tx, "person.roles", person_id, {"before": before.roles, "after": after})


def set_badge(db: Database, actor: Actor, person_id: int, badge: str | None) -> None:
    """Give a person a new badge, or none; the old one opens nothing any more."""
    try:
        with transaction(db, actor, "set_badge") as tx:
            rows.change_person(tx, person_id, badge_digest=checked_badge(badge) if badge else None)
            _changed(tx, "person.badge", person_id, {"has_badge": bool(badge)})
    except IntegrityError as error:
        raise DomainError("invalid", "this badge belongs to somebody else already") from error


def set_password(db: Database, actor: Actor, person_id: int, password: str) -> None:
    """A new password; ends the person's web sessions."""
    with transaction(db, actor, "set_password") as tx:
        rows.change_person(tx, person_id, password_hash=_hashed(password))
        ended = rows.revoke_web_sessions(tx, person_id=person_id)
        tx.note("person.password", {"sessions_ended": ended}, person=person_id)


def set_active(db: Database, actor: Actor, person_id: int, active: bool) -> None:
    """Let a person in or keep them out, at once."""
    with transaction(db, actor, "set_active") as tx:
        rows.change_person(tx, person_id, active=active)
        ended = 0 if active else rows.revoke_web_sessions(tx, person_id=person_id)
        _changed(tx, "person.active", person_id, {"active": active, "sessions_ended": ended})


def sign_in(db: Database, login: str, password: str) -> str:
    """Return a web session's token, good for twelve hours; raise DomainError("unauthorised").

    Takes as long for a login that does not exist, and says the same.
    """
    with db.read() as connection:
        row = rows.by_login(connection, login)
    fits = _fits(row.password_hash if row and row.password_hash else _nobody(), password)
    actor = Actor(row.name if row else "anyone")
    with transaction(db, actor, "sign_in") as tx:
        person_id = row.id if row else None
        if row is None or not row.password_hash or not row.active or not fits:
            tx.note("person.sign_in_refused", {}, person=person_id)
            token = ""
        else:
            token = new_token()
            expires = tx.now + SESSION_SECONDS
            session = {"token_digest": digest(token), "person_id": person_id, "kind": "person", "expires_at": expires}
            rows.insert_web_session(tx, **session)
            tx.note("person.signed_in", {}, person=person_id)
    if not token:
        raise DomainError("unauthorised", "this login and password do not fit together")
    return token


def add_wall(db: Database, actor: Actor, name: str) -> str:
    """Return a read-only token for a wall screen; it stays good until it is revoked."""
    token = new_token()
    with transaction(db, actor, "add_wall") as tx:
        rows.insert_web_session(tx, token_digest=digest(token), kind="wall", name=_name(name))
        tx.note("wall.added", {"name": name})
    return token


def revoke_wall(db: Database, actor: Actor, name: str) -> None:
    """The screens of this name show nothing any more; raise DomainError("not_found")."""
    with transaction(db, actor, "revoke_wall") as tx:
        if not rows.revoke_web_sessions(tx, kind="wall", name=name.strip()):
            raise DomainError("not_found", f"there is no wall screen {name!r}")
        tx.note("wall.revoked", {"name": name})


def at_bench(db: Database, actor: Actor, person_id: int, roles: frozenset[Role]) -> Actor:
    """The person at the bench as the actor; raise DomainError("not_signed_in") unless active in one of the roles."""
    with db.read() as connection:
        row = rows.person(connection, person_id)
    if row is None or not row.active or not roles & rows.roles_of(row):
        found = "nobody we know" if row is None else f"{row.name} ({row.roles if row.active else 'not active'})"
        # Not "forbidden", which would say that the bench itself may not come in.
        what = f"expected one of the roles {', '.join(sorted(roles))}, found {found}"
        raise DomainError(Reason.NOT_SIGNED_IN, what, says="may_not")
    return Actor(row.name, actor.bench, actor.request_id)


def may(connection: Connection, person_id: int, roles: frozenset[Role]) -> bool:
    """Whether this person is active and in one of the roles."""
    row = rows.person(connection, person_id)
    return row is not None and row.active and bool(roles & rows.roles_of(row))


def named(db: Database, actor: Actor, person_id: int) -> Actor:
    """The person at the bench as the actor, for what has happened already; an unknown one goes by their number."""
    with db.read() as connection:
        row = rows.person(connection, person_id)
    return Actor(row.name if row else f"person {person_id}", actor.bench, actor.request_id)


def _changed(tx: Transaction, action: str, person_id: int, detail: dict[str, Any]) -> None:
    raise_version(tx)
    tx.note(action, detail, person=person_id)


def _person(tx: Transaction, person_id: int) -> Row[Any]:
    row = rows.person(tx.connection, person_id)
    if row is None:
        raise DomainError("not_found", f"there is no person {person_id}")
    return row


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not 0 < len(clean) <= 64 or not clean.isprintable():
        raise DomainError("invalid", f"expected a name of 1 to 64 printable characters, found {name!r}")
    return clean


def _words(roles: Iterable[Role]) -> str:
    words = sorted({Role(role).value for role in roles})
    if not words:
        raise DomainError("invalid", f"expected at least one role of {', '.join(Role)}, found none")
    return " ".join(words)


def checked_badge(badge: str) -> str:
    """The digest of a badge's text; raise DomainError("invalid")."""
    text = badge.strip().upper()
    if not text.startswith(BADGE_PREFIX) or len(text) < len(BADGE_PREFIX) + 6:
        raise DomainError("invalid", f"expected a badge of {BADGE_PREFIX} and at least 6 characters")
    return badge_digest(text)


def _hashed(password: str) -> str:
    if len(password) < PASSWORD_MIN:
        raise DomainError("invalid", f"expected a password of at least {PASSWORD_MIN} characters")
    return _hasher.hash(password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(new_token())
