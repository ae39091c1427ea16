"""Everything one product is: its row, codes, kit and the channels that have a word for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.masterdata.customs import FOR_CUSTOMS
from server.domain.masterdata.lookalikes import Member
from server.domain.masterdata.readiness import Master

_p, _k, _a, _c = tables.product, tables.product_code, tables.alias, tables.channel
_kit, _part = tables.kit, tables.kit_component
FAMILY = "family"
"""The attribute that says which products are variants of one listing."""


def masters(connection: Connection) -> Iterator[Master]:
    """The whole catalogue."""
    codes, parts, channels = _codes(connection), _components(connection), _channels(connection)
    for row in connection.execute(select(_p).order_by(_p.c.sku)):
        attributes = dict(row.attributes)
        yield Master(
            sku=row.sku,
            title=row.name,
            variant=row.variant,
            family=attributes.pop(FAMILY, ""),
            attributes=attributes,
            images=tuple(row.image_url.split()),
            codes=codes.get(row.sku, ()),
            components=parts.get(row.sku),
            channels=channels.get(row.sku, frozenset()),
        )


def members(connection: Connection, skus: Iterable[str] | None = None) -> list[Member]:
    """Products as far as they can be mistaken for each other; all when ``skus`` is None."""
    query = select(_p.c.sku, _p.c.name, _p.c.variant, _p.c.attributes).order_by(_p.c.sku)
    if skus is not None:
        query = query.where(_p.c.sku.in_(sorted(set(skus))))
    found = []
    for row in connection.execute(query):
        attributes = dict(row.attributes)
        family = attributes.pop(FAMILY, "")
        attributes = {name: said for name, said in attributes.items() if name not in FOR_CUSTOMS}
        found.append(Member(row.sku, row.name, row.variant, attributes, family))
    return found


def group_of(connection: Connection, name: str) -> list[str]:
    """SKUs of a look-alike group."""
    return list(connection.execute(select(_p.c.sku).where(_p.c.look_alike == name).order_by(_p.c.sku)).scalars())


def groups(connection: Connection) -> Sequence[Any]:
    """(look_alike, sku, name, differs_by) of every product in a group, by group."""
    query = select(_p.c.look_alike, _p.c.sku, _p.c.name, _p.c.differs_by).where(_p.c.look_alike != "")
    return connection.execute(query.order_by(_p.c.look_alike, _p.c.sku)).all()


def change(tx: Transaction, sku: str, values: Mapping[str, Any]) -> None:
    """New values of some columns of one product."""
    tx.connection.execute(update(_p).where(_p.c.sku == sku).values(**values))


def _codes(connection: Connection) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(select(_k.c.sku, _k.c.code).where(_k.c.units == 1).order_by(_k.c.code)):
        found[row.sku] = (*found.get(row.sku, ()), row.code)
    return found


def _components(connection: Connection) -> dict[str, tuple[tuple[str, int], ...]]:
    """Components of the current version of every kit; a kit without any has ()."""
    same = (_part.c.kit_sku == _kit.c.sku) & (_part.c.version == _kit.c.version)
    query = select(_kit.c.sku, _part.c.sku.label("part"), _part.c.quantity).outerjoin(_part, same)
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for row in connection.execute(query.where(_kit.c.current).order_by(_kit.c.sku, _part.c.sku)):
        some = ((row.part, row.quantity),) if row.part is not None else ()
        found[row.sku] = (*found.get(row.sku, ()), *some)
    return found


def _channels(connection: Connection) -> dict[str, frozenset[str]]:
    query = select(_a.c.sku, _c.c.code).join(_c, _c.c.id == _a.c.channel_id)
    found: dict[str, frozenset[str]] = {}
    for row in connection.execute(query):
        found[row.sku] = found.get(row.sku, frozenset()) | {row.code}
    return found


def components_of(connection: Connection, sku: str) -> list[tuple[str, int]]:
    """(SKU, units) of the current version of one kit; empty for a product that is none."""
    same = (_part.c.kit_sku == _kit.c.sku) & (_part.c.version == _kit.c.version)
    query = select(_part.c.sku, _part.c.quantity).join(_kit, same).where(_kit.c.sku == sku, _kit.c.current)
    return [(row.sku, row.quantity) for row in connection.execute(query.order_by(_part.c.sku))]


def with_code(connection: Connection, code: str) -> Sequence[Any]:
    """Products (sku, units) with this barcode in its normal form."""
    return connection.execute(select(_k.c.sku, _k.c.units).where(_k.c.code == code).order_by(_k.c.sku)).all()
