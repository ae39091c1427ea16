"""The fan-out: whoever sells, whatever changes, however many workers: every channel ends up with the right number."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from server.db import jobs, stale, tables
from server.db.transaction import Database, transaction
from server.domain.masterdata.catalog import Product
from server.domain.sharing.allocation_rules import Kind
from server.usecases.masterdata.catalogue import put_product
from server.usecases.sharing import publishing
from server.usecases.sharing.allocation import set_rule
from server.usecases.sharing.allocation_plans import RuleWish
from server.usecases.sharing.publishing import fan_out
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.kits import define_kit
from tests.book import BOSS, count_rows, open_book, publish, receive, sell
from tests.integration.test_allocation import told

URL = "http://127.0.0.1:9"


def versions(db: Database, sku: str = "CANDLE") -> list[int]:
    t = tables.outbox
    with db.read() as connection:
        return list(connection.execute(select(t.c.version).where(t.c.key == sku).order_by(t.c.channel_id)).scalars())


def test_workers_that_run_at_once_leave_every_channel_with_the_last_number(db: Database) -> None:
    open_book(db, candles=100, channels=2, url=URL)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            fan_out(db)

    with ThreadPoolExecutor(3) as workers:
        running = [workers.submit(work) for _ in range(3)]
        for n in range(40):
            sell(db, f"S-{n}", ("CANDLE", 1), channel="shop" if n % 2 else "shop2")
            if n == 20:
                set_rule(db, BOSS, RuleWish(kind=Kind.BUFFER, amount=5))
        over.set()
        for each in running:
            each.result()
    assert told(db) == {"shop": 55, "shop2": 55}


def test_nothing_is_told_again_when_nothing_changed(db: Database) -> None:
    open_book(db, channels=2, url=URL)
    publish(db)
    before = versions(db)
    with transaction(db, BOSS, "test") as tx:
        stale.everything(tx)
    publish(db)
    assert not fan_out(db)
    assert versions(db) == before
    assert count_rows(db, tables.stale) == 0


def while_looking(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object]) -> None:
    """Once, between the moment when the fan-out has worked out its numbers and the moment when it writes them."""
    real, pending = publishing._look, [happen]

    def look(*words: Any) -> Any:
        found = real(*words)
        if pending:
            pending.pop()()
        return found

    monkeypatch.setattr(publishing, "_look", look)


def test_a_rule_that_changes_while_numbers_are_worked_out_is_not_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book(db, url=URL)
    publish(db)
    with transaction(db, BOSS, "test") as tx:
        stale.mark(tx, ["CANDLE"])
    while_looking(monkeypatch, lambda: set_rule(db, BOSS, RuleWish(kind=Kind.CAP, amount=4)))
    assert told(db) == {"shop": 4}


def test_a_sale_while_numbers_are_worked_out_is_not_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    open_book(db, url=URL)
    while_looking(monkeypatch, lambda: sell(db, "S-1", ("CANDLE", 3)))
    assert told(db) == {"shop": 7}


def test_a_fan_out_that_is_cut_off_begins_again_where_it_was(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    open_book(db, url=URL)
    real = jobs.put_newest

    def cut_off(*_: Any) -> None:
        monkeypatch.setattr(jobs, "put_newest", real)
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "put_newest", cut_off)
    with pytest.raises(KeyboardInterrupt):
        publish(db)
    assert told(db) == {"shop": 10}


def test_many_stale_products_are_told_in_many_small_steps(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    open_book(db, url=URL)
    publish(db)
    monkeypatch.setattr(publishing, "SKUS", 1)
    set_rule(db, BOSS, RuleWish(kind=Kind.BUFFER, amount=1))
    steps = 0
    while fan_out(db):
        steps += 1
    assert steps >= 3
    assert (told(db), told(db, "SOAP"), told(db, "MUG")) == ({"shop": 9}, {"shop": 9}, {"shop": 0})


def kit(db: Database, sku: str, **components: int) -> None:
    """A kit as its master makes it."""
    put_product(db, BOSS, Product(sku, sku.title()), [])
    define_kit(db, BOSS, sku, components)


def test_a_sold_component_lowers_the_number_of_every_kit_that_needs_it(db: Database) -> None:
    open_book(db, channels=2, url=URL)
    kit(db, "PAIR", CANDLE=2)
    kit(db, "SET", PAIR=1, SOAP=3)
    assert told(db, "PAIR") == {"shop": 5, "shop2": 5}
    assert told(db, "SET") == {"shop": 3, "shop2": 3}
    sell(db, "S-1", ("CANDLE", 5))
    assert told(db, "PAIR") == {"shop": 2, "shop2": 2}
    assert told(db, "SET") == {"shop": 2, "shop2": 2}
    sell(db, "S-2", ("SET", 1))
    assert (told(db), told(db, "SOAP")) == ({"shop": 3, "shop2": 3}, {"shop": 7, "shop2": 7})
    assert told(db, "PAIR") == {"shop": 1, "shop2": 1}


def test_prebuilt_kits_come_on_top_and_shares_of_components_bind_kits_too(db: Database) -> None:
    open_book(db, channels=2, url=URL)
    kit(db, "PAIR", CANDLE=2)
    count_on_hand(db, BOSS, "PAIR", "EAST", 2)
    assert told(db, "PAIR") == {"shop": 7, "shop2": 7}
    set_rule(db, BOSS, RuleWish(kind=Kind.RESERVE, amount=7, sku="CANDLE", channel="shop"))
    assert told(db, "PAIR") == {"shop": 7, "shop2": 3}


def test_components_at_different_sites_make_no_kit(db: Database) -> None:
    open_book(db, url=URL)
    add_site(db, BOSS, "WEST", "West")
    kit(db, "SET", CANDLE=1, MUG=1)
    receive(db, "MUG", "WEST", 4)
    assert told(db, "SET") == {"shop": 0}
    receive(db, "MUG", "EAST", 1)
    assert told(db, "SET") == {"shop": 1}
