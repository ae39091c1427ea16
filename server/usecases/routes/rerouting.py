"""An order whose units are not there any more, or whose site is down, goes on another way (RTE-21)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row

from server.db import kits, orders, sites, waves
from server.db import stock as db_stock
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.reservation import Ask, Decision, Demand, Refused, Reserved, Shortage, merged
from server.domain.booking.stock import MoveKind
from server.domain.picks.short_pick import Remedy, to_try
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.packing import stop_sessions
from server.usecases.booking.deciding import decide_all, open_shelf
from server.usecases.booking.reference import Reference, reference
from server.usecases.booking.stock import Posting, release_order, write_down
from server.usecases.routes.needs import due_of_row, need_of_row
from server.usecases.routes.promises import may_split
from server.usecases.routes.routed import count_routed, give_back_place, keep_routings
from server.usecases.sales.losing import lose
from server.usecases.sales.order_splitting import may_divide, split_off
from server.usecases.sales.voiding import void_labels

LIVE = (OrderStatus.READY, OrderStatus.PACKING, OrderStatus.ON_HOLD)
"""Orders that hold units of a site and are in no box yet."""


class Rerouted(NamedTuple):
    """What became of an order: ``site_id`` is where it, or the part split off, leaves from now; ``part`` its number."""

    order_id: int
    number: str
    remedy: Remedy
    site_id: int | None = None
    part: str = ""


def skus_of(tx: Transaction, order_id: int) -> set[str]:
    """What the order was sold and what it holds: all rows that serving it again may touch."""
    sold = {line.sku for line in orders.lines(tx.connection, order_id) if line.sku is not None}
    return sold | {row.sku for row in db_stock.live(tx.connection, order_id)}


def serve_short(tx: Transaction, order: Row[Any], missing: Mapping[str, int], why: str) -> Rerouted:
    """The locked order lost ``missing`` units of what it held; its stock rows are locked. The first remedy that works.

    ``why`` ends the sentence "order 1043 ..."; it is kept in the ledger.
    """
    ref = reference(tx.connection, tx.now)
    channel = ref.channels.get(order.channel_id)
    allowed = to_try(
        split=may_split(ref, order.channel_id),
        move=channel is None or channel.policy.get("move", True) is not False,
        keeps_units=bool(db_stock.live(tx.connection, order.id)),
    )
    if Remedy.STAY in allowed and _stay(tx, ref, order, missing, why):
        return Rerouted(order.id, order.number, Remedy.STAY, order.site_id)
    if Remedy.SPLIT in allowed and (part := _split(tx, ref, order, missing, why)) is not None:
        return part
    return leave_site(tx, order, why, move=Remedy.MOVE in allowed)


def leave_site(tx: Transaction, order: Row[Any], why: str, *, move: bool = True) -> Rerouted:
    """The locked order holds nothing at its site any more: another site ships all of it, or it loses.

    An order on hold keeps its status; where no other site has its units it stays as it was.
    """
    ref = reference(tx.connection, tx.now)
    held = order.status == OrderStatus.ON_HOLD
    units = _sold(tx, order.id)
    open_shelf(tx, ref, skus_of(tx, order.id))
    if not held:
        stop(tx, order, why)
        release_order(tx, order.id, why)
        give_back_place(tx, order)
    [decision] = decide_all(tx, ref, [_ask(tx, ref, order, units)]) if move else [_nowhere(units)]
    if isinstance(decision, Reserved):
        if held:
            release_order(tx, order.id, why)
            give_back_place(tx, order)
        kits.restamp(tx, order.id, ref.rules.kits)
        _keep(tx, order, order.id, decision, why)
        site_id = decision.site_ids[0]
        after = OrderStatus.ON_HOLD if held else OrderStatus.READY
        _status(tx, order, after, site_id=site_id)
        codes = {row.id: row.code for row in sites.all_sites(tx.connection)}
        moved = {"from": codes.get(order.site_id, ""), "to": codes[site_id], "why": why}
        tx.note("order.moved", moved, order=order.id)
        return Rerouted(order.id, order.number, Remedy.MOVE, site_id)
    if not held:
        _status(tx, order, OrderStatus.CONFLICT, site_id=None, held_because="stock_conflict")
        lose(tx, ref, order.id, order.number, decision)
    return Rerouted(order.id, order.number, Remedy.LOSE)


def stop(tx: Transaction, order: Row[Any], why: str) -> None:
    """What a bench began is void: its session ends, its label must not live, the order leaves its wave."""
    stop_sessions(tx, order.id, Reason.CHANGED, f"order {order.number} {why}", says="stop_moved")
    void_labels(tx, order.id, why)
    waves.leave(tx, [order.id])


def _stay(tx: Transaction, ref: Reference, order: Row[Any], missing: Mapping[str, int], why: str) -> bool:
    """Other lots, or components for a kit, at the same site. It was promised before whoever waits now.

    A kit that is defined otherwise since is not half of the old and half of the new: the whole order is decided again.
    """
    site_id = order.site_id
    if site_id not in ref.rules.sites:
        return False
    shelf = open_shelf(tx, ref, missing, owed=False).seen_by(ref.channel_code(order.channel_id), due_of_row(order))
    wanted = dict(missing)
    if ref.rules.kits and any(ref.rules.kits.expands(sku) for sku in missing):
        wanted = ref.rules.kits.explode(missing.items(), lambda sku: shelf.left(sku, site_id))
        if wanted != missing and kits.outdated(tx.connection, order.id, ref.rules.kits):
            return False
    if any(shelf.left(sku, site_id) < n for sku, n in wanted.items()):
        return False
    moves = [m for sku, n in wanted.items() for m in shelf.take(MoveKind.RESERVE, sku, site_id, n)]
    _keep(tx, order, order.id, Reserved(moves, (site_id,)), why)
    tx.note("order.restocked", {"units": dict(missing), "why": why}, order=order.id)
    return True


def _split(tx: Transaction, ref: Reference, order: Row[Any], missing: Mapping[str, int], why: str) -> Rerouted | None:
    """The missing units leave from another site as a part of their own; components of a kit never travel apart."""
    if not may_divide(tx, order.id, missing):
        return None
    [decision] = decide_all(tx, ref, [_ask(tx, ref, order, missing)])
    if not isinstance(decision, Reserved) or decision.site_ids[0] == order.site_id:
        return None
    stop_sessions(tx, order.id, Reason.CHANGED, f"order {order.number} {why}", says="stop_moved")
    void_labels(tx, order.id, why)
    part = split_off(tx, order, missing, decision.site_ids[0])
    kits.restamp(tx, part.order_id, ref.rules.kits)
    _keep(tx, order, part.order_id, decision, why)
    _status(tx, order, OrderStatus.READY, site_id=order.site_id)
    return Rerouted(order.id, order.number, Remedy.SPLIT, decision.site_ids[0], part.number)


def _ask(tx: Transaction, ref: Reference, order: Row[Any], units: Mapping[str, int]) -> Ask:
    need, router = None, ref.rules.router
    if router is not None and not router.trivial:
        need = need_of_row(tx.connection, ref, order, units)
        need = need._replace(split_allowed=False, not_from=frozenset({order.site_id}))
    return Ask(MoveKind.RESERVE, units, ref.channel_code(order.channel_id), need, due=due_of_row(order))


def _nowhere(units: Mapping[str, int]) -> Decision:
    return Refused(tuple(Shortage(sku, n, 0) for sku, n in sorted(units.items())))


def _keep(tx: Transaction, order: Row[Any], order_id: int, decision: Reserved, why: str) -> None:
    db_stock.put_reserved(tx, {order_id: decision.moves})
    write_down(tx, [Posting(decision.moves, order_id=order_id, channel_id=order.channel_id, reason=why)])
    keep_routings(tx, [(order_id, decision)])
    if decision.routing is None and order_id == order.id and decision.site_ids[0] != order.site_id:
        count_routed(tx, decision.site_ids)


def _status(tx: Transaction, order: Row[Any], after: OrderStatus, **columns: Any) -> None:
    orders.set_status(tx, order.id, after, version=order.version + 1, **columns)


def _sold(tx: Transaction, order_id: int) -> dict[str, int]:
    lines = orders.lines(tx.connection, order_id)
    return merged(Demand(line.line_no, line.sku, line.quantity) for line in lines if line.sku is not None)
