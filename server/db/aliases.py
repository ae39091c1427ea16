"""What channels call our products. ``code`` is an alias in its normal form, ``text`` as it was written."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from server.db import tables
from server.db.transaction import Transaction
from server.domain.masterdata.aliases import Alias, AliasKind, alias_key
from server.domain.sales.orders import OrderStatus

_t, _p, _c, _o, _l = tables.alias, tables.product, tables.channel, tables.order, tables.order_line
CODE_MAX = 120


def resolve(connection: Connection, asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Our SKU for each (channel id, code) that is an alias; the channel's own alias wins over a general one."""
    keys = {place: alias_key(place[1]) for place in asked if "\x00" not in place[1]}
    codes = sorted(set(keys.values()))
    rows = connection.execute(select(_t.c.channel_id, _t.c.code, _t.c.sku).where(_t.c.code.in_(codes)))
    known = {(row.channel_id, row.code): row.sku for row in rows}
    found = {place: known.get((place[0], key)) or known.get((0, key)) for place, key in keys.items()}
    return {place: sku for place, sku in found.items() if sku}


def same_key(connection: Connection, keys: Iterable[str]) -> list[Alias]:
    """Every saved alias, of any channel, with one of these keys."""
    return [_alias(row) for row in connection.execute(_named().where(_t.c.code.in_(sorted(set(keys)))))]


def of_sku(connection: Connection, sku: str) -> list[Alias]:
    """What channels call one product."""
    query = _named().where(_t.c.sku == sku).order_by(_t.c.channel_id, _t.c.code)
    return [_alias(row) for row in connection.execute(query)]


def all_of(connection: Connection, channel_id: int | None = None) -> Sequence[Row[Any]]:
    """Saved aliases with channel, text, kind, sku, actor and at; of one channel, general ones included."""
    query = _named().order_by(_t.c.channel_id, _t.c.code)
    return connection.execute(query if channel_id is None else query.where(_t.c.channel_id.in_((0, channel_id)))).all()


def any_there(connection: Connection) -> bool:
    """Whether any product has an alias."""
    return connection.execute(select(_t.c.code).limit(1)).first() is not None


def skus_like(connection: Connection, key: str) -> list[str]:
    """SKUs of products whose own normal form is this key."""
    query = select(_p.c.sku)
    if key.isascii():
        # The database folds ASCII as Python does; other scripts are few and compared here.
        query = query.where(func.lower(_p.c.sku) == key)
    return [sku for sku in connection.execute(query).scalars() if alias_key(sku) == key]


def skus_by_key(connection: Connection) -> dict[str, list[str]]:
    """As ``skus_like`` for every key there is."""
    found: dict[str, list[str]] = {}
    for sku in connection.execute(select(_p.c.sku)).scalars():
        found.setdefault(alias_key(sku), []).append(sku)
    return found


def save(tx: Transaction, channel_id: int, alias: Alias) -> None:
    """A new alias; the caller has looked for clashes under the catalogue's lock."""
    row = {"channel_id": channel_id, "code": alias.key, "text": alias.text.strip(), "kind": alias.kind.value}
    tx.connection.execute(insert(_t).values(**row, sku=alias.sku, at=tx.now, actor=tx.actor.name))


def forget(tx: Transaction, channel_id: int, key: str) -> str | None:
    """Remove an alias; return the SKU it meant, None when there was none."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.code == key)
    sku = tx.connection.execute(select(_t.c.sku).where(mine)).scalar()
    tx.connection.execute(delete(_t).where(mine))
    return sku


def unnamed(connection: Connection) -> Sequence[Any]:
    """Lines (order_id, channel_id, channel_sku) of all orders on hold for an unknown SKU, the oldest first."""
    waiting = (_o.c.status == OrderStatus.ON_HOLD.value) & (_o.c.held_because == "unknown_sku")
    query = select(_l.c.order_id, _o.c.channel_id, _l.c.channel_sku).join(_o, _o.c.id == _l.c.order_id)
    return connection.execute(query.where(waiting, _l.c.quantity > _l.c.cancelled).order_by(_l.c.order_id)).all()


def _named() -> Any:
    return select(_t, func.coalesce(_c.c.code, "").label("channel")).outerjoin(_c, _c.c.id == _t.c.channel_id)


def _alias(row: Row[Any]) -> Alias:
    return Alias(row.text or row.code, row.sku, row.channel, AliasKind(row.kind))
