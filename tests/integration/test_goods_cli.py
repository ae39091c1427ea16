"""Goods at the terminal: the same use cases, one sentence or one JSON line each."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli.group import packproof
from server.db.transaction import Database
from tests.book import sell
from tests.goods import counters, open_goods

Run = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path, sqlite_db: Database) -> tuple[Database, Run]:
    """A book on disk and a terminal beside it."""
    open_goods(sqlite_db)
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"')

    def run(*words: str) -> Result:
        return CliRunner().invoke(packproof, [*words, "--config", str(config)], prog_name="packproof")

    return sqlite_db, run


def test_goods_are_received_counted_and_written_off(shop: tuple[Database, Run]) -> None:
    db, run = shop
    assert "received at EAST: MUG=5 SOAP=1" in run("receive", "goods", "EAST", "MUG=5", "SOAP=1").output.replace(
        ",", ""
    )
    told = run("receive", "lot", "EAST", "CREAM=4", "--lot", "B1", "--expires", "2199-03-31", "--json").stdout
    assert json.loads(told)["lines"] == [{"sku": "CREAM", "lot": "B1", "expires_on": "2199-03-31", "units": 4}]
    last = sell(db, "S-1", ("MUG", 9)).order
    counted = run("count", "EAST", "MUG=7", "--reason", "looked short")
    assert counted.stdout == "MUG at EAST: 9 in the book before, 7 now\n"
    assert f"gave way: order {last}" in counted.stderr
    assert run("stock", "damage", "EAST", "MUG=2", "--reason", "dropped").exit_code == 0
    assert counters(db, "MUG")[:2] == (5, 0)
    refused = run("receive", "lot", "EAST", "CREAM=1")
    assert (refused.exit_code, refused.stderr) == (2, "packproof: CREAM is kept by lot: scan or type its lot\n")
    assert "expected SKU=UNITS, found 'MUG'" in run("receive", "goods", "EAST", "MUG").stderr


def test_a_transfer_is_planned_sent_and_closed_with_its_loss(shop: tuple[Database, Run]) -> None:
    db, run = shop
    number = str(json.loads(run("transfer", "plan", "EAST", "WEST", "CANDLE=6", "--json").stdout)["transfer"])
    for words in (("out", number, "CANDLE=6"), ("depart", number), ("in", number, "CANDLE=5")):
        assert run("transfer", *words).exit_code == 0
    assert "EAST to WEST  on the way" in run("transfer", "list").stdout
    assert "lost 1" in run("transfer", "close", number).stdout
    assert run("transfer", "list").stderr == "nothing is being moved\n"
    assert (counters(db, "CANDLE")[0], counters(db, "CANDLE", "WEST")[0]) == (4, 5)


def test_a_kit_is_defined_built_shown_and_taken_apart(shop: tuple[Database, Run]) -> None:
    db, run = shop
    assert run("kit", "define", "SPA", "CANDLE=2", "SOAP=1").stdout == "SPA version 1\n"
    assert run("kit", "list").stdout == "SPA version 1: 2 x CANDLE, 1 x SOAP\n"
    assert run("kit", "build", "EAST", "SPA=2").exit_code == 0
    [node] = [json.loads(line) for line in run("stock", "show", "SPA", "--json").stdout.splitlines()]
    assert (node["on_hand"], node["sellable"]) == (2, 5)
    assert run("kit", "unbuild", "EAST", "SPA=2").exit_code == 0
    assert run("stock", "safety", "EAST", "SOAP=20").exit_code == 0
    assert "below safety" in run("stock", "show", "SOAP").stdout
    assert counters(db, "CANDLE")[0] == 10
    assert run("kit", "retire", "SPA").exit_code == 0
    assert run("kit", "list").stderr == "there are no kits\n"
