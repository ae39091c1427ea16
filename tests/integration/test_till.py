"""A sale at a till has happened: the book follows, whatever was promised meanwhile."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.usecases.sales.policies import set_channel_rules, set_policy
from server.usecases.sales.till import TillLine, TillSale, take_sale, till_webhook
from tests.book import BOSS, count_rows, incidents_of, ledger_sums, level, open_book, sell, signed
from tests.floor import SOAP, Floor


def sale(sale_id: str, *lines: tuple[str, int], site: str = "EAST") -> TillSale:
    return TillSale(sale_id, site, [TillLine(sku, units) for sku, units in lines])


def status(db: Database, number: str) -> str:
    t = tables.order
    with db.read() as connection:
        return str(connection.execute(select(t.c.status).where(t.c.number == number)).scalar_one())


def test_a_till_sale_is_reserved_and_shipped_in_one_step(db: Database) -> None:
    open_book(db)
    number = take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 2), ("SOAP", 1)))
    assert (status(db, number), level(db), level(db, "SOAP")) == ("shipped", (8, 0), (9, 0))
    assert ledger_sums(db, "CANDLE") == (8, 0)
    assert count_rows(db, tables.reservation, tables.reservation.c.state == "shipped") == 2


def test_the_same_receipt_counts_once_and_another_under_its_id_is_refused(db: Database) -> None:
    open_book(db)
    assert len({take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 2))) for _ in range(3)}) == 1
    assert level(db) == (8, 0)
    with pytest.raises(DomainError, match="came with other content"):
        take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 3)))


def test_a_shortfall_takes_the_units_of_the_order_that_loses_by_policy_and_opens_an_incident(db: Database) -> None:
    open_book(db, candles=2, channels=2)
    set_policy(db, BOSS, {"kind": "channel_priority", "channels": ["shop"]})
    better = sell(db, "S-1", ("CANDLE", 1))
    worse = sell(db, "S-2", ("CANDLE", 1), channel="shop2")
    till = take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 1)))
    assert [status(db, n) for n in (till, better.order, worse.order)] == ["shipped", "ready", "conflict"]
    assert level(db) == ledger_sums(db, "CANDLE") == (1, 1)
    [cause] = incidents_of(db, "stock_shortfall")
    assert "gave way: order 1002" in cause


def test_who_gave_way_walks_its_own_path(db: Database) -> None:
    open_book(db, candles=1)
    set_channel_rules(db, BOSS, "shop", {"path": ["backorder", "cancel"], "backorder": True})
    online = sell(db, "S-1", ("CANDLE", 1))
    take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 1)))
    assert (status(db, online.order), level(db)) == ("waiting", (0, 0))


def test_what_the_book_does_not_have_was_there_all_the_same(db: Database) -> None:
    open_book(db, candles=1)
    take_sale(db, BOSS, "shop", sale("T-1", ("CANDLE", 3), ("MUG", 1)))
    assert (level(db), level(db, "MUG")) == ((0, 0), (0, 0))
    assert ledger_sums(db, "CANDLE") == ledger_sums(db, "MUG") == (0, 0)
    assert len(incidents_of(db, "stock_shortfall")) == 2


def test_a_till_never_takes_a_unit_out_of_a_box(floor: Floor) -> None:
    number, bench = floor.order(("SOAP", 100)), floor.bench("B1")
    bench.pack(number, *[SOAP] * 100)
    take_sale(floor.db, BOSS, "shop", sale("T-1", ("SOAP", 1)))
    assert (floor.status(number), floor.stock("SOAP")) == ("packed", (100, 100))
    assert any("the book did not have" in cause for cause in floor.incidents("stock_shortfall"))


def test_a_till_speaks_signed_messages(db: Database) -> None:
    open_book(db)
    body = json.dumps({"sale_id": "T-1", "site": "EAST", "lines": [{"sku": "CANDLE", "quantity": 1}]}).encode()
    for _ in range(2):
        answer: dict[str, Any] = json.loads(till_webhook(db, BOSS, "shop", signed(body, "m-1"), body))
        assert answer == {"order": "1001", "status": "shipped"}
    assert level(db) == (9, 0)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (sale("T-1", ("NOPE", 1)), "unknown_sku"),
        (sale("T-1"), "invalid"),
        (sale("T-1", ("SOAP", 0)), "invalid"),
        (sale("", ("SOAP", 1)), "invalid"),
        (sale("T-1", ("SOAP", 1), site="MOON"), "not_found"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_and_changes_nothing(
    sqlite_db: Database, wrong: TillSale, code: str
) -> None:
    open_book(sqlite_db)
    with pytest.raises(DomainError) as refused:
        take_sale(sqlite_db, BOSS, "shop", wrong)
    assert refused.value.code == code
    assert (level(sqlite_db, "SOAP"), count_rows(sqlite_db, tables.order)) == ((10, 0), 0)
