"""Rules are changed while orders flow: each is decided at once, and by rules that were in force (RTE-02, RTE-03)."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.usecases.booking.book import Book
from server.usecases.routes.routing import set_rules
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.order_batch import TakeOrder
from server.usecases.sales.taken import Taken
from tests.book import BOSS, incoming
from tests.integration.test_routing_speed import BIG, P99, open_many
from tests.routing_book import BOSTON
from tests.routing_cases import RULES

SELLERS, ORDERS, SKUS = 4, 160, 100_000 if BIG else 300
CHANGES_MIN, TRIES = 3, 5


class Supervisor:
    """Somebody who cannot decide which node is pinned; ``version`` is the newest that is in force for sure."""

    def __init__(self, db: Database) -> None:
        self.db, self.version = db, 0
        self.pinned: dict[int, str] = {}
        self.over = threading.Event()

    def change(self) -> None:
        """New rules five times a second."""
        for nth in itertools.cycle(range(4)):
            if self.over.wait(0.2):
                return
            rules: list[dict[str, Any]] = [{"id": "pin", "kind": "pinned", "nodes": [f"N{nth}"], "strict": False}]
            version = set_rules(self.db, BOSS, {"bands": RULES["bands"], "rules": [*rules, *ALWAYS]})
            self.pinned[version] = f"N{nth}"
            self.version = version


ALWAYS: list[dict[str, Any]] = [
    {"id": "zone", "kind": "proximity", "tier": 2, "step": 500},
    {"id": "cost", "kind": "cost", "tier": 4},
    {"id": "speed", "kind": "speed", "tier": 5},
]


class Sold(NamedTuple):
    """An order, its SKU, the rules that were in force before it came, and how long its answer took."""

    order: int
    sku: int
    before: int
    seconds: float


def sell_all(db: Database, boss: Supervisor, numbers: Iterator[int]) -> list[Sold]:
    """So many orders from several connections through one server's book, while the rules change."""
    book = Book(db)

    def some() -> list[Sold]:
        found = []
        for _ in range(ORDERS // SELLERS):
            n = next(numbers)
            order = incoming(f"O-{n}", (f"S{n % SKUS}", 1), ship_to=BOSTON)
            before, began = boss.version, time.perf_counter()
            [taken] = book.ask([TakeOrder(1, order, fingerprint(order), BOSS)])
            seconds = time.perf_counter() - began
            assert isinstance(taken, Taken)
            assert taken.status == "ready"
            found.append(Sold(taken.order_id, n % SKUS, before, seconds))
        return found

    boss.over.clear()
    with ThreadPoolExecutor(SELLERS + 1) as pool:
        changing = pool.submit(boss.change)
        try:
            shares = [pool.submit(some) for _ in range(SELLERS)]
            sold = [each for share in shares for each in share.result()]
        finally:
            boss.over.set()
            book.close()
        changing.result()
    return sold


def decisions(db: Database) -> dict[int, tuple[int, str]]:
    """By order: the version of the rules that decided it, and the node."""
    d, s, o = tables.routing_decision, tables.site, tables.order
    query = select(d.c.order_id, d.c.rule_version, s.c.code)
    query = query.join(o, o.c.id == d.c.order_id).join(s, s.c.id == o.c.site_id)
    with db.read() as connection:
        return {order: (version, site) for order, version, site in connection.execute(query)}


def versions(db: Database) -> set[int]:
    """The rules that decided something."""
    return {version for version, _ in decisions(db).values()}


def p99(sold: list[Sold]) -> float:
    took = sorted(each.seconds for each in sold)
    return took[int(len(took) * 0.99)]


def test_orders_are_routed_in_time_and_by_the_rules_in_force_while_a_supervisor_changes_them(db: Database) -> None:
    open_many(db, skus=SKUS)
    boss, numbers = Supervisor(db), itertools.count()
    rounds: list[list[Sold]] = []
    # The promise is about this program: a machine that is busy with something else has more tries, also at changing.
    while not rounds or (len(rounds) < TRIES and (p99(rounds[-1]) > P99 or len(versions(db)) <= CHANGES_MIN)):
        rounds.append(sell_all(db, boss, numbers))
    decided = decisions(db)
    sold = [each for part in rounds for each in part]
    assert len(versions(db)) > CHANGES_MIN, "the rules hardly changed"
    for each in sold:
        version, site = decided[each.order]
        assert version >= each.before, "an order was decided by rules that were not in force any more"
        # S7 lies at N7, N11, N15, N19 and N3: of the four that are pinned in turn, at one.
        if boss.pinned.get(version) == f"N{each.sku % 4}":
            assert site == boss.pinned[version], f"S{each.sku} left from {site} although another node is pinned"
    assert p99(rounds[-1]) <= P99
