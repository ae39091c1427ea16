"""Small works are written in one transaction, and one that fails takes no other with it."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.together import Together
from server.db.transaction import Database, Transaction, turn_to_write
from tests.book import BOSS, until


def keep(key: str) -> Callable[[Transaction], str]:
    def work(tx: Transaction) -> str:
        if key == "bad":
            raise ValueError(key)
        tx.connection.execute(tables.setting.insert().values(key=key, value="1"))
        return key

    return work


def test_what_gathers_while_one_is_written_goes_together_and_only_the_bad_one_fails(db: Database) -> None:
    together = Together(db, BOSS, "test")
    begun, go_on = threading.Event(), threading.Event()
    said: dict[str, str] = {}

    def slow(tx: Transaction) -> str:
        begun.set()
        assert go_on.wait(10)
        return "slow"

    def do(key: str) -> None:
        try:
            said[key] = together.do(keep(key) if key != "slow" else slow)
        except ValueError as error:
            said[key] = f"refused {error}"

    threads = [threading.Thread(target=do, args=(key,)) for key in ("slow", "a", "bad", "b")]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    until(lambda: len(together._waiting) == 3, "three wait behind the first")
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert said == {"slow": "slow", "a": "a", "bad": "refused bad", "b": "b"}
    with db.read() as connection:
        kept = set(connection.execute(select(tables.setting.c.key)).scalars())
    assert {"a", "b"} <= kept
    assert "bad" not in kept


def test_what_gathers_while_others_write_is_one_commit(sqlite_db: Database) -> None:
    together = Together(sqlite_db, BOSS, "test")
    commits: list[int] = []
    sqlite_db.on_commit.append(lambda: commits.append(1))
    with turn_to_write(sqlite_db.engine):  # Somebody else writes.
        threads = [threading.Thread(target=together.do, args=(keep(f"k{n}"),)) for n in range(8)]
        for thread in threads:
            thread.start()
        until(lambda: len(together._waiting) == 8, "eight wait")
    for thread in threads:
        thread.join(10)
    assert commits == [1]


def test_whoever_ends_the_writer_ends_nobody_who_waits_for_it(sqlite_db: Database) -> None:
    together = Together(sqlite_db, BOSS, "test")

    def dies(_tx: Transaction) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together.do(dies)
    assert together.do(lambda _tx: 7) == 7
