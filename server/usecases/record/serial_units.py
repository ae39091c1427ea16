"""From a serial number to the order in whose box the unit lies, left, or was before it came back."""

from typing import Any

from sqlalchemy import Connection, Row

from server.db import serials
from server.domain.errors import DomainError

_NAMED = 5


def find_unit(connection: Connection, ref: str) -> Row[Any] | None:
    """The unit with this serial number, or with this SKU:SERIAL; None where nobody knows one.

    Raise DomainError: "ambiguous" where units of several products have the number, "not_found" for one in no order.
    """
    found = serials.with_serial(connection, ref)
    if not found and ":" in ref:
        sku, _, serial = ref.partition(":")
        found = serials.with_serial(connection, serial.strip(), sku.strip())
    if len(found) > 1:
        each = ", ".join(f"{row.sku}:{row.serial} ({_where(row)})" for row in found[:_NAMED])
        raise DomainError("ambiguous", f"{len(found)} units have the serial number {ref[:64]!r}; ask for one: {each}")
    if found and found[0].order_id is None:
        raise DomainError("not_found", f"serial number {found[0].serial} of {found[0].sku}: {_where(found[0])}")
    return found[0] if found else None


def _where(row: Row[Any]) -> str:
    state = str(row.state).replace("_", " ")
    return f"{state}, order {row.order_number}" if row.order_number else f"{state}, in no order"
