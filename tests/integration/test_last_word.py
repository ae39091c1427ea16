"""The database has the last word: a decision that no shelf can keep moves nothing, and nobody is told that it did.

Whoever decides has locked the rows and looked. These tests decide wrongly on purpose.
"""

import json
from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import Connection

from server.db import stock as db_stock
from server.db import tables
from server.db.transaction import Database, transaction
from server.domain.booking.stock import Move, MoveKind, StockLevel
from server.domain.errors import DomainError
from server.usecases.booking import book
from server.usecases.booking.hold_batch import Held
from server.usecases.booking.hold_wishes import HoldLine, HoldWish, command
from server.usecases.booking.stock import Posting, write_down
from tests.book import BOSS, count_rows, level, open_book


def test_a_batch_that_would_move_one_counter_too_far_moves_none_and_leaves_no_row(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book(db, candles=1)
    seen = db_stock.ask_rows

    def far_too_many(connection: Connection, skus: Iterable[str]) -> Callable[[], list[StockLevel]]:
        return lambda: [row._replace(on_hand=row.on_hand + 100) for row in seen(connection, skus)()]

    monkeypatch.setattr(db_stock, "ask_rows", far_too_many)
    before = count_rows(db, tables.ledger)
    wishes = [HoldWish("good", [HoldLine("SOAP", 1)]), HoldWish("bad", [HoldLine("CANDLE", 2)])]
    with pytest.raises(DomainError, match="negative_stock"):
        book.run(db, [command(1, wish, BOSS) for wish in wishes])
    assert (level(db), level(db, "SOAP")) == ((1, 0), (10, 0))
    assert (count_rows(db, tables.ledger), count_rows(db, tables.hold)) == (before, 0)
    monkeypatch.undo()
    good, bad = book.run(db, [command(1, wish, BOSS) for wish in wishes])
    assert isinstance(good, Held)
    assert isinstance(bad, Held)
    assert (good.state, json.loads(bad.body)["state"]) == ("held", "refused")


@pytest.mark.parametrize("counter", ["d_reserved", "d_held", "d_transit"])
def test_no_counter_goes_below_nothing_or_above_what_is_there(db: Database, counter: str) -> None:
    open_book(db, candles=2)
    for units in (-1, 3) if counter != "d_transit" else (-1,):
        with (
            pytest.raises(DomainError, match="negative_stock"),
            transaction(db, BOSS, "a wrong decision") as tx,
        ):
            write_down(tx, [Posting([Move(MoveKind.COUNT, "CANDLE", 1, **{counter: units})])])  # type: ignore[arg-type]
    assert level(db) == (2, 0)


def test_a_row_that_is_not_there_is_not_counted_as_moved(db: Database) -> None:
    open_book(db)
    with transaction(db, BOSS, "a wrong decision") as tx:
        assert (
            db_stock.write(tx.connection, {("CANDLE", 1, ""): [0, 1, 0, 0], ("CANDLE", 1, "L1"): [0, 1, 0, 0]})() == 1
        )


def test_statements_are_planned_for_the_tables_as_they_are_now(postgres_db: Database) -> None:
    """A plan made while tables were small is a sequential scan that stays when they have grown."""
    with postgres_db.read() as connection:
        assert connection.exec_driver_sql("SHOW plan_cache_mode").scalar_one() == "force_custom_plan"
