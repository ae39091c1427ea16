"""Rows of kit definitions. A version is never changed: orders name the one they were sold under."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.booking.kits import Kit, KitBook

_k, _c, _f, _b, _l = tables.kit, tables.kit_component, tables.kit_leaf, tables.kit_build, tables.order_line


def read(connection: Connection) -> KitBook:
    """The current definitions."""
    return KitBook.of(current(connection))


def current(connection: Connection) -> list[Kit]:
    """The current definitions, by SKU."""
    query = select(_k.c.sku, _k.c.version, _k.c.assembled, _c.c.sku.label("component"), _c.c.quantity)
    joined = query.join(_c, (_c.c.kit_sku == _k.c.sku) & (_c.c.version == _k.c.version)).where(_k.c.current)
    found: dict[str, Kit] = {}
    for row in connection.execute(joined.order_by(_k.c.sku, _c.c.sku)):
        before = found.get(row.sku)
        components = (*(before.components if before else ()), (row.component, row.quantity))
        found[row.sku] = Kit(row.sku, components, row.version, row.assembled)
    return list(found.values())


def newest_version(connection: Connection, sku: str) -> int:
    """0 for a product that never was a kit."""
    return int(connection.execute(select(func.max(_k.c.version)).where(_k.c.sku == sku)).scalar() or 0)


def add_version(tx: Transaction, kit: Kit, bill: Mapping[str, int]) -> None:
    """A new current version, with what it comes to on the shelves."""
    retire(tx, kit.sku)
    who = {"at": tx.now, "actor": tx.actor.name}
    row = {"sku": kit.sku, "version": kit.version, "current": True, "assembled": kit.assembled}
    tx.connection.execute(insert(_k).values(**row, **who))
    same = {"kit_sku": kit.sku, "version": kit.version}
    tx.connection.execute(insert(_c), [same | {"sku": sku, "quantity": n} for sku, n in kit.components])
    tx.connection.execute(insert(_f), [same | {"sku": sku, "quantity": n} for sku, n in bill.items()])


def retire(tx: Transaction, sku: str) -> bool:
    """No version is current any more; False when none was."""
    gone = update(_k).where(_k.c.sku == sku, _k.c.current).values(current=False)
    return tx.connection.execute(gone).rowcount > 0


def leaves(connection: Connection, versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], dict[str, int]]:
    """What one unit of each (kit, version) comes to on the shelves; an assembled one gives itself."""
    wanted = set(versions)
    found: dict[tuple[str, int], dict[str, int]] = {}
    query: Select[Any] = (
        select(_f.c.kit_sku, _f.c.version, _f.c.sku, _f.c.quantity, _k.c.assembled)
        .join(_k, (_k.c.sku == _f.c.kit_sku) & (_k.c.version == _f.c.version))
        .where(_f.c.kit_sku.in_(sorted({sku for sku, _ in wanted})))
    )
    for row in connection.execute(query.order_by(_f.c.sku)):
        key = row.kit_sku, row.version
        if key in wanted:
            bill = found.setdefault(key, {})
            bill[row.kit_sku if row.assembled else row.sku] = 1 if row.assembled else row.quantity
    return found


def restamp(tx: Transaction, order_id: int, kits: KitBook) -> None:
    """The order was decided again: its lines follow the versions by which its units were taken."""
    for line_no, version in _renewed(tx.connection, order_id, kits):
        line = (_l.c.order_id == order_id) & (_l.c.line_no == line_no)
        tx.connection.execute(update(_l).where(line).values(kit_version=version))


def outdated(connection: Connection, order_id: int, kits: KitBook) -> bool:
    """Whether a line was sold under another version than the current one."""
    return bool(_renewed(connection, order_id, kits))


def _renewed(connection: Connection, order_id: int, kits: KitBook) -> list[tuple[int, int | None]]:
    query = select(_l.c.line_no, _l.c.sku, _l.c.kit_version).where(_l.c.order_id == order_id)
    now = [(row, kits.version(row.sku or "") or None) for row in connection.execute(query)]
    return [(row.line_no, version) for row, version in now if version != row.kit_version]


def add_build(tx: Transaction, **columns: Any) -> int:
    """Units that were built; return its number."""
    row = insert(_b).values(at=tx.now, actor=tx.actor.name, **columns)
    return int(tx.connection.execute(row.returning(_b.c.id)).scalar_one())


def lock_builds(tx: Transaction, sku: str, site_id: int, lot: str) -> Sequence[Row[Any]]:
    """The builds of which some are not taken apart again, the oldest first."""
    query = select(_b).where(_b.c.sku == sku, _b.c.site_id == site_id, _b.c.lot == lot, _b.c.left > 0)
    return tx.connection.execute(query.order_by(_b.c.id).with_for_update()).all()


def change_build(tx: Transaction, number: int, **columns: Any) -> None:
    """Write columns; the caller holds the lock."""
    tx.connection.execute(update(_b).where(_b.c.id == number).values(**columns))
