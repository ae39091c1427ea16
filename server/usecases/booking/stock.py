"""The stock book: every change of a counter goes through ``post`` and leaves a ledger row in the audit chain."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import structlog

from server.db import catalogue as products
from server.db import channel_use, serials
from server.db import stock as db_stock
from server.db.stock import Levels
from server.db.transaction import Transaction
from server.domain.booking.stock import Move, MoveKind, StockLevel, moved
from server.domain.errors import DomainError
from server.usecases.booking.reference import Reference, reference

_TAKES = frozenset(
    {MoveKind.HOLD, MoveKind.RESERVE, MoveKind.CLAIM, MoveKind.RELEASE, MoveKind.UNHOLD, MoveKind.EXPIRE, MoveKind.SHIP}
)
"""Moves that count against a channel's share; what was shipped stays counted."""

log = structlog.get_logger("stock")


class Posting(NamedTuple):
    """Moves of one cause. ``reason`` explains the number to whoever asks later, without personal data."""

    moves: Sequence[Move]
    order_id: int | None = None
    hold_id: int | None = None
    channel_id: int | None = None
    reason: str = ""
    actor: str = ""
    """Who, where one transaction serves several; empty: the transaction's actor."""


def post(tx: Transaction, postings: Sequence[Posting], levels: Levels | None = None) -> None:
    """Change counters, all or none; the rows are locked in (sku, site, lot) order unless ``levels`` are locked already.

    Raise DomainError("negative_stock") before a counter breaks its bounds (VAL-04).
    """
    moves = [m for p in postings for m in p.moves]
    if not moves:
        return
    locked = db_stock.lock(tx, {m.sku for m in moves}) if levels is None else levels
    _judge(moves, locked)
    write_down(tx, postings)


def write_down(tx: Transaction, postings: Sequence[Posting]) -> None:
    """Write moves that were judged on locked rows. The database has the last word: it moves every row or none."""
    begin_writing(tx, postings)()
    count_use(tx, postings, reference(tx.connection, tx.now))


def begin_writing(tx: Transaction, postings: Sequence[Posting]) -> Callable[[], None]:
    """Send the moves; the result, called after the answer has come, raises unless every row was moved."""
    changes = db_stock.deltas(m for p in postings for m in p.moves)
    moved = db_stock.write(tx.connection, changes)
    tx.events.post([row for p in postings for row in _ledger_rows(tx, p)])

    def check() -> None:
        if moved() != len(changes):
            why = "a counter would leave 0 <= reserved + held <= on hand; nothing was changed"
            raise DomainError("negative_stock", why, says="goods_meanwhile")

    return check


def _judge(moves: Iterable[Move], levels: Levels) -> None:
    after = dict(levels)
    for m in moves:
        before = after.get(m.key) or StockLevel(m.sku, m.site_id, 0, 0, lot=m.lot)
        try:
            after[m.key] = moved(before, m)
        except DomainError:
            log.warning("negative_stock", sku=m.sku, site=m.site_id, kind=m.kind.value)
            raise


def _ledger_rows(tx: Transaction, p: Posting) -> list[dict[str, Any]]:
    actor = p.actor or tx.actor.name
    return [
        {
            "at": tx.now,
            "kind": kind.value,
            "sku": sku,
            "site_id": site_id,
            "lot": lot,
            "d_on_hand": d_on_hand,
            "d_reserved": d_reserved,
            "d_held": d_held,
            "d_transit": d_transit,
            "order_id": p.order_id,
            "hold_id": p.hold_id,
            "channel_id": p.channel_id,
            "actor": actor,
            "reason": p.reason,
        }
        for kind, sku, site_id, d_on_hand, d_reserved, d_held, d_transit, lot in p.moves
    ]


def count_use(tx: Transaction, postings: Sequence[Posting], ref: Reference) -> None:
    """What channels have taken of SKUs with shares, under the lock of the stock rows."""
    claims = ref.rules.claims
    if claims is None:
        return
    taken: dict[tuple[str, int], int] = {}
    for p in postings:
        if p.channel_id is not None:
            for m in p.moves:
                if m.kind in _TAKES:
                    taken[m.sku, p.channel_id] = taken.get((m.sku, p.channel_id), 0) + _taken(m)
    groups = products.categories(tx.connection, {sku for sku, _ in taken})
    channel_use.add(tx, {key: n for key, n in taken.items() if n and claims.tracks(key[0], groups.get(key[0], ""))})


def _taken(move: Move) -> int:
    """Units a channel has more by this move. What a till ships was never reserved before."""
    shipped = -move.d_on_hand if move.kind is MoveKind.SHIP else 0
    return move.d_reserved + move.d_held + shipped


def release_order(tx: Transaction, order_id: int, reason: str = "") -> None:
    """Give back what the order holds; a second time nothing is left to give (CAN-01)."""
    release_orders(tx, [order_id], reason)


def release_orders(tx: Transaction, order_ids: Iterable[int], reason: str = "") -> None:
    """As ``release_order`` for several."""
    released = sorted(set(order_ids))
    _end(tx, released, MoveKind.RELEASE, "released", reason)
    serials.give_back(tx, released)


def ship_order(tx: Transaction, order_id: int) -> None:
    """What the order holds has left the building: on hand and reserved fall, once (RSV-04)."""
    ship_orders(tx, [order_id])


def ship_orders(tx: Transaction, order_ids: Iterable[int]) -> None:
    """As ``ship_order`` for a whole load; one lock order, so that loads and sales cannot wait for each other."""
    shipped = sorted(set(order_ids))
    _end(tx, shipped, MoveKind.SHIP, "shipped", "")
    serials.ship(tx, shipped)


def _end(tx: Transaction, order_ids: Iterable[int], kind: MoveKind, state: str, reason: str) -> None:
    rows = db_stock.end_reserved(tx, order_ids, state)
    channels = db_stock.channels_of(tx.connection, {row.order_id for row in rows})
    by_order: dict[int, list[Move]] = {}
    for row in rows:
        d_on_hand = -row.quantity if kind is MoveKind.SHIP else 0
        move = Move(kind, row.sku, row.site_id, d_on_hand, -row.quantity, lot=row.lot)
        by_order.setdefault(row.order_id, []).append(move)
    post(tx, [Posting(moves, order_id=o, channel_id=channels[o], reason=reason) for o, moves in by_order.items()])
