"""A person named at the terminal."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from server.domain.errors import DomainError
from server.domain.people import Role

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.db.transaction import Database


def person_named(db: "Database", name_or_number: str, roles: Collection[Role] = ()) -> "Row[Any]":
    """The one person of this name or number; with ``roles``, one who works here and has one of them.

    Raise DomainError("not_found" | "forbidden").
    """
    from server.db import people

    with db.read() as connection:
        everybody = people.people(connection)
    found = [row for row in everybody if name_or_number.strip() in (row.name, str(row.id))]
    if len(found) > 1 and roles:
        found = [row for row in found if row.active] or found
    if len(found) != 1:
        how = "nobody has" if not found else "several people have"
        raise DomainError("not_found", f"{how} that name or number; `packproof person list` shows all")
    [row] = found
    if roles and (not row.active or not people.roles_of(row) & set(roles)):
        what = f"has the roles {row.roles.replace(' ', ', ')}" if row.active else "is kept out"
        raise DomainError("forbidden", f"expected one of the roles {', '.join(sorted(roles))}; {row.name} {what}")
    return row
