"""16 clients, real servers, and a hand that kills servers and database: what was answered is true, once and for all."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import put_product
from server.usecases.starting.sites import add_channel, add_site
from tests.book import BOSS, SECRET, receive, until
from tests.paper.proof import chain_is_whole, drift
from tests.recorded.clients import SKUS, Client
from tests.recorded.dying import Postgres, Service, own_postgres, services
from tests.recorded.verdict import judge

CLIENTS, CHANNELS, EACH = 16, 7, 25
"""``EACH`` units of every product: about half of what is asked for."""
ERRANDS = 5
"""Of each client at least; it goes on until all deaths were died."""
DEATHS = int(os.environ.get("PACKPROOF_DEATHS", "3"))
"""Set it higher for a long night."""


class House:
    """Servers over one database, and what may be killed."""

    def __init__(self, stack: ExitStack, folder: Path, engine: str) -> None:
        self.postgres: Postgres | None = stack.enter_context(own_postgres()) if engine == "postgresql" else None
        database = self.postgres.address if self.postgres else f"sqlite:///{folder / 'book.db'}"
        self.db = Database(open_engine(database))
        stack.callback(self.db.engine.dispose)
        migrate(self.db.engine)
        add_site(self.db, BOSS, "EAST", "East")
        for number in range(CHANNELS):
            add_channel(self.db, BOSS, f"shop{number}", f"Shop {number}", {"secret": SECRET})
        for sku in SKUS:
            put_product(self.db, BOSS, Product(sku, sku), [])
            receive(self.db, sku, "EAST", EACH)
        # SQLite has one server; PostgreSQL has several that share it.
        self.servers = stack.enter_context(services(folder, database, 2 if self.postgres else 1))

    def deaths(self) -> list[Callable[[], None]]:
        """What the hand does, one after the other."""
        one, last = self.servers[0], self.servers[-1]
        found = [lambda: _reborn(one), lambda: _reborn(last)]
        if self.postgres is not None:
            postgres = self.postgres
            found.insert(1, lambda: _database_reborn(postgres))
        return found


def _answered(clients: list[Client]) -> int:
    return sum(entry.known for client in clients for entry in list(client.entries))


def _has_answered(clients: list[Client], working: Sequence[Future[None]], goal: int) -> bool:
    return _answered(clients) >= goal or any(each.done() for each in working)


def _reborn(server: Service) -> None:
    server.kill()
    server.start()


def _database_reborn(postgres: Postgres) -> None:
    postgres.kill()
    postgres.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack, tmp_path, request.param)


@pytest.mark.timeout(900)
def test_what_was_answered_stays_true_while_servers_and_database_are_killed(house: House) -> None:
    ports = [server.port for server in house.servers]
    clients = [Client(n, f"shop{n % CHANNELS}", ports) for n in range(CLIENTS)]
    chance, enough = random.Random(3), threading.Event()
    killed = 0
    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(client.work, ERRANDS, enough) for client in clients]
        try:
            while killed < DEATHS:
                goal = _answered(clients) + CLIENTS * 2
                until(partial(_has_answered, clients, working, goal), "clients are answered", within=240)
                # The moment of the kill is what is random here; no condition is waited for.
                time.sleep(chance.uniform(0, 0.05))
                deaths = house.deaths()
                deaths[killed % len(deaths)]()
                killed += 1
        finally:
            enough.set()
        for each in working:
            each.result()
    entries = [entry for client in clients for entry in client.entries]
    states = judge(house.db, entries, dict.fromkeys(SKUS, EACH))
    drift(house.db)
    chain_is_whole(house.db)
    lost = sum(not entry.known for entry in entries)
    told = f"{len(entries)} requests, {killed} deaths, {lost} without an answer, {dict(states)}"
    print(told)
    assert lost, f"nothing was asked while anything was dead: {told}"
    assert sum(client.refusals for client in clients) > CLIENTS / 2, told
    for server in house.servers:
        assert b'"bug"' not in server.log.read_bytes()
