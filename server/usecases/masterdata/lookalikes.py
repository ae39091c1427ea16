"""Look-alike groups: each product of one says what tells it from the others, and benches are told (SKU-05)."""

from collections.abc import Sequence

from sqlalchemy import Connection

from server.db import catalogue
from server.db import masters as rows
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.lookalikes import Indistinct, ToldApart, suggested, told_apart

_NAME_MAX, _SAYS_MAX = 64, 120


def group(db: Database, actor: Actor, name: str, skus: Sequence[str]) -> ToldApart:
    """Put these products into a group, beside those that are in it; return what tells all of them apart.

    Raise DomainError("invalid"), "unknown_sku", and "indistinct" when two of them differ in nothing a packer can see.
    """
    if not 0 < len(name.strip()) <= _NAME_MAX or not name.isprintable():
        raise DomainError("invalid", f"group: expected 1 to {_NAME_MAX} printable characters, found {name[:40]!r}")
    with transaction(db, actor, "group_look_alikes") as tx:
        catalogue.lock_version(tx)
        wanted = sorted({*skus, *rows.group_of(tx.connection, name.strip())})
        missing = sorted({*wanted} - catalogue.known(tx.connection, wanted))
        if missing:
            raise DomainError("unknown_sku", f"there is no product {', '.join(missing)[:200]}")
        left = _groups_of(tx.connection, skus) - {name.strip(), ""}
        told = _write(tx, name.strip(), wanted)
        for other in sorted(left):
            _rewrite(tx, other)
        catalogue.raise_version(tx)
        for sku in skus:
            tx.note("product.look_alike", {"group": name.strip(), "differs_by": told.says[sku]}, sku=sku)
        return told


def ungroup(db: Database, actor: Actor, sku: str) -> None:
    """Take a product out of its group; a group of one ends. Raise DomainError("not_found")."""
    with transaction(db, actor, "ungroup_look_alike") as tx:
        catalogue.lock_version(tx)
        row = catalogue.product(tx.connection, sku)
        if row is None or not row.look_alike:
            raise DomainError("not_found", f"{sku[:40]!r} is in no group of look-alikes")
        rows.change(tx, sku, {"look_alike": "", "differs_by": ""})
        _rewrite(tx, row.look_alike)
        catalogue.raise_version(tx)
        tx.note("product.look_alike", {"group": "", "was": row.look_alike}, sku=sku)


def tell_apart_again(tx: Transaction, sku: str) -> None:
    """The product changed: its group must still be told apart; raise DomainError("indistinct") when it is not."""
    row = catalogue.product(tx.connection, sku)
    if row is not None and row.look_alike:
        _write(tx, row.look_alike, rows.group_of(tx.connection, row.look_alike))


def suggestions(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Products of one name or family that are in no group yet."""
    grouped = {row.sku for row in rows.groups(connection)}
    return suggested(member for member in rows.members(connection) if member.sku not in grouped)


def _groups_of(connection: Connection, skus: Sequence[str]) -> set[str]:
    wanted = set(skus)
    return {row.look_alike for row in rows.groups(connection) if row.sku in wanted}


def _rewrite(tx: Transaction, name: str) -> None:
    """A group that lost a member: a single product looks like nothing else."""
    left = rows.group_of(tx.connection, name)
    if len(left) > 1:
        _write(tx, name, left)
    for sku in left if len(left) == 1 else ():
        rows.change(tx, sku, {"look_alike": "", "differs_by": ""})


def _write(tx: Transaction, name: str, skus: Sequence[str]) -> ToldApart:
    if len(skus) < 2:
        raise DomainError("invalid", f"group {name}: expected two products or more, found {len(skus)}")
    told = told_apart(rows.members(tx.connection, skus))
    if isinstance(told, Indistinct):
        raise DomainError("indistinct", told.sentence)
    for sku in skus:
        rows.change(tx, sku, {"look_alike": name, "differs_by": told.says[sku][:_SAYS_MAX]})
    return told
