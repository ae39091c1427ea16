"""An order that waits for a person is checked again when what it lacked has come; a dead bench's order is released."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server.cli.group import packproof
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import put_product
from server.usecases.record.timeline import timeline
from server.usecases.sales.recheck import settle_again
from server.usecases.sales.taken import Taken
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, incidents_of, ledger_sums, level, open_book, sell
from tests.floor import SOAP, Floor


def actions(db: Database, ref: str) -> list[str]:
    with db.read() as connection:
        return [f"{row.who} {row.what}" for row in timeline(connection, ref)]


def test_an_order_sold_without_stock_is_reserved_once_stock_has_come(db: Database) -> None:
    open_book(db, candles=1)
    taken = sell(db, "S-1", ("CANDLE", 3))
    assert settle_again(db, BOSS, taken.order_id).status == "conflict"
    assert (level(db), len(incidents_of(db, "stock_conflict"))) == ((1, 0), 1)
    count_on_hand(db, BOSS, "CANDLE", "EAST", 5)
    after = settle_again(db, BOSS, taken.order_id)
    assert (after.status, after.reason, after.order) == ("ready", "", taken.order)
    assert level(db) == ledger_sums(db, "CANDLE") == (5, 3)
    assert incidents_of(db, "stock_conflict") == []
    assert any("order.ready before=conflict" in line for line in actions(db, taken.order))


def test_an_unpaid_order_keeps_its_units_and_is_ready_when_its_money_has_come(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 3), paid=False)
    assert settle_again(db, BOSS, taken.order_id).reason == "unpaid"
    assert level(db) == (10, 3)
    assert settle_again(db, BOSS, taken.order_id, paid=True).status == "ready"
    assert level(db) == ledger_sums(db, "CANDLE") == (10, 3)
    assert "the boss order.paid" in actions(db, taken.order)


def test_an_order_for_an_unknown_sku_is_ready_when_the_product_is_there(db: Database) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("CANDLE", 1), ("LAMP", 1))
    put_product(db, BOSS, Product("LAMP", "Lamp"), [])
    lacking = settle_again(db, BOSS, taken.order_id)
    assert (lacking.status, [line.known for line in lacking.lines]) == ("conflict", [True, True])
    assert (incidents_of(db, "unknown_sku"), len(incidents_of(db, "stock_conflict"))) == ([], 1)
    count_on_hand(db, BOSS, "LAMP", "EAST", 1)
    assert settle_again(db, BOSS, taken.order_id).status == "ready"
    assert (level(db, "LAMP"), level(db)) == ((1, 1), (10, 1))


@pytest.mark.parametrize(
    ("lines", "why"), [((), "no_lines"), ((("CANDLE", 1), ("SOAP", 0)), "bad_quantity")], ids=["no lines", "no units"]
)
def test_an_order_that_was_sent_wrong_is_never_packed_in_part(
    sqlite_db: Database, lines: tuple[tuple[str, int], ...], why: str
) -> None:
    open_book(sqlite_db)
    taken = sell(sqlite_db, "S-1", *lines)
    assert taken.reason == why
    with pytest.raises(DomainError, match="cancel it"):
        settle_again(sqlite_db, BOSS, taken.order_id)
    assert level(sqlite_db) == (10, 0)


def test_checking_twenty_times_at_once_reserves_once(db: Database) -> None:
    open_book(db, candles=0)
    taken = sell(db, "S-1", ("CANDLE", 3))
    count_on_hand(db, BOSS, "CANDLE", "EAST", 100)

    def tried(_: int) -> Taken | str:
        try:
            return settle_again(db, BOSS, taken.order_id)
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(tried, range(20)))
    assert sum(isinstance(answer, Taken) for answer in answers) == 1
    assert {answer for answer in answers if isinstance(answer, str)} == {"not_waiting"}
    assert level(db) == ledger_sums(db, "CANDLE") == (100, 3)


@pytest.fixture
def terminal(floor: Floor, tmp_path: Path) -> Path:
    """A config by which the commands find the floor's database."""
    config = tmp_path / "server.toml"
    address = floor.db.engine.url.render_as_string(hide_password=False)
    config.write_text(f'data_dir = "{tmp_path}"\ndatabase = "{address}"\n', encoding="utf-8")
    return config


def test_a_supervisor_releases_the_order_of_a_dead_bench_at_the_terminal(floor: Floor, terminal: Path) -> None:
    dead, number = floor.bench("Bench 1"), floor.order(("SOAP", 1))
    dead.open(number)
    dead.scan(SOAP)
    answer = CliRunner().invoke(packproof, ["release", number, "--config", str(terminal)])
    assert (answer.exit_code, answer.output) == (0, f"order {number} waits for a bench again\n")
    assert dead.send().stop == "taken_over"
    assert floor.bench("Bench 2").pack(number, SOAP).tracking
    with floor.db.read() as connection:
        t = tables.audit
        stopped = connection.execute(select(t.c.actor).where(t.c.action == "session.stopped")).scalar_one()
    assert stopped.startswith("cli:")
    refused = CliRunner().invoke(packproof, ["release", number, "--config", str(terminal)])
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)


def test_the_desk_checks_an_order_again_at_the_terminal(floor: Floor, terminal: Path) -> None:
    taken = sell(floor.db, "S-9", ("SOAP", 500))
    ask = ["recheck", "#s-9", "--config", str(terminal)]
    waits = CliRunner().invoke(packproof, ask)
    assert (waits.exit_code, "is conflict because of stock_conflict" in waits.output) == (1, True)
    count_on_hand(floor.db, BOSS, "SOAP", "EAST", 600)
    ready = CliRunner().invoke(packproof, ask)
    assert (ready.exit_code, ready.output) == (0, f"order {taken.order} is ready\n")
    twice = CliRunner().invoke(packproof, ask)
    assert (twice.exit_code, twice.output.startswith("packproof: order")) == (2, True)
