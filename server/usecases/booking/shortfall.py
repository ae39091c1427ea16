"""Units that are not there although somebody was promised them: a count, damage, a loss, a sale at a till.

In one transaction the worst ranked give way by the conflict policy, the units leave the book, the orders that gave way
are served again or go their path, and an incident says so (CNF-06, VAL-04).
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update

from server.db import away, hold_rows, orders, tables, waves
from server.db import stock as db_stock
from server.db.away import HoldClaim, OrderClaim
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.shortfall import Holder, losers
from server.domain.booking.stock import Move, MoveKind, StockKey
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.packing import stop_sessions
from server.usecases.booking import stock
from server.usecases.booking.reference import reference
from server.usecases.booking.stock import Posting
from server.usecases.record.incidents import open_incident
from server.usecases.routes.routed import give_back_place
from server.usecases.sales.recheck import serve_again
from server.usecases.sales.voiding import void_labels

_TAKEN_BACK = (OrderStatus.READY, OrderStatus.PACKING)
"""Orders that are in conflict without their units; one on hold stays on hold if it is served from elsewhere."""


class Gone(NamedTuple):
    """``units`` left the book; ``released`` are the orders and checkouts that gave way, as people call them.

    ``uncovered``: promised units that boxes being packed still wait for; they stay in the book until a bench reports
    them missing, since no rule takes a unit out of a box.
    """

    units: int
    released: tuple[str, ...] = ()
    uncovered: int = 0


def remove(
    tx: Transaction,
    key: StockKey,
    units: int,
    kind: MoveKind,
    *,
    reason: str,
    order_id: int | None = None,
    channel_id: int | None = None,
) -> Gone:
    """``units`` of this row are gone; the ids are for the ledger. The caller holds no lock on stock rows yet.

    Raise DomainError("negative_stock") when the book has fewer on hand.
    """
    order_ids = _lock_claims(tx, key, units)
    because = Posting((), order_id=order_id, channel_id=channel_id, reason=reason)
    db_stock.lock(tx, {key[0], *_skus_of(tx, order_ids)})
    level = next((row for row in db_stock.lock_rows(tx.connection, [key[0]]) if row.key == key), None)
    on_hand = level.on_hand if level else 0
    if level is None or units > on_hand:
        what = f"expected at most the {on_hand} units of {key[0]} on hand, found {units}"
        raise DomainError("negative_stock", what, says="goods_too_few", sku=key[0])
    short = units - level.available
    if short <= 0:
        stock.post(tx, [because._replace(moves=[_leaving(kind, key, units)])])
        return Gone(units)
    given, uncovered = _give_way(tx, key, short)
    gone = units - uncovered
    if gone:
        stock.post(tx, [because._replace(moves=[_leaving(kind, key, gone)])])
    names = tuple(_after(tx, claim, reason) for claim in given)
    done = Gone(gone, names, uncovered)
    _tell(tx, key, short, done, reason)
    return done


def _leaving(kind: MoveKind, key: StockKey, units: int) -> Move:
    return Move(kind, key[0], key[1], -units, lot=key[2])


def _lock_claims(tx: Transaction, key: StockKey, units: int) -> list[int]:
    """Orders before holds before stock; nothing is locked while there is enough for everybody."""
    t = tables.stock
    row = (t.c.sku == key[0]) & (t.c.site_id == key[1]) & (t.c.lot == key[2])
    free = tx.connection.execute(select(func.sum(t.c.on_hand - t.c.reserved - t.c.held)).where(row)).scalar()
    if units <= (free or 0):
        return []
    order_ids = away.lock_orders(tx, key)
    hold_ids = [claim.hold.id for claim in away.holds_on(tx.connection, key)]
    for state in hold_rows.LIVE:
        hold_rows.lock(tx, hold_ids, state)
    return order_ids


def _skus_of(tx: Transaction, order_ids: Sequence[int]) -> set[str]:
    return {row.sku for order_id in order_ids for row in db_stock.live(tx.connection, order_id)}


def _give_way(tx: Transaction, key: StockKey, short: int) -> tuple[list[OrderClaim | HoldClaim], int]:
    """Take the units from whoever loses; what they were is returned with the units that nobody could give."""
    ref = reference(tx.connection, tx.now)
    claims: dict[str, OrderClaim | HoldClaim] = {}
    holders = []
    claim: OrderClaim | HoldClaim
    for claim in away.orders_on(tx.connection, key):
        row, name = claim.order, f"order:{claim.order.id}"
        channel = ref.channel_code(row.channel_id)
        holders.append(Holder(name, claim.units, channel, row.placed_at, row.customer_value, packed=claim.boxed > 0))
        claims[name] = claim
    for held in away.holds_on(tx.connection, key):
        name = f"hold:{held.hold.id}"
        channel = ref.channel_code(held.hold.channel_id)
        holders.append(Holder(name, held.units, channel, held.hold.at, checkout=True))
        claims[name] = held
    out = losers(short, holders, ref.policy)
    given = [claims[holder.ref] for holder in out.released]
    for claim in given:
        _release(tx, claim)
    return given, out.uncovered


def _release(tx: Transaction, claim: OrderClaim | HoldClaim) -> None:
    if isinstance(claim, HoldClaim):
        moves = [
            Move(MoveKind.UNHOLD, line.sku, line.site_id, d_held=-line.quantity, lot=line.lot)
            for line in hold_rows.lines(tx.connection, [claim.hold.id])
        ]
        channel_id = claim.hold.channel_id
        stock.post(tx, [Posting(moves, hold_id=claim.hold.id, channel_id=channel_id, reason="not on the shelf")])
        return
    # A fresh look: it may have begun to be packed while nobody held its lock.
    give_back_place(tx, orders.lock(tx, claim.order.id))
    stop_sessions(tx, claim.order.id, Reason.CHANGED, "its goods are not on the shelf", says="stop_goods")
    void_labels(tx, claim.order.id, "lost its goods: they are not on the shelf")
    waves.leave(tx, [claim.order.id])
    stock.release_order(tx, claim.order.id, reason="not on the shelf")


def _after(tx: Transaction, claim: OrderClaim | HoldClaim, reason: str) -> str:
    """What becomes of it now that the units have left the book; return its name."""
    if isinstance(claim, HoldClaim):
        t = tables.hold
        tx.connection.execute(update(t).where(t.c.id == claim.hold.id).values(state="released"))
        tx.note("hold.released", {"hold": claim.hold.key, "why": reason}, hold=claim.hold.id)
        return f"checkout {claim.hold.key}"
    row = orders.lock(tx, claim.order.id)
    if OrderStatus(row.status) in _TAKEN_BACK:
        orders.set_status(tx, row.id, OrderStatus.CONFLICT, held_because="stock_conflict")
    if OrderStatus(row.status) in (*_TAKEN_BACK, OrderStatus.ON_HOLD):
        serve_again(tx, orders.lock(tx, row.id))
    return f"order {row.number}"


def _tell(tx: Transaction, key: StockKey, short: int, gone: Gone, reason: str) -> None:
    (sku, site_id, lot), names, uncovered = key, gone.released, gone.uncovered
    site = tx.connection.execute(select(tables.site.c.code).where(tables.site.c.id == site_id)).scalar()
    what = f"{sku}{f' lot {lot}' if lot else ''} at {site}"
    cause = f"{short} promised units of {what} are not there ({reason})"
    if names:
        cause += f"; gave way: {', '.join(names[:10])}{f' and {len(names) - 10} more' if len(names) > 10 else ''}"
    if uncovered:
        cause += f"; {uncovered} units are missing for boxes that are being packed: their benches must report them"
    # Told again while its benches have not answered, it is no news.
    once = None if gone.units or names else f"uncovered:{sku}:{site_id}:{lot}"
    open_incident(tx, IncidentType.STOCK_SHORTFALL, cause[:2000], sku=sku, once_key=once)
