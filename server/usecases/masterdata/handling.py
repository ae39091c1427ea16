"""How goods are to be handled at the bench: size, notes, material, dangerous goods; inserts of a packing profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.db import orders, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.wants import plain
from server.usecases.masterdata.catalogue import raise_version
from server.usecases.shipping.accounts import account
from server.usecases.warehouse.goods import product_of

SCOPES = ("order", "shipment", "box")
SIDE_MAX = 10_000
NOTE_MAX = 500
TOO_LATE = frozenset({OrderStatus.PACKED, OrderStatus.SHIPPED, OrderStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Handling:
    """What changes of a product; None leaves a value as it is. Millimetres; services as ``carrier/service``."""

    size_mm: tuple[int, int, int] | None = None
    note: str | None = None
    material: str | None = None
    own_box: bool | None = None
    hazmat: bool | None = None
    hazmat_services: Sequence[str] | None = None


def set_handling(db: Database, actor: Actor, sku: str, change: Handling) -> None:
    """Change how a product is handled, from the next order that is opened; raise DomainError("invalid" | ...)."""
    values = values_of(change)
    if not values:
        return
    with transaction(db, actor, "set_handling") as tx:
        check_ways(tx.connection, change)
        product_of(tx.connection, sku)
        tx.connection.execute(update(tables.product).where(tables.product.c.sku == sku).values(**values))
        raise_version(tx)
        tx.note("product.handling", values, sku=sku)


def check_ways(connection: Connection, change: Handling) -> None:
    """Raise DomainError("unknown_carrier") where dangerous goods may go with a carrier that is not there."""
    for way in change.hazmat_services or ():
        if way.strip():
            account(connection, way.strip().partition("/")[0])


def values_of(change: Handling) -> dict[str, Any]:
    """The columns of the product that change; raise DomainError("invalid")."""
    values: dict[str, Any] = {}
    if change.size_mm is not None:
        values |= sides(change.size_mm)
    texts = (("pack_note", change.note, 255), ("material", change.material, 120))
    values |= {name: _text(name, text, most) for name, text, most in texts if text is not None}
    flags = (("own_box", change.own_box), ("hazmat", change.hazmat))
    values |= {name: flag for name, flag in flags if flag is not None}
    if change.hazmat_services is not None:
        ways = sorted({_text("service", way, 96) for way in change.hazmat_services} - {""})
        values["hazmat_services"] = ways
    return values


def size_of(text: str) -> tuple[int, int, int]:
    """Millimetres of ``300x200x100``; raise DomainError("invalid")."""
    parts = [part.strip() for part in text.lower().replace("\u00d7", "x").split("x")]
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 7 for part in parts):
        raise DomainError("invalid", f"size: expected whole millimetres as 300x200x100, found {text[:40]!r}")
    length, width, height = map(int, parts)
    return length, width, height


def sides(size_mm: tuple[int, int, int]) -> dict[str, int]:
    """The columns of a size; raise DomainError("invalid")."""
    if any(not 0 < side <= SIDE_MAX for side in size_mm):
        raise DomainError("invalid", f"size: expected three sides of 1 to {SIDE_MAX} mm, found {size_mm}")
    return dict(zip(("length_mm", "width_mm", "height_mm"), size_mm, strict=True))


def put_insert(db: Database, actor: Actor, profile: str, text: str, code: str = "", *, active: bool = True) -> None:
    """What goes into each parcel of a packing profile; ``code`` is printed on it and confirms it (PCK-09)."""
    t, row = tables.packing_insert, {"code": _text("code", code, 64), "active": active}
    clean = _text("insert", text, 255)
    if not clean or not profile.strip():
        raise DomainError("invalid", "expected a packing profile and what is to be inserted, found nothing")
    with transaction(db, actor, "put_insert") as tx:
        made = insert_into(tx.connection, t).values(profile=profile.strip(), text=clean, **row)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["profile", "text"], set_=row))
        tx.note("packing.insert", {"profile": profile.strip(), "text": clean, **row})


def inserts(connection: Connection) -> list[dict[str, Any]]:
    """What goes into parcels now: number, profile, text, code."""
    t = tables.packing_insert
    query = select(t.c.id.label("number"), t.c.profile, t.c.text, t.c.code).where(t.c.active)
    return [dict(row._mapping) for row in connection.execute(query.order_by(t.c.profile, t.c.id))]


def remove_insert(db: Database, actor: Actor, number: int) -> str:
    """No parcel gets this insert any more, from the next order that is opened; its text.

    Raise DomainError("not_found").
    """
    t = tables.packing_insert
    with transaction(db, actor, "remove_insert") as tx:
        row = tx.connection.execute(select(t).where(t.c.id == number, t.c.active)).first()
        if row is None:
            raise DomainError("not_found", f"there is no insert {number}; `packproof insert list` shows all")
        tx.connection.execute(update(t).where(t.c.id == number).values(active=False))
        tx.note("packing.insert", {"profile": row.profile, "text": row.text, "code": row.code, "active": False})
        return str(row.text)


def add_note(db: Database, actor: Actor, number: str, scope: str, text: str) -> None:
    """A note that must be confirmed before the label: once, or for each box; a bench that has the order sees it next
    time it opens it. Raise DomainError("invalid" | "not_found" | "already_packed").
    """
    clean = _text("note", text, NOTE_MAX)
    if scope not in SCOPES or not clean:
        raise DomainError("invalid", f"expected a note for {', '.join(SCOPES)}, found {scope!r} with {clean[:40]!r}")
    with transaction(db, actor, "add_note") as tx:
        order = orders.by_ref(tx.connection, number)
        if order is None:
            raise DomainError("not_found", f"there is no order {number!r}")
        if order.status in TOO_LATE:
            raise DomainError("already_packed", f"order {order.number} is {order.status}: nobody packs it any more")
        n = tables.order_note
        row = {"order_id": order.id, "scope": scope, "text": clean, "at": tx.now, "actor": actor.name}
        tx.connection.execute(n.insert().values(**row))
        tx.note("order.note", {"scope": scope}, order=order.id)


def notes(db: Database, number: str) -> list[dict[str, Any]]:
    """The notes of an order in the order in which they were written: number, scope, text, actor.

    Raise DomainError("not_found").
    """
    with db.read() as connection:
        order = orders.by_ref(connection, number)
        if order is None:
            raise DomainError("not_found", f"there is no order {number!r}")
        n = tables.order_note
        query = select(n.c.id.label("number"), n.c.scope, n.c.text, n.c.actor).where(n.c.order_id == order.id)
        return [dict(row._mapping) for row in connection.execute(query.order_by(n.c.id))]


def remove_note(db: Database, actor: Actor, number: int) -> str:
    """Nobody confirms this note any more, from the next time its order is opened; the order's number.

    Raise DomainError("not_found" | "already_packed").
    """
    n, o = tables.order_note, tables.order
    with transaction(db, actor, "remove_note") as tx:
        query = select(n.c.scope, o.c.id, o.c.number, o.c.status).join(o, o.c.id == n.c.order_id)
        row = tx.connection.execute(query.where(n.c.id == number)).first()
        if row is None:
            raise DomainError("not_found", f"there is no note {number}; `packproof note list ORDER` shows an order's")
        if row.status in TOO_LATE:
            raise DomainError("already_packed", f"order {row.number} is {row.status}: its notes were confirmed")
        tx.connection.execute(delete(n).where(n.c.id == number))
        tx.note("order.note_removed", {"scope": row.scope}, order=row.id)
        return str(row.number)


def _text(name: str, text: str, most: int) -> str:
    clean = plain(text)
    if len(clean) > most:
        raise DomainError("invalid", f"{name}: expected at most {most} characters, found {len(clean)}")
    return clean
