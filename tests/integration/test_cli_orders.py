"""The commands of the order desk, on a real database: they say what happened, in one sentence each."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from tests.book import level, open_book, sell


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Database, Path]:
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')
    db = Database(open_engine(f"sqlite:///{tmp_path / 'packproof.db'}"))
    migrate(db.engine)
    open_book(db, channels=2)
    return db, config


def run(shop: tuple[Database, Path], *args: str, code: int = 0) -> str:
    answer = CliRunner().invoke(packproof, [*args, "--config", str(shop[1])])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_the_policy_and_a_channels_rules_are_set_and_shown(shop: tuple[Database, Path]) -> None:
    assert run(shop, "conflict", "policy") == "first come (version 0)\n"
    said = "channel priority (version 1), shop2 before shop\n"
    assert run(shop, "conflict", "policy", "channel_priority", "--channels", "shop2,shop") == said
    assert run(shop, "conflict", "policy", "--window", "0.2", "--scarce", "CANDLE").strip().endswith("0.2 s for CANDLE")
    rules = ("--path", "backorder,cancel", "--backorder", "--oversell", "3", "--cancel-limit", "2.5")
    assert run(shop, "conflict", "channel", "shop", *rules) == "shop: backorder > cancel; oversells 3, backorders\n"
    assert "nothing is tried after cancel" in run(shop, "conflict", "channel", "shop", "--path", "ask,cancel", code=2)
    assert "limit 2.5 %" in run(shop, "conflict", "cancels")


def test_a_lost_order_explains_itself_and_the_queue_is_listed(shop: tuple[Database, Path]) -> None:
    run(shop, "conflict", "channel", "shop", "--path", "inbound,backorder,cancel", "--backorder")
    sell(shop[0], "S-1", ("MUG", 2))
    assert run(shop, "conflict", "explain", "1001").splitlines() == [
        "MUG: 2 wanted, 0 available",
        "  not inbound: nothing on its way covers it",
        "  backorder: the channel permits backorders",
    ]
    assert run(shop, "conflict", "queue").split() == ["1001", "shop", "backorder", "2", "MUG"]


def test_an_order_is_changed_at_the_terminal(shop: tuple[Database, Path]) -> None:
    sell(shop[0], "S-1", ("CANDLE", 5), paid=False)
    assert run(shop, "payment", "1001", "paid") == "order 1001 is ready\n"
    assert run(shop, "cancel", "1001", "--line", "1=2") == "order 1001 is ready\n"
    assert level(shop[0]) == (10, 3)
    home = ("--name", "Zoe", "--line", "9 Other Road", "--city", "Portland", "--postcode", "04101", "--country", "US")
    assert run(shop, "address", "1001", *home) == "order 1001 has another address; it is ready\n"
    assert run(shop, "payment", "1001", "fraud", "--why", "stolen card") == "order 1001 is on hold\n"
    assert run(shop, "payment", "1001", "no-fraud") == "order 1001 is ready\n"
    assert "there is no box to open" in run(shop, "unpack", "1001", "--why", "curious", code=2)
    assert run(shop, "cancel", "1001", "--reason", "customer") == "order 1001 is cancelled\n"
    assert level(shop[0]) == (10, 0)


def test_a_sale_at_the_counter_and_a_substitute(shop: tuple[Database, Path]) -> None:
    assert run(shop, "till", "shop", "EAST", "R-1", "CANDLE=2", "SOAP=1") == "sale R-1 is order 1001\n"
    assert (level(shop[0]), level(shop[0], "SOAP")) == ((8, 0), (9, 0))
    assert "expected NAME=NUMBER" in run(shop, "till", "shop", "EAST", "R-2", "CANDLE", code=2)
    sell(shop[0], "S-1", ("CANDLE", 1))
    approve = ("substitute", "approve", "1002", "1", "SOAP", "--by", "Ben")
    assert "no rule permits it on shop" in run(shop, *approve, code=2)
    run(shop, "substitute", "rule", "*", "*", "ask")
    run(shop, "substitute", "pair", "CANDLE", "SOAP")
    assert "a supervisor approves by rule 1" in run(shop, *approve)
    assert (level(shop[0]), level(shop[0], "SOAP")) == ((8, 0), (9, 1))


def test_the_words_of_a_service_are_mapped(shop: tuple[Database, Path]) -> None:
    assert "is own-van express" in run(shop, "conflict", "service", "shop", "Express", "own-van", "express")
    assert "there is no carrier 'pigeon'" in run(shop, "conflict", "service", "shop", "Slow", "pigeon", "x", code=2)
