"""Who has a right to the units of a shelf, and which of them are not on it: picked, in a box, waiting for a truck."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from server.db import tables
from server.db.transaction import Transaction
from server.domain.booking.stock import StockKey
from server.domain.sales.orders import OrderStatus

_SCANNED_BACK = ("reserved", "put_back")
_r, _o, _s, _w = tables.reservation, tables.order, tables.pack_session, tables.wave_order
_h, _l, _i, _p = tables.hold, tables.hold_line, tables.incident, tables.parcel


class OrderClaim(NamedTuple):
    """Units of one row that an order holds; ``boxed`` were scanned into a box, ``away`` are off the shelf (those too).

    ``order`` has id, number, status, channel_id, placed_at and customer_value.
    """

    order: Row[Any]
    units: int
    away: int
    boxed: int


class Boxed(NamedTuple):
    """Units of a SKU in a box, and how many of them were scanned as which lot."""

    units: int
    lots: Mapping[str, int]


class HoldClaim(NamedTuple):
    """Units of one row that a checkout holds."""

    hold: Row[Any]
    units: int


def orders_on(connection: Connection, key: StockKey) -> list[OrderClaim]:
    """The orders that hold units of this row, by id."""
    sku, site_id, lot = key
    rows = _claimed(connection, sku, site_id)
    own = [row for row in rows if row.lot == lot]
    boxed = _scanned(connection, [row.id for row in own if row.status in _MAY_BE_BOXED], sku)
    empty = Boxed(0, {})
    fetched = _fetched(connection, [row.id for row in own])
    made = []
    for row in own:
        lots = {r.lot: r.quantity for r in rows if r.id == row.id}
        in_box = row.quantity if row.status in _ALL_IN_BOX else _of_lot(boxed.get(row.id, empty), lots, lot)
        in_tote = row.quantity if fetched.get(row.id) and row.status in _MAY_BE_BOXED else 0
        made.append(OrderClaim(row, row.quantity, max(in_box, in_tote), in_box))
    return made


_ALL_IN_BOX = (OrderStatus.PACKED.value, OrderStatus.CANCELLED.value)
"""A cancelled order holds units only while its packed box waits to be put back."""
_BEFORE_PACKED = (OrderStatus.READY.value, OrderStatus.PACKING.value)
_MAY_BE_BOXED = (*_BEFORE_PACKED, OrderStatus.ON_HOLD.value)
"""One on hold keeps the units that lie in its tote, or in a box which waits."""


def holds_on(connection: Connection, key: StockKey) -> list[HoldClaim]:
    """The checkouts that hold units of this row, by id."""
    sku, site_id, lot = key
    query = (
        select(_h, _l.c.quantity)
        .join(_l, _l.c.hold_id == _h.c.id)
        .where(_l.c.sku == sku, _l.c.site_id == site_id, _l.c.lot == lot, _h.c.state.in_(("held", "confirmed")))
    )
    return [HoldClaim(row, row.quantity) for row in connection.execute(query.order_by(_h.c.id))]


def units_away(connection: Connection, key: StockKey) -> int:
    """Units on hand of this row that a person who counts its shelf cannot see."""
    return sum(claim.away for claim in orders_on(connection, key)) + _in_cancelled_boxes(connection, key)


def _claimed(connection: Connection, sku: str, site_id: int) -> Sequence[Row[Any]]:
    columns = (_o.c.id, _o.c.number, _o.c.status, _o.c.channel_id, _o.c.placed_at, _o.c.customer_value)
    query: Select[Any] = (
        select(*columns, _r.c.lot, _r.c.quantity)
        .join(_o, _o.c.id == _r.c.order_id)
        .where(_r.c.sku == sku, _r.c.site_id == site_id, _r.c.state == "reserved")
    )
    return connection.execute(query.order_by(_o.c.id, _r.c.lot)).all()


def _scanned(connection: Connection, order_ids: Sequence[int], sku: str) -> dict[int, Boxed]:
    """Units of the SKU that the newest session of each has in its box: one being packed, or one that waits."""
    columns = (_s.c.order_id, _s.c.folded, _s.c.box_waits, _o.c.status)
    query = select(*columns).join(_o, _o.c.id == _s.c.order_id).where(_s.c.order_id.in_(order_ids))
    found = {}
    for row in connection.execute(query.order_by(_s.c.opened_at, _s.c.id)):
        boxed = row.box_waits or row.status == OrderStatus.PACKING
        found[row.order_id] = _units_in(row.folded if boxed else None, sku)
    return found


def _units_in(folded: Mapping[str, Any] | None, sku: str) -> Boxed:
    """Of a ``domain.packing.Session`` as JSON."""
    if not folded:
        return Boxed(0, {})
    lines = zip(folded["order"]["lines"], folded["counts"], strict=True)
    lots: dict[str, int] = {}
    for one in folded.get("captured", ()):
        if one["sku"] == sku and one["lot"]:
            lots[one["lot"]] = lots.get(one["lot"], 0) + one["units"]
    return Boxed(sum(count for line, count in lines if line["sku"] == sku), lots)


def _fetched(connection: Connection, order_ids: Sequence[int]) -> dict[int, bool]:
    """The orders in a wave: whether their picker is back."""
    query = select(_w.c.order_id, _w.c.picked_at).where(_w.c.order_id.in_(order_ids))
    return {row.order_id: row.picked_at is not None for row in connection.execute(query)}


def lock_orders(tx: Transaction, key: StockKey) -> list[int]:
    """Lock the orders that hold units of this row, in the order of their ids: no bench scans for them meanwhile."""
    sku, site_id, lot = key
    mine = (_r.c.sku == sku) & (_r.c.site_id == site_id) & (_r.c.lot == lot) & (_r.c.state == "reserved")
    query = select(_o.c.id).where(_o.c.id.in_(select(_r.c.order_id).where(mine))).order_by(_o.c.id).with_for_update()
    return list(tx.connection.execute(query).scalars())


def being_fetched(connection: Connection, key: StockKey) -> list[str]:
    """Numbers of the orders whose picker may be at this shelf now."""
    claims = [c.order for c in orders_on(connection, key) if c.order.status in _BEFORE_PACKED]
    fetched = _fetched(connection, [order.id for order in claims])
    return [order.number for order in claims if fetched.get(order.id) is False]


def _of_lot(boxed: Boxed, lots: Mapping[str, int], lot: str) -> int:
    """Units of this lot in the box: as they were scanned; the others come from the order's lots in their order."""
    left = boxed.units - sum(boxed.lots.values())
    for each, quantity in sorted(lots.items()):
        scanned = min(boxed.lots.get(each, 0), quantity)
        here = min(left, quantity - scanned)
        if each == lot:
            return scanned + here
        left -= here
    return 0


def _in_cancelled_boxes(connection: Connection, key: StockKey) -> int:
    """Units of boxes with a label that were given up before they were packed: for sale, but not on the shelf yet.

    What a cancelled order still holds, or was scanned back to the shelf for it, is not among them.
    """
    sku, site_id, lot = key
    back = select(_r.c.order_id).where(_r.c.sku == sku, _r.c.site_id == site_id, _r.c.state.in_(_SCANNED_BACK))
    query = (
        select(_i.c.order_id, _s.c.folded)
        .join(_p, _p.c.id == _i.c.parcel_id)
        .join(_s, _s.c.id == _p.c.session_id)
        .where(_i.c.state == "open", _i.c.once_key.like("cancelled:%"), _p.c.site_id == site_id)
        .where(_i.c.order_id.not_in(back))
    )
    total = 0
    # An order in several boxes has an incident for each of its labels, and one session for all of them.
    for row in {row.order_id: row for row in connection.execute(query)}.values():
        boxed = _units_in(row.folded, sku)
        if boxed.units:
            total += _of_lot(boxed, _had(connection, row.order_id, sku, site_id), lot)
    return total


def _had(connection: Connection, order_id: int, sku: str, site_id: int) -> dict[str, int]:
    query = select(_r.c.lot, _r.c.quantity).where(_r.c.order_id == order_id, _r.c.sku == sku, _r.c.site_id == site_id)
    return {row.lot: row.quantity for row in connection.execute(query)}
