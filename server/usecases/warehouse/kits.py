"""What a kit is made of. A change makes a new version, also of every kit that has it inside."""

from collections.abc import Mapping
from typing import Any

from server.db import catalogue, stale
from server.db import kits as rows
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.kits import Kit, KitBook
from server.domain.errors import DomainError
from server.usecases.booking.reference import raise_version
from server.usecases.warehouse.goods import Answer, product_of


def define_kit(
    db: Database, actor: Actor, sku: str, components: Mapping[str, int], *, assembled: bool = False
) -> Answer:
    """Say what is in a kit: units of each component. Effective with the next sale; orders keep their version.

    Both the kit and its components are products already. The answer: {"sku", "version", "changed"}. Raise DomainError
    as ``KitBook.of`` does, naming the path, and "unknown_sku".
    """
    with transaction(db, actor, "define_kit") as tx:
        product_of(tx.connection, sku)
        # Its lock keeps two definitions apart: together they could make a circle.
        raise_version(tx)
        kits = {kit.sku: kit for kit in rows.current(tx.connection)}
        wanted = Kit(sku, tuple(sorted(components.items())), rows.newest_version(tx.connection, sku) + 1, assembled)
        before = kits.get(sku)
        if before and (before.components, before.assembled) == (wanted.components, wanted.assembled):
            return {"sku": sku, "version": before.version, "changed": False}
        old = KitBook.of(kits.values())
        products = catalogue.known(tx.connection, components)
        if unknown := sorted(set(components) - products - set(kits)):
            raise DomainError("kit_unknown_component", f"{sku} > {unknown[0]}: there is no product {unknown[0]!r}")
        _put(tx, old, kits | {sku: wanted}, sku)
        detail = {"version": wanted.version, "components": dict(wanted.components), "assembled": assembled}
        _mark(tx, sku, tx.note("kit.defined", detail, sku=sku), old, rows.read(tx.connection))
        return {"sku": sku, "version": wanted.version, "changed": True}


def retire_kit(db: Database, actor: Actor, sku: str) -> None:
    """From now on it is a plain product, sold from its own stock; raise DomainError("not_a_kit").

    Kits with it inside take it as it is, so they get a new version.
    """
    with transaction(db, actor, "retire_kit") as tx:
        raise_version(tx)
        kits = {kit.sku: kit for kit in rows.current(tx.connection)}
        if kits.pop(sku, None) is None:
            raise DomainError("not_a_kit", f"{sku} has no kit definition")
        old = KitBook.of(rows.current(tx.connection))
        rows.retire(tx, sku)
        _put(tx, old, kits, sku)
        _mark(tx, sku, tx.note("kit.retired", sku=sku), old, rows.read(tx.connection))


def list_kits(db: Database) -> list[dict[str, Any]]:
    """{"sku", "version", "assembled", "components", "leaves"} of every kit, by SKU; units of one kit."""
    with db.read() as connection:
        book = rows.read(connection)
    return [
        {
            "sku": kit.sku,
            "version": kit.version,
            "assembled": kit.assembled,
            "components": dict(kit.components),
            "leaves": book.contents(kit.sku),
        }
        for kit in book.kits.values()
    ]


def _put(tx: Transaction, old: KitBook, kits: Mapping[str, Kit], changed: str) -> None:
    """Write the changed kit and each other one that now comes to something else on the shelves."""
    new = KitBook.of(kits.values())
    for sku, kit in new.kits.items():
        if sku == changed:
            rows.add_version(tx, kit, new.contents(sku))
        elif old.contents(sku) != new.contents(sku):
            version = rows.newest_version(tx.connection, sku) + 1
            rows.add_version(tx, Kit(sku, kit.components, version, kit.assembled), new.contents(sku))
            tx.note("kit.follows", {"version": version, "because": changed}, sku=sku)


def _mark(tx: Transaction, sku: str, cause: int, old: KitBook, new: KitBook) -> None:
    """Published numbers that are different now."""
    changed = {k for k in {*old.kits, *new.kits} if old.expand(k) != new.expand(k)}
    stale.mark(tx, {sku, *changed}, cause)
