"""Goods came, or came back: waiting orders are served in order date (RTE-11)."""

from collections.abc import Container, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Row

from server.db import conflict_rows, kits, offering, orders, waiting_rows
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.reservation import Ask, Reserved, decide
from server.domain.booking.stock import MoveKind
from server.domain.booking.waiting import Waiter, served_from
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.deciding import open_shelf
from server.usecases.booking.reference import reference
from server.usecases.booking.stock import Posting, write_down
from server.usecases.routes.needs import due_of_row
from server.usecases.sales import recheck

_CLOCK = Actor("wait queue")


def serve_waiting(db: Database, limit: int = 200) -> bool:
    """Serve whom the free units serve, the oldest order date first; True when somebody was served and more may be.

    Newer orders never see units that waiting ones may get, so nobody can slip in between; each order is served in a
    transaction of its own.
    """
    served, in_vain = 0, set[int]()
    while True:
        chosen = _whom(db, in_vain)[:limit]
        failed = {order_id for order_id in chosen if not again(partial(_serve, db, order_id))}
        served += len(chosen) - len(failed)
        in_vain |= failed
        if not failed or len(in_vain) >= limit:  # What one may not have, for its date, another still may.
            return served > 0


def _whom(db: Database, in_vain: Container[int]) -> Sequence[int]:
    """Ids of the orders that the free units serve; whoever was tried in vain is passed over."""
    with db.read() as connection:
        rows = [row for row in waiting_rows.queue(connection) if row.order_id not in in_vain]
        if not rows:
            return []
        ref = reference(connection, db.now())
        sites, book = ref.rules.sites, ref.rules.kits
        skus = sorted({leaf for row in rows for leaf in (row.sku, *book.expand(row.sku))})
        lying = offering.free_units(connection, skus, sites)
    days = ref.days(db.now())
    by_site = [dict.fromkeys(skus, 0) for _ in sites]
    place = dict(zip(sites, by_site, strict=True))
    for each in lying:
        if not each.expires_on or each.expires_on >= days[each.site_id]:
            place[each.site_id][each.sku] += each.units

    def needs(units: Mapping[str, int], here: Mapping[str, int]) -> dict[str, int]:
        taken = book.explode(units.items(), lambda sku: here.get(sku, 0))
        return {sku: n for sku, n in taken.items() if sku not in ref.made_to_order}

    return served_from(_waiters(rows), by_site, needs)


def _waiters(rows: Sequence[Row[Any]]) -> list[Waiter]:
    placed: dict[int, float] = {}
    units: dict[int, dict[str, int]] = {}
    for row in rows:
        placed[row.order_id] = row.placed_at
        of_order = units.setdefault(row.order_id, {})
        of_order[row.sku] = of_order.get(row.sku, 0) + row.quantity
    return [Waiter(order_id, placed[order_id], wanted) for order_id, wanted in units.items()]


def _serve(db: Database, order_id: int) -> bool:
    with transaction(db, _CLOCK, "serve_waiting") as tx:
        row = orders.lock(tx, order_id)
        if row.status != OrderStatus.WAITING:
            waiting_rows.leave(tx, [order_id])
            return False
        return _reserve(tx, order_id)


def _reserve(tx: Transaction, order_id: int) -> bool:
    """Its units become its own if one site has them all; what it waited for is not kept back from itself."""
    ref = reference(tx.connection, tx.now)
    row = orders.find(tx.connection, order_id)
    assert row is not None, "it is locked"  # noqa: S101
    units: dict[str, int] = {}
    for line in orders.lines(tx.connection, order_id):
        if line.sku:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    shelf = open_shelf(tx, ref, units, owed=False)
    decision = decide(Ask(MoveKind.RESERVE, units, row.channel, due=due_of_row(row)), shelf, ref.rules)
    if not isinstance(decision, Reserved):
        return False
    waited = {"waited_for": row.waiting_for, "since": row.waiting_since}
    kits.restamp(tx, order_id, ref.rules.kits)
    db_stock.put_reserved(tx, {order_id: decision.moves})
    write_down(tx, [Posting(decision.moves, order_id=order_id, channel_id=row.channel_id, reason="it waited for them")])
    tx.note("order.served", waited, order=order_id)
    recheck.settled(tx, orders.lock(tx, order_id))
    return True


def queue(db: Database) -> list[tuple[str, str, float, str, dict[str, int]]]:
    """(order, channel, order date, what it waits for, units) in the order in which they will be served.

    A kit is named beside its components: whichever comes first serves the order.
    """
    with db.read() as connection:
        return [
            (row.number, row.code, row.placed_at, row.waiting_for, waiting_rows.units_of(connection, row.id))
            for row in conflict_rows.waiting_orders(connection)
        ]
