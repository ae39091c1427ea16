"""Which lots and serial numbers lie in a box: the book follows what the bench captured.

Both are settled after every batch of scans, from what is in the box *now*, so that a unit taken out again is given back
and the same batch twice changes nothing.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row

from server.db import orders, pack_log, serials
from server.db import stock as db_stock
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.stock import Move, MoveKind
from server.domain.incidents import IncidentType
from server.domain.packing.captured import lots_in, serials_in
from server.domain.packing.lots_moved import moves_of
from server.domain.packing.session import Session
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.stock import Posting, post
from server.usecases.record.incidents import open_incident

_HAS = (OrderStatus.PACKING.value, OrderStatus.PACKED.value)
"""Of an order in these states a unit is where its box is; of a cancelled one it was put back."""


def settle_goods(tx: Transaction, order: Row[Any], session: Row[Any], box: Session) -> bool:
    """Give the order the lots and serial numbers in its box; the locks of the order and the session are held.

    False when the session was stopped, because the box holds a unit that is somewhere else.
    """
    boxed = lots_in(box)
    if boxed:
        _settle_lots(tx, order, boxed)
    return _settle_serials(tx, order, session, box) if any(line.by_serial for line in box.order.lines) else True


def _settle_serials(tx: Transaction, order: Row[Any], session: Row[Any], box: Session) -> bool:
    have = serials.of_order(tx.connection, order.id)
    wanted = _as_known(tx, serials_in(box), have)
    serials.unpack(tx, order.id, have.keys() - wanted.keys())
    fresh = wanted.keys() - have.keys()
    elsewhere = [row for row in serials.lock(tx, fresh) if _is_elsewhere(row, order.id)] if fresh else []
    taken = {(row.sku, row.serial) for row in elsewhere}
    moved = {unit: box_no for unit, box_no in wanted.items() if have.get(unit) != box_no and unit not in taken}
    serials.pack(tx, order.id, order.site_id, moved)
    if elsewhere:
        _refuse(tx, order, session, elsewhere)
    return not elsewhere


def _as_known(tx: Transaction, wanted: Mapping[serials.Unit, int], have: Collection[serials.Unit]) -> dict[Any, int]:
    """What lies in the box, as the book spells it."""
    fresh = wanted.keys() - have
    known = serials.as_known(tx.connection, fresh) if fresh else {}
    return {known.get(unit, unit): box_no for unit, box_no in wanted.items()}


def _is_elsewhere(row: Row[Any], order_id: int) -> bool:
    if row.state == serials.PACKED:
        return bool(row.order_id != order_id and row.order_status in _HAS)
    return row.state in (serials.SHIPPED, "written_off")


def _refuse(tx: Transaction, order: Row[Any], session: Row[Any], units: list[Row[Any]]) -> None:
    """The box holds a unit that cannot be there: nothing of it counts any more, and a supervisor looks."""
    said = "; ".join(
        f"serial number {row.serial} of {row.sku} is {row.state.replace('_', ' ')}"
        + (f" with order {row.order_number}" if row.order_number else "")
        for row in units[:3]
    )
    cause = f"order {order.number}: {said}"
    once = f"serial:{session.id}:{units[0].serial}"[:120]
    open_incident(tx, IncidentType.SERIAL_TWICE, cause, order_id=order.id, once_key=once)
    why, says = f"{said}; a supervisor must look", {"serial": units[0].serial, "sku": units[0].sku}
    pack_log.stop_session(tx, session, Reason.DUPLICATE_SERIAL.value, why, says="stop_serial", **says)


def _settle_lots(tx: Transaction, order: Row[Any], boxed: Mapping[str, Mapping[str, int]]) -> None:
    """Move what is promised to the lots in the box; where their units are promised to others, somebody must look."""
    promised = _promised(tx, order, boxed)
    if all(not moves_of(lots, promised.get(sku, {})) for sku, lots in boxed.items()):
        return
    levels = db_stock.lock(tx, boxed)
    for sku, lots in boxed.items():
        free = {key[2]: level.available for key, level in levels.items() if key[:2] == (sku, order.site_id)}
        for source, target, units in moves_of(lots, promised.get(sku, {})):
            there = min(units, max(0, free.get(target, 0)))
            if there:
                _move(tx, order, sku, (source, target), there)
                free[target] -= there
            if there < units:
                _cannot(tx, order, sku, (source, target), units - there)


def _promised(tx: Transaction, order: Row[Any], skus: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in db_stock.live(tx.connection, order.id):
        if row.sku in skus and row.site_id == order.site_id:
            found.setdefault(row.sku, {})[row.lot] = row.quantity
    return found


def _move(tx: Transaction, order: Row[Any], sku: str, lots: tuple[str, str], units: int) -> None:
    site, (source, target) = order.site_id, lots
    given = Move(MoveKind.RELEASE, sku, site, 0, -units, lot=source)
    taken = Move(MoveKind.RESERVE, sku, site, 0, units, lot=target)
    db_stock.shrink_reserved(tx, order.id, (sku, site, source), units)
    db_stock.put_reserved(tx, {order.id: [taken]})
    why = f"lot {target} is in the box instead of {source}"
    post(tx, [Posting([given, taken], order_id=order.id, channel_id=order.channel_id, reason=why)])
    detail = {"from": source, "to": target, "units": units}
    tx.note("order.lot_moved", detail, order=order.id, sku=sku)


def _cannot(tx: Transaction, order: Row[Any], sku: str, lots: tuple[str, str], units: int) -> None:
    source, target = lots
    number = orders.number(tx.connection, order.id)
    cause = (
        f"order {number} has {units} of {sku} of lot {target or 'none'} in its box, but they are promised to others; "
        f"lot {source or 'none'} stays promised to it: count both lots"
    )
    open_incident(tx, IncidentType.LOT_MOVED, cause, order_id=order.id, once_key=f"lot:{order.id}:{sku}:{target}"[:120])
