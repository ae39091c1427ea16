"""From when on a channel's share counts what the channel took; under the locks of the stock rows."""

from collections.abc import Iterable

from server.db import allocation as db_allocation
from server.db import channel_use
from server.db import offering as db_offering
from server.db import stock as db_stock
from server.db.transaction import Transaction
from server.domain.sharing.allocation import Allocation
from server.domain.sharing.allocation_rules import Rule
from server.domain.sharing.plans import Scope


def begin_anew(tx: Transaction, scope: Scope, channel_id: int | None = None) -> None:
    """The plans of these products begin now, for every channel or for one: nothing is counted against them yet."""
    skus = channel_use.counted(tx.connection, db_allocation.in_scope(scope))
    if skus:
        db_stock.lock(tx, skus)
        channel_use.forget(tx, skus, channel_id)


def drop_untracked(tx: Transaction, scope: Scope, allocation: Allocation) -> None:
    """Forget what was counted for products that have no shares any more, so that a later plan begins at nothing."""
    skus = channel_use.counted(tx.connection, db_allocation.in_scope(scope))
    facts = db_offering.facts(tx.connection, skus)
    gone = [sku for sku in skus if not allocation.tracks(sku, facts[sku].category)]
    if gone:
        db_stock.lock(tx, gone)
        channel_use.forget(tx, gone)


def recount(tx: Transaction, scope: Scope, since: float, rules: Iterable[Rule]) -> None:
    """Their plans began at a moment that has passed: count from the ledger what was taken since."""
    which, allocation = db_allocation.in_scope(scope), Allocation.of(rules, tx.now)
    skus = set(channel_use.counted(tx.connection, which))
    skus |= {sku for sku, _ in channel_use.taken_since(tx.connection, since, which)}
    if not skus:
        return
    db_stock.lock(tx, skus)
    channel_use.forget(tx, skus)
    facts = db_offering.facts(tx.connection, sorted(skus))
    taken = channel_use.taken_since(tx.connection, since, which)
    channel_use.add(tx, {k: n for k, n in taken.items() if n and allocation.tracks(k[0], facts[k[0]].category)})
