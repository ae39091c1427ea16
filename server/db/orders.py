"""Rows of orders. The order row is locked before its sessions, parcels and stock."""

from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus, check_transition

_o, _c, _l, _p, _s = tables.order, tables.channel, tables.order_line, tables.product, tables.stock
_ALIKE_MAX = 1000
_FINISHED = (OrderStatus.SHIPPED.value, OrderStatus.CANCELLED.value)

log = structlog.get_logger("orders")


def _orders() -> Select[Any]:
    return select(_o, _c.c.code.label("channel")).join(_c, _c.c.id == _o.c.channel_id)


def find(connection: Connection, order_id: int) -> Row[Any] | None:
    """One order with its channel's code as ``channel``."""
    return connection.execute(_orders().where(_o.c.id == order_id)).first()


def by_channel_id(connection: Connection, channel: str, channel_order_id: str) -> Row[Any] | None:
    """The order a channel knows by this id."""
    if not (channel + channel_order_id).isprintable():
        return None
    query = _orders().where(_c.c.code == channel, _o.c.channel_order_id == channel_order_id)
    return connection.execute(query.order_by(_o.c.part)).first()


def by_ref(connection: Connection, ref: str, *, any_case: bool = True) -> Row[Any] | None:
    """The order with this number or channel order id, in any case, with or without "#"; as ``find``.

    The number wins. Raise DomainError("ambiguous") when several unfinished orders of different channels share the id.
    Without ``any_case`` an id of mixed case is not looked for: something else may be called just so.
    """
    wanted = ref.strip()
    if not wanted.isprintable():
        return None
    numbers = (wanted.removeprefix("#"), wanted.removeprefix("#").upper())
    row = connection.execute(_orders().where(_o.c.number.in_(numbers))).first()
    return row or _one_of(_by_channel_order_id(connection, wanted, any_case), wanted)


def _by_channel_order_id(connection: Connection, wanted: str, any_case: bool) -> Sequence[Row[Any]]:
    """The newest first, by an index each however many there are: ids in one case by the unique one, others by theirs.

    Sorted here: asked for the newest ones, an engine may read all orders backwards instead of using the index.
    """
    bare = wanted.removeprefix("#")
    spellings = {prefix + s for prefix in ("", "#") for s in (bare, bare.upper(), bare.lower())}
    # Naming the channels lets both engines use the unique index, which begins with the channel.
    channels = select(_c.c.id).scalar_subquery()
    indexed = _orders().where(_o.c.channel_id.in_(channels), _o.c.channel_order_id.in_(sorted(spellings)))
    rows = connection.execute(indexed.limit(_ALIKE_MAX)).all()
    if not rows and any_case:
        folded = func.lower(_o.c.channel_order_id).in_([bare.lower(), f"#{bare.lower()}"])
        rows = connection.execute(_orders().where(folded, tables.MIXED_CASE).limit(_ALIKE_MAX)).all()
    return sorted(rows, key=lambda row: -row.id)[:10]


def _one_of(rows: Sequence[Row[Any]], wanted: str) -> Row[Any] | None:
    if len(rows) <= 1:
        return rows[0] if rows else None
    unfinished = [row for row in rows if row.status not in _FINISHED]
    if len(unfinished) > 1:
        numbers = ", ".join(f"{row.number} ({row.channel})" for row in unfinished)
        what = f"{wanted} is the id of several orders: {numbers}; use the number"
        raise DomainError("ambiguous", what, says="order_which", wanted=wanted, numbers=numbers)
    return unfinished[0] if unfinished else rows[0]


def number(connection: Connection, order_id: int) -> str:
    """What people call it."""
    return str(connection.execute(select(_o.c.number).where(_o.c.id == order_id)).scalar_one())


def note(connection: Connection, order_id: int) -> str:
    """What the buyer asks for, in the buyer's own words."""
    t = tables.recipient
    return str(connection.execute(select(t.c.note).where(t.c.order_id == order_id)).scalar() or "")


def lines(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """Lines with line_no, sku (None when unknown), channel_sku, title, name, variant, quantity and the shelf's bin."""
    return lines_of(connection, [order_id])


def lines_of(connection: Connection, order_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """As ``lines`` for several orders, with order_id; one order after the other."""
    query: Select[Any] = (
        select(
            _l.c.order_id,
            _l.c.line_no,
            _l.c.sku,
            _l.c.channel_sku,
            _l.c.title,
            func.coalesce(_p.c.name, _l.c.title).label("name"),
            func.coalesce(_p.c.variant, "").label("variant"),
            (_l.c.quantity - _l.c.cancelled).label("quantity"),
            _l.c.kit_version,
            _l.c.line_id,
            _bin().label("bin"),
        )
        .join(_o, _o.c.id == _l.c.order_id)
        .outerjoin(_p, _p.c.sku == _l.c.sku)
        .where(_l.c.order_id.in_(order_ids), _l.c.quantity > _l.c.cancelled)
        .order_by(_l.c.order_id, _l.c.line_no)
    )
    return connection.execute(query).all()


def _bin() -> "ColumnElement[str]":
    """Where the line's SKU lies at the order's site; a product with lots may lie in several places: the first."""
    here = (_s.c.sku == _l.c.sku) & (_s.c.site_id == _o.c.site_id) & (_s.c.bin != "")
    return func.coalesce(select(func.min(_s.c.bin)).where(here).correlate(_l, _o).scalar_subquery(), "")


def lock(tx: Transaction, order_id: int) -> Row[Any]:
    """The order, locked; raise DomainError("not_found")."""
    row = tx.connection.execute(select(_o).where(_o.c.id == order_id).with_for_update()).first()
    if row is None:
        raise DomainError("not_found", f"there is no order with id {order_id}")
    return row


def lock_all(tx: Transaction, order_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """These orders by their ids, locked in the order of their ids; those that do not exist are left out."""
    query = select(_o).where(_o.c.id.in_(sorted(set(order_ids)))).order_by(_o.c.id).with_for_update()
    return {row.id: row for row in tx.connection.execute(query)}


def set_status_all(tx: Transaction, rows: Sequence[Row[Any]], after: OrderStatus) -> None:
    """As ``set_status`` for orders that are locked already: one audit row each, one statement for all."""
    for row in rows:
        check_transition(OrderStatus(row.status), after)
        tx.note(f"order.{after.value}", {"before": row.status, "number": row.number}, order=row.id)
    if rows:
        changed = update(_o).where(_o.c.id.in_([row.id for row in rows]))
        tx.connection.execute(changed.values(status=after.value))


def set_status(tx: Transaction, order_id: int, after: OrderStatus, **columns: Any) -> OrderStatus:
    """Lock the order, change its status (and columns) and return the status before; writes one audit row.

    Raise DomainError("not_found" | "illegal_transition").
    """
    row = lock(tx, order_id)
    before = OrderStatus(row.status)
    try:
        check_transition(before, after)
    except DomainError:
        log.warning("illegal_transition", order=row.number, before=before.value, after=after.value)
        raise
    tx.connection.execute(update(_o).where(_o.c.id == order_id).values(status=after.value, **columns))
    tx.note(
        f"order.{after.value}", {"before": before.value, "number": columns.get("number", row.number)}, order=order_id
    )
    return before
