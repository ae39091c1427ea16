"""Rows of products, their codes and boxes, and the version that says when they last changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.masterdata.catalog import BoxType, Product, ProductCode

_p, _k, _b, _v = tables.product, tables.product_code, tables.box_type, tables.setting
VERSION = "catalog_version"


def product(connection: Connection, sku: str) -> Row[Any] | None:
    """One product."""
    return connection.execute(select(_p).where(_p.c.sku == sku)).first()


def known(connection: Connection, skus: Iterable[str]) -> set[str]:
    """Those of the SKUs that are products. PostgreSQL cannot even be asked about a text with NUL."""
    askable = sorted({sku for sku in skus if "\x00" not in sku})
    return set(connection.execute(select(_p.c.sku).where(_p.c.sku.in_(askable))).scalars())


def categories(connection: Connection, skus: Iterable[str]) -> dict[str, str]:
    """The category of each of these products."""
    rows = connection.execute(select(_p.c.sku, _p.c.category).where(_p.c.sku.in_(sorted(set(skus)))))
    return {row.sku: row.category for row in rows}


def codes_of(connection: Connection, sku: str) -> dict[str, int]:
    """Units by code of one product."""
    rows = connection.execute(select(_k).where(_k.c.sku == sku).order_by(_k.c.code))
    return {row.code: row.units for row in rows}


def others_with(connection: Connection, codes: Iterable[str], sku: str) -> Sequence[Row[Any]]:
    """Rows of other products that have one of these codes."""
    query = select(_k).where(_k.c.code.in_(sorted(set(codes))), _k.c.sku != sku)
    return connection.execute(query.order_by(_k.c.code, _k.c.sku)).all()


def read_version(connection: Connection) -> int:
    """0 until something was written."""
    return int(connection.execute(select(_v.c.value).where(_v.c.key == VERSION)).scalar() or 0)


def lock_version(tx: Transaction) -> int:
    """The version, locked: whoever changes the catalogue takes this lock first, so that two codes cannot cross."""
    first = insert_into(tx.connection, _v).values(key=VERSION, value="0").on_conflict_do_nothing()
    tx.connection.execute(first)
    query = select(_v.c.value).where(_v.c.key == VERSION).with_for_update()
    return int(tx.connection.execute(query).scalar_one())


def raise_version(tx: Transaction) -> int:
    """Add one and return the new version."""
    now = lock_version(tx)
    tx.connection.execute(update(_v).where(_v.c.key == VERSION).values(value=str(now + 1)))
    return now + 1


def everything(connection: Connection) -> tuple[list[Product], list[ProductCode], list[BoxType]]:
    """All products, codes and boxes."""
    columns = (_p.c.sku, _p.c.name, _p.c.variant, _p.c.weight_grams, _p.c.look_alike, _p.c.differs_by, _p.c.picture)
    products = [Product(*row) for row in connection.execute(select(*columns))]
    codes = [ProductCode(r.code, r.sku, r.units) for r in connection.execute(select(_k).order_by(_k.c.code, _k.c.sku))]
    return products, codes, [_box(r) for r in connection.execute(select(_b))]


def _box(row: Row[Any]) -> BoxType:
    sides = (row.length_mm, row.width_mm, row.height_mm)
    return BoxType(row.code, row.name, None if None in sides else sides, row.tare_grams)
