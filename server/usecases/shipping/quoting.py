"""Prices are asked for when an order opens, in the background: the last scan only buys (RAT-01, RAT-06)."""

import threading
import weakref
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, update

from server.db import rates as rows
from server.db import tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.rates.choosing import choose
from server.domain.rates.limits import refused
from server.domain.rates.values import By, Decision, Silent, Verdict
from server.domain.rates.zones import far_off
from server.usecases.shipping.accounts import accounts
from server.usecases.shipping.asking import Answers, Patience, abilities, ask_all, unasked
from server.usecases.shipping.offering import Found
from server.usecases.shipping.rate_needs import Box, Errand, errand, shopped

AT_ONCE = 64
"""Orders for which prices are on their way; one more is asked for at its last scan."""
FRESH = 12 * 3600.0
"""Seconds for which a price that was asked for is bought by."""
log = structlog.get_logger("rates")


@dataclass(frozen=True, slots=True)
class Kept:
    """A choice as it is stored."""

    decision_id: int
    decision: Decision


def still_good(connection: Connection, now: float, order_id: int, box: Box, fresh: float = FRESH) -> Kept | None:
    """The last choice, unless the order, its way, its box or the rules are others now (weight: by a fifth).

    The way must still be allowed by every limit at the weight of now, and its account must still take parcels.
    """
    row, rules = rows.latest(connection, order_id, box.number), shopped(connection, order_id)
    asked = errand(connection, rules, order_id, box, now) if row is not None and rules is not None else None
    if row is None or rules is None or asked is None:
        return None
    decision = rows.decision_of(row)
    place = (row.site_id, row.rules_version) == (asked.order.site_id, rules.version)
    same = replace(asked.need, grams=decision.need.grams) == decision.need
    close = not far_off(decision.need.grams, asked.need.grams)
    allowed = decision.way is not None and not refused(*decision.way, asked.need, rules, strict=decision.by != By.OWN)
    good = place and same and close and allowed and now - row.at < fresh
    return Kept(row.id, decision) if good else None


def take(tx: Transaction, order: Row[Any], kept: Kept) -> None:
    """The locked order goes the way that was chosen; a label is asked for by it now."""
    o, way = tables.order, kept.decision.way or (order.carrier, order.service)
    if (order.carrier, order.service) != way:
        tx.connection.execute(update(o).where(o.c.id == order.id).values(carrier=way[0], service=way[1]))
        before = f"{order.carrier}/{order.service}"
        detail = {"before": before, "after": "/".join(way), "decision": kept.decision_id}
        tx.note("order.way", detail, order=order.id)
    rows.use(tx, kept.decision_id)


@dataclass(slots=True)
class _Running:
    """Background questions of one database in this process, by order."""

    threads: dict[int, threading.Thread] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_running: weakref.WeakKeyDictionary[Engine, _Running] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def begin(db: Database, actor: Actor, order_id: int, box: str | None) -> None:
    """Ask in the background what an order's first box would cost, where its channel wants the cheapest way.

    ``box`` is the type that is suggested for it. Returns at once and never raises for what a carrier does.
    """
    with db.read() as connection:
        if rows.active_row(connection) is None or shopped(connection, order_id) is None:
            return
    running = _running_of(db)

    def work() -> None:
        try:
            ask(db, actor, order_id, Box(code=box))
        except Exception as error:
            log.warning("no prices before the last scan", order=order_id, why=str(error))
        finally:
            with running.lock:
                running.threads.pop(order_id, None)

    with running.lock:
        if order_id in running.threads or len(running.threads) >= AT_ONCE:
            return
        thread = running.threads[order_id] = threading.Thread(target=work, name=f"rates {order_id}", daemon=True)
        thread.start()


def wait(db: Database, order_id: int, seconds: float) -> bool:
    """Wait for what was begun for this order, at most so long; True while it is still on its way."""
    running = _running_of(db)
    with running.lock:
        thread = running.threads.get(order_id)
    if thread is None:
        return False
    thread.join(seconds)
    return thread.is_alive()


def ask(
    db: Database,
    actor: Actor,
    order_id: int,
    box: Box,
    *,
    seconds: float | None = None,
    live: bool = True,
    failed: str = "",
) -> Kept | None:
    """Ask all carriers what this box would cost, choose, and store the choice; None where nothing is to be chosen.

    ``seconds`` instead of the rules' own deadline; not ``live``: only those are asked that need no network, and prices
    that are remembered stand in for the others; ``failed``: this account has just sold no label for the box. Raise
    DomainError("no_address").
    """
    with db.read() as connection:
        rules = shopped(connection, order_id)
        found = errand(connection, rules, order_id, box, db.now()) if rules is not None else None
        known = accounts(connection)
    if found is None:
        return None
    here = {code: each for code, each in known.items() if abilities(each).offline}
    asked = known if live else here
    full = found.rules.deadline_seconds
    patience = Patience(full if seconds is None else min(seconds, full), full)
    answers = ask_all(db, asked, found.consignment, patience, lambda late: _late(db, actor, found, late))
    answers.silent |= unasked(db, {code: each for code, each in known.items() if code not in asked})
    answers.failed = failed
    return again(lambda: _keep(db, actor, found, answers, frozenset(here)))


def _late(db: Database, actor: Actor, asked: Errand, found: Found) -> None:
    """What comes after the choice is known for the next one."""
    with transaction(db, actor, "late_quotes") as tx:
        if not isinstance(found, Silent):
            rows.remember(tx, found, asked.kind)
        elif found.verdict is Verdict.DENIED:
            rows.forget(tx, [found.account])


def _keep(db: Database, actor: Actor, asked: Errand, answers: Answers, offline: frozenset[str]) -> Kept:
    order, rules = asked.order, asked.rules
    with transaction(db, actor, "choose_way") as tx:
        rows.forget(tx, [each.account for each in answers.said if each.verdict is Verdict.DENIED])
        since = rows.days_ago(tx.now, rules.cached_days)
        cached = rows.remembered(tx.connection, answers.missing, asked.kind, since=since)
        decision = choose([*answers.offers, *cached], asked.need, rules, answers.said)
        rows.remember(tx, [offer for offer in answers.offers if offer.account not in offline], asked.kind)
        kept = rows.keep(tx, order, asked.box.number, decision, rules.version)
        way = "/".join(decision.way) if decision.way else ""
        detail = {"decision": kept, "way": way, "by": decision.by.value, "box": asked.box.number}
        tx.note("rates.chosen", detail, order=order.id)
    return Kept(kept, decision)


def _running_of(db: Database) -> _Running:
    with _making:
        return _running.setdefault(db.engine, _Running())
