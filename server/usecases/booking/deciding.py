"""From asks to decisions: lock the rows of all SKUs concerned in one order, then decide each in memory."""

import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.db import catalogue, channel_use
from server.db import stock as db_stock
from server.db.transaction import Transaction
from server.domain.booking import conflicts
from server.domain.booking.conflicts import serve_order
from server.domain.booking.life import Freshness
from server.domain.booking.reservation import Ask, Decision, decide
from server.domain.booking.shelf import Facts, Shelf
from server.domain.booking.stock import StockLevel
from server.usecases.booking.reference import Reference
from server.usecases.routes.routed import counted, todays


class Rows(NamedTuple):
    """The locked rows of some SKUs, and the units of them that older orders wait for."""

    levels: Sequence[StockLevel]
    owed: Sequence[tuple[str, int]]


def decide_all(
    tx: Transaction,
    ref: Reference,
    asks: Sequence[Ask],
    rivals: Sequence[conflicts.Ask] | None = None,
    seen: Rows | None = None,
) -> list[Decision]:
    """A decision for each ask, in the order of ``asks``; the rows stay locked until the transaction ends.

    ``rivals`` say who is served first where there is too little for all (CNF-01); without them it is first come.
    ``seen`` are the rows of all that is asked for, where they were locked already.
    """
    if not asks:
        return []
    shelf = open_shelf(tx, ref, _touched(asks), seen=seen)
    rules = todays(tx, ref.rules)
    decisions: list[Decision | None] = [None] * len(asks)
    for index in _served(ref, asks, rivals, shelf):
        made = decisions[index] = decide(asks[index], shelf, rules)
        counted(rules, made)
    return [made for made in decisions if made is not None]


def open_shelf(
    tx: Transaction, ref: Reference, sold: Iterable[str], *, owed: bool = True, seen: Rows | None = None
) -> Shelf:
    """The locked rows of these SKUs and their components. ``owed``: leave what older orders wait for."""
    skus = with_parts(ref, sold)
    levels = db_stock.lock_rows(tx.connection, skus) if seen is None else seen.levels
    fresh = Freshness(tx.now, ref.day, ref.life)
    shelf = Shelf(levels, facts=_facts(tx, ref, skus), used=_used(tx, ref, skus), fresh=fresh)
    if owed:
        for sku, units in db_stock.owed(tx.connection, skus) if seen is None else seen.owed:
            shelf.keep_back(sku, units, ref.rules.sites)
    return shelf


def with_parts(ref: Reference, sold: Iterable[str]) -> set[str]:
    """These SKUs and their components."""
    skus = set(sold)
    if ref.rules.kits:
        skus |= {leaf for sku in skus for leaf in ref.rules.kits.expand(sku, 1)}
    return skus


def _touched(asks: Sequence[Ask]) -> set[str]:
    return {sku for ask in asks for sku in ask.units} | {claim.sku for ask in asks for claim in ask.given}


def _served(ref: Reference, asks: Sequence[Ask], rivals: Sequence[conflicts.Ask] | None, shelf: Shelf) -> Sequence[int]:
    if rivals is None or len(asks) == 1:
        return range(len(asks))
    left: dict[str, int] = {}
    sites, dated = ref.rules.sites, shelf.dated
    for ask in asks:
        if not dated:
            for sku in ask.units:
                if sku not in left:
                    left[sku] = shelf.total(sku, sites)
            continue
        seen = shelf.seen_by(ask.channel, ask.due)
        for sku in ask.units:
            left[sku] = min(seen.total(sku, sites), left.get(sku, sys.maxsize))
    return serve_order(rivals, left, ref.policy)


def _facts(tx: Transaction, ref: Reference, skus: set[str]) -> dict[str, Facts]:
    """Only what differs from a plain product; categories only where a rule may ask for them."""
    made = {sku: Facts(made_to_order=True) for sku in skus & ref.made_to_order}
    if ref.rules.claims is None and (ref.rules.router is None or ref.rules.router.trivial):
        return made
    groups = catalogue.categories(tx.connection, skus)
    return {sku: Facts(groups.get(sku, ""), sku in made) for sku in skus}


def _used(tx: Transaction, ref: Reference, skus: set[str]) -> dict[tuple[str, str], int]:
    if ref.rules.claims is None:
        return {}
    found = channel_use.read(tx.connection, skus)
    return {(sku, ref.channel_code(channel_id)): n for (sku, channel_id), n in found.items()}
