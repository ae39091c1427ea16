"""What changes by the calendar alone: dated rules begin and end, days begin, lots expire."""

import weakref
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from server.db import allocation as db_allocation
from server.db import shelf_life, sites, stale
from server.db.transaction import Transaction
from server.domain.booking.lots import next_day_in
from server.domain.sharing.allocation_rules import Kind, Rule, next_change
from server.domain.sharing.offers import CLAIMING
from server.domain.sharing.plans import concerned
from server.usecases.booking.reference import book_version, reference
from server.usecases.sharing import shares
from server.usecases.sharing.offering import day_of


@dataclass(frozen=True, slots=True)
class _Next:
    """The next turn after ``since``, under the rules of this version."""

    version: int
    since: float
    at: float


_held: weakref.WeakKeyDictionary[Engine, _Next] = weakref.WeakKeyDictionary()


def due(connection: Connection, since: float, now: float) -> bool:
    """Whether anything turned in (since, now]; rules are read only when they changed."""
    version = book_version(connection)
    held = _held.get(connection.engine)
    if held is None or (held.version, held.since) != (version, since):
        turns = [next_day_in(since, zone) for zone in {"UTC", *sites.zones(connection).values()}]
        edge = next_change(db_allocation.rules(connection), since)
        held = _held[connection.engine] = _Next(version, since, min(turns if edge is None else [*turns, edge]))
    return held.at <= now


def turn(tx: Transaction, since: float) -> None:
    """Mark what turned in (since, now] as stale; a share that begins to hold counts from its beginning."""
    rules = db_allocation.rules(tx.connection)
    turned = [rule for rule in rules if _edge(rule, since, tx.now) is not None]
    for rule in turned:
        if rule.kind in CLAIMING:
            shares.recount(tx, concerned([], [rule]), _edge(rule, since, tx.now) or tx.now, rules)
    cause = None
    if turned:
        cause = tx.note("allocation.turned", {"rules": [rule.rule_id for rule in turned]})
    if day_of(since) != day_of(tx.now):
        turned += [rule for rule in rules if rule.kind is Kind.DYNAMIC]
    spans = reference(tx.connection, tx.now).life.spans
    stale.mark(tx, shelf_life.turned_between(tx.connection, since, tx.now, spans), cause)
    stale.where(tx, db_allocation.in_scope(concerned([], turned)), cause)


def _edge(rule: Rule, since: float, now: float) -> float | None:
    """The last moment in (since, now] at which the rule began or ended."""
    edges = (rule.window.opens, rule.window.closes) if rule.window else ()
    return max((edge for edge in edges if since < edge <= now), default=None)
