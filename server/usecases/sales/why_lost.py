"""Why an order found no stock, told from the book: who has the units, by which rule, and what its channel showed."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from server.db import conflict_rows
from server.db.transaction import Transaction
from server.domain.booking import conflicts
from server.domain.booking.conflicts import Ask, Short
from server.domain.booking.oversold import Push, Sale, explained
from server.domain.booking.reservation import Refused
from server.usecases.booking.reference import Reference


class _Known:
    """What the book says of one SKU; read once in a transaction, since a flash sale has hundreds of losers in one."""

    def __init__(self, tx: Transaction, sku: str) -> None:
        self._connection, self._sku = tx.connection, sku
        self.holders: Sequence[Row[Any]] = conflict_rows.holders(tx.connection, sku)

    @cached_property
    def gone(self) -> Sequence[Row[Any]]:
        return conflict_rows.shipped(self._connection, self._sku)

    @cached_property
    def stock_and_zone(self) -> tuple[int, str]:
        return conflict_rows.stock_and_zone(self._connection, self._sku)

    @cached_property
    def pushes(self) -> list[Push]:
        return conflict_rows.pushes(self._connection, self._sku)


T = TypeVar("T")


def once(tx: Transaction, what: tuple[Any, ...], read: Callable[[], T]) -> T:
    """Read once for all losers of a transaction; kept with the connection until its next transaction asks."""
    mark, kept = (id(tx.events), tx.now), tx.connection.info.get("losers")
    if kept is None or kept[0] != mark:
        kept = tx.connection.info["losers"] = (mark, {})
    found: dict[tuple[Any, ...], T] = kept[1]
    if what not in found:
        found[what] = read()
    return found[what]


def why_lost(tx: Transaction, ref: Reference, row: Row[Any], refused: Refused) -> str:
    """Up to two sentences without personal data, empty when the shortage says it all.

    ``row`` is the loser with its channel's code.
    """
    if not refused.shortages:
        return "no site may ship it"
    if refused.share:
        return f"the units that are left are kept for other channels than {row.channel}"
    sku = refused.shortages[0].sku
    known = once(tx, ("known", sku), lambda: _Known(tx, sku))
    sentences = [_rule(ref, row, sku, refused, known), _late(row, sku, refused, known)]
    return ". ".join(s for s in sentences if s)


def _rule(ref: Reference, row: Row[Any], sku: str, refused: Refused, known: _Known) -> str:
    """Orders of one batch came at one moment of the book: the policy chose between them, not the clock."""
    winners = [
        Ask(h.number, {sku: h.units}, h.code, h.placed_at, h.customer_value)
        for h in reversed(known.holders)
        if h.received_at == row.received_at and h.id != row.id
    ]
    if not winners:
        return ""
    wanted = {s.sku: s.wanted for s in refused.shortages}
    loser = Ask(row.number, wanted, row.channel, row.placed_at, row.customer_value)
    return conflicts.why_lost(ref.policy, loser, [Short(*s) for s in refused.shortages], winners)


def _late(row: Row[Any], sku: str, refused: Refused, known: _Known) -> str:
    """How the unit came to be sold twice, where another channel sold it before (CNF-03)."""
    if not any(h.code != row.channel for h in (*known.holders, *known.gone)):
        return ""
    wanted = next(s.wanted for s in refused.shortages if s.sku == sku)
    late = Sale(row.number, row.channel, row.channel_order_id, wanted, row.placed_at, row.received_at)
    earlier = [conflict_rows.sale(h, h.units) for h in (*known.gone, *known.holders) if h.id != row.id]
    on_hand, zone = known.stock_and_zone
    stock = on_hand + sum(int(h.units) for h in known.gone)
    return explained(sku, stock, late, earlier, known.pushes, zone=ZoneInfo(zone)).sentence
