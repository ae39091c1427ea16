"""What explains a conflict and what may solve it: who holds the units, what channels were told, what is on its way."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.booking.conflicts import Policy, policy_of
from server.domain.booking.oversold import Push, Sale
from server.domain.sales.substitution import Approval, MatrixRule

POLICY = "conflict_policy"
_o, _c, _r, _s, _v = tables.order, tables.channel, tables.reservation, tables.stock, tables.setting
_SALES = 20
_PUSHES = 50
_EVENTS = 200


def policy(connection: Connection) -> Policy:
    """The policy in force; first come while nobody set one."""
    settings, version = policy_settings(connection)
    return policy_of(settings, version)


def policy_settings(connection: Connection) -> tuple[dict[str, Any], int]:
    """The policy as it was set, and its version; 0 while nobody set one."""
    text = connection.execute(select(_v.c.value).where(_v.c.key == POLICY)).scalar()
    kept = msgspec.json.decode(text) if text else {}
    return kept.get("policy", {}), kept.get("version", 0)


def put_policy(tx: Transaction, settings: dict[str, Any], version: int) -> None:
    """Write it; the caller raises the book's version."""
    text = msgspec.json.encode({"policy": settings, "version": version}).decode()
    row = insert_into(tx.connection, _v).values(key=POLICY, value=text)
    tx.connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": text}))


_SELLER = (_o.c.id, _o.c.number, _c.c.code, _o.c.channel_order_id, _o.c.placed_at, _o.c.received_at)


def holders(connection: Connection, sku: str) -> Sequence[Row[Any]]:
    """The newest orders that hold units of this SKU: number, channel code, times, customer_value, units."""
    units = func.sum(_r.c.quantity).label("units")
    return _sellers(connection, units, (_r.c.sku == sku) & (_r.c.state == "reserved"))


def shipped(connection: Connection, sku: str) -> Sequence[Row[Any]]:
    """As ``holders``, those whose units left lately: among the newest events of the SKU."""
    t = tables.ledger
    newest = select(t.c.order_id, t.c.kind).where(t.c.sku == sku).order_by(t.c.id.desc()).limit(_EVENTS).subquery()
    left = select(newest.c.order_id).where(newest.c.kind == "ship")
    units = func.sum(_r.c.quantity).label("units")
    return _sellers(connection, units, (_r.c.sku == sku) & (_r.c.state == "shipped") & _r.c.order_id.in_(left))


def _sellers(connection: Connection, units: ColumnElement[int], which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    query: Select[Any] = (
        select(*_SELLER, _o.c.customer_value, units)
        .join(_r, _r.c.order_id == _o.c.id)
        .join(_c, _c.c.id == _o.c.channel_id)
        .where(which)
        .group_by(*_SELLER, _o.c.customer_value)
    )
    return connection.execute(query.order_by(_o.c.id.desc()).limit(_SALES)).all()


def sale(row: Row[Any], units: int) -> Sale:
    """An order's units as the explanation names them."""
    return Sale(row.number, row.code, row.channel_order_id, units, row.placed_at, row.received_at)


def pushes(connection: Connection, sku: str) -> list[Push]:
    """The newest attempts to tell any channel the number of this SKU."""
    t = tables.delivery
    query = select(t, _c.c.code).join(_c, _c.c.id == t.c.channel_id).where(t.c.kind == "stock", t.c.key == sku)
    rows = connection.execute(query.order_by(t.c.id.desc()).limit(_PUSHES))
    return [Push(r.code, r.at, int(r.after), r.ok, r.answer) for r in rows if r.after.lstrip("-").isdigit()]


def stock_and_zone(connection: Connection, sku: str) -> tuple[int, str]:
    """Units on all shelves, promised or not, and the time zone of the first site."""
    t = tables.site
    units = select(func.coalesce(func.sum(_s.c.on_hand), 0)).where(_s.c.sku == sku).scalar_subquery()
    zone = select(t.c.time_zone).order_by(t.c.rank, t.c.id).limit(1).scalar_subquery()
    row = connection.execute(select(units, zone)).one()
    return int(row[0]), str(row[1] or "UTC")


def arrivals(connection: Connection, skus: Iterable[str], now: float) -> dict[str, list[tuple[float, int]]]:
    """(when, units) of what is on its way, by SKU, the soonest first; goods between two sites count from now."""
    wanted, t = sorted(skus), tables.inbound
    found: dict[str, list[tuple[float, int]]] = {}
    moving = select(_s.c.sku, func.sum(_s.c.in_transit)).where(_s.c.sku.in_(wanted), _s.c.in_transit > 0)
    for sku, units in connection.execute(moving.group_by(_s.c.sku)):
        found.setdefault(sku, []).append((now, int(units)))
    due = select(t.c.sku, t.c.expected_at, t.c.quantity - t.c.received).where(t.c.sku.in_(wanted))
    due = due.where(t.c.expected_at.is_not(None), t.c.quantity > t.c.received)
    for sku, at, units in connection.execute(due.order_by(t.c.expected_at, t.c.id)):
        found.setdefault(sku, []).append((max(at, now), int(units)))
    return found


def substitutes(connection: Connection, skus: Iterable[str], channel_id: int) -> Sequence[Row[Any]]:
    """Active pairs (sku, substitute_sku, automatic) for this channel, the oldest first."""
    t = tables.substitution
    query = select(t).where(t.c.sku.in_(sorted(skus)), t.c.channel_id.in_([0, channel_id]), t.c.active)
    return connection.execute(query.order_by(t.c.id)).all()


def matrix(connection: Connection) -> list[MatrixRule]:
    """The approval matrix."""
    t = tables.substitution_rule
    rows = connection.execute(select(t).where(t.c.active).order_by(t.c.id))
    return [MatrixRule(r.id, r.category, r.channel, Approval(r.approval)) for r in rows]


def cancel_counts(connection: Connection, channel_id: int, since: float) -> tuple[int, int]:
    """(orders sold since, those of them that we cancelled)."""
    counted = func.count().filter(_o.c.cancelled_by == "seller")
    mine = (_o.c.channel_id == channel_id) & (_o.c.placed_at >= since) & (_o.c.part == 1)
    query = select(func.count(), counted).where(mine)
    orders, cancels = connection.execute(query).one()
    return int(orders), int(cancels)


def parts(connection: Connection, order: Row[Any]) -> list[int]:
    """Ids of all parts of a split order, in lock order."""
    same = (_o.c.channel_id == order.channel_id) & (_o.c.channel_order_id == order.channel_order_id)
    return list(connection.execute(select(_o.c.id).where(same).order_by(_o.c.id)).scalars())


def waiting_orders(connection: Connection) -> Sequence[Row[Any]]:
    """id, number, channel code, placed_at and waiting_for of the wait queue, in the order in which it is served."""
    query: Select[Any] = select(_o.c.id, _o.c.number, _c.c.code, _o.c.placed_at, _o.c.waiting_for)
    query = query.join(_c, _c.c.id == _o.c.channel_id).where(_o.c.status == "waiting")
    return connection.execute(query.order_by(_o.c.placed_at, _o.c.id)).all()
