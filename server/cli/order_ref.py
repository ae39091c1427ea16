"""An order named at the terminal."""

from typing import TYPE_CHECKING, Any

from server.domain.errors import DomainError

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.db.transaction import Database


def order_named(db: "Database", ref: str) -> "Row[Any]":
    """The order with this number or channel order id; raise DomainError("not_found" | "ambiguous")."""
    from server.db import orders

    with db.read() as connection:
        found = orders.by_ref(connection, ref)
    if found is None:
        raise DomainError("not_found", f"there is no order {ref!r}")
    return found
