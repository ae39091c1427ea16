"""Box types as the office sees them: what they measure, weigh and hold, and which carriers take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.masterdata.catalogue import check_code, raise_version
from server.usecases.masterdata.handling import sides
from server.usecases.shipping.accounts import account

GRAMS_MAX = 10**6
NAME_MAX = 120
_b = tables.box_type


@dataclass(frozen=True, slots=True)
class BoxChange:
    """What changes of a box type; None leaves a value as it is. Inner millimetres and grams.

    ``max_grams``: what it may weigh when full, itself included; 0 for no limit. ``carriers``: codes of those who take
    it; empty for all.
    """

    name: str | None = None
    inner_mm: tuple[int, int, int] | None = None
    tare_grams: int | None = None
    max_grams: int | None = None
    carriers: Sequence[str] | None = None


def set_box(db: Database, actor: Actor, code: str, change: BoxChange) -> bool:
    """Add a box type, named as its code where nobody says otherwise, or change one; True when anything changed.

    It counts from the next order that is opened. Raise DomainError("invalid" | "unknown_carrier").
    """
    check_code(code)
    values = _values(change)
    with transaction(db, actor, "set_box") as tx:
        for carrier in values.get("carriers", ()):
            account(tx.connection, carrier)
        before = tx.connection.execute(select(_b).where(_b.c.code == code)).first()
        if before is not None and all(getattr(before, name) == value for name, value in values.items()):
            return False
        if before is None:
            values = {"name": code} | values
        made = insert_into(tx.connection, _b).values({"code": code, "name": code} | values)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["code"], set_=values))
        raise_version(tx)
        tx.note("box.changed", {"code": code, **values})
        return True


def boxes(connection: Connection) -> list[dict[str, Any]]:
    """Every box type by its code, JSON-ready."""
    return [dict(row._mapping) for row in connection.execute(select(_b).order_by(_b.c.code))]


def _values(change: BoxChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.name is not None:
        if not 0 < len(change.name.strip()) <= NAME_MAX or not change.name.isprintable():
            raise DomainError("invalid", f"name: expected 1 to {NAME_MAX} characters, found {change.name[:40]!r}")
        values["name"] = change.name.strip()
    if change.inner_mm is not None:
        values |= sides(change.inner_mm)
    for name in ("tare_grams", "max_grams"):
        grams = getattr(change, name)
        if grams is None:
            continue
        if not 0 <= grams <= GRAMS_MAX:
            raise DomainError("invalid", f"{name.replace('_', ' ')}: expected 0 to {GRAMS_MAX}, found {grams}")
        values[name] = grams if grams or name == "tare_grams" else None
    if change.carriers is not None:
        values["carriers"] = sorted(set(change.carriers))
    return values
