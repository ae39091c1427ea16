"""A label that is given out beforehand goes the way its channel's rules choose, as any other (RAT-02, SYN-12).

Prices are asked for when the order is leased, where a carrier that gives labels out beforehand might win. When it has
won, the order is given its label; when another one is cheaper there is none, and with no server in sight that box waits
for its label. So a bench with and without the server uses the same carrier, and one label is bought.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import orders, tables
from server.db.transaction import Actor, Database, Transaction
from server.domain.packing.order import PackOrder
from server.domain.rates.limits import refused
from server.domain.rates.rules import Rules, is_of
from server.domain.sales.orders import OrderStatus
from server.usecases.shipping import quoting
from server.usecases.shipping.accounts import accounts, may_allot
from server.usecases.shipping.limiting import against
from server.usecases.shipping.rate_needs import Box, errand, shopped

_d = tables.rate_decision


def begin(db: Database, actor: Actor, given: Iterable[tuple[int, PackOrder]]) -> None:
    """Ask in the background what these orders would cost, where an account that may allot could take them."""
    for order_id, what in given:
        box = what.wants.suggested
        with db.read() as connection:
            rules = shopped(connection, order_id)
            if rules is None or not _could_win(connection, rules, order_id, box, db.now()):
                continue
        quoting.begin(db, actor, order_id, box)


def decided(connection: Connection, order_ids: Sequence[int], now: float) -> list[int]:
    """Those of these orders without a label for which an account that may allot has won since they were leased."""
    if not order_ids:
        return []
    query = select(_d.c.order_id, _d.c.carrier, _d.c.at).where(_d.c.order_id.in_(order_ids), _d.c.box_no == 1)
    newest = {row.order_id: row for row in connection.execute(query.order_by(_d.c.id))}
    won = [row for row in newest.values() if now - row.at < quoting.FRESH]
    known = accounts(connection) if won else {}
    return [row.order_id for row in won if row.carrier in known and may_allot(known[row.carrier])]


def taken(tx: Transaction, order: Row[Any], what: PackOrder) -> Row[Any] | None:
    """The order with the way for which its label may be given out now; None while it is not chosen, or not to be.

    Of an order that keeps its way None where a limit is against that.
    """
    if shopped(tx.connection, order.id) is None:
        return None if against(tx.connection, order.id, Box(code=what.wants.suggested), tx.now) else order
    kept = quoting.still_good(tx.connection, tx.now, order.id, Box(code=what.wants.suggested))
    account = accounts(tx.connection).get(kept.decision.way[0]) if kept and kept.decision.way else None
    if kept is None or account is None or not may_allot(account):
        return None
    locked = orders.lock(tx, order.id)
    if locked.status != OrderStatus.READY:
        return None
    quoting.take(tx, locked, kept)
    return orders.find(tx.connection, order.id)


def _could_win(connection: Connection, rules: Rules, order_id: int, box: str | None, now: float) -> bool:
    asked = errand(connection, rules, order_id, Box(code=box), now)
    if asked is None:
        return False
    ways = rules.channel(asked.need.channel).ways
    able = (each for each in accounts(connection).values() if may_allot(each))
    named = (each for each in able if not ways or any(is_of(way.partition("/")[0], each.code, "") for way in ways))
    return any(refused(each.code, "", asked.need, rules, strict=False) is None for each in named)
