"""The catalogue and the reorder list over HTTP and on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from starlette.applications import Starlette

from server.cli.group import packproof
from server.config import ServerConfig
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.http import catalogue_api
from server.http.call import Services
from server.usecases.masterdata import drift
from server.usecases.masterdata.aliases import map_alias
from server.usecases.masterdata.catalogue import put_product
from tests.board_server import signed_in
from tests.book import BOSS, open_book, sell, serving, signed


@pytest.fixture
def client(db: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """The routes over a small book, called by a supervisor."""
    app = Starlette(routes=catalogue_api.ROUTES)
    app.state.services = Services(db, ServerConfig(data_dir=tmp_path))
    open_book(db)
    with serving(app) as client:
        client.headers["authorization"] = f"Bearer {signed_in(db, Role.SUPERVISOR)}"
        yield client


@pytest.fixture
def desk(client: httpx.Client, db: Database) -> httpx.Client:
    """The same, called by the order desk."""
    client.headers["authorization"] = f"Bearer {signed_in(db, Role.DESK, name='Dee')}"
    return client


def get(client: httpx.Client, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


def post(client: httpx.Client, path: str, body: object, status: int = 200) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_desk_teaches_a_word_and_sees_which_orders_went_on(db: Database, desk: httpx.Client) -> None:
    held = sell(db, "S-1", ("LAV", 1))
    done = post(desk, "/api/aliases", {"text": "LAV", "sku": "CANDLE", "channel": "shop"})
    assert done == {"changed": True, "settled": [{"order": held.order, "status": "ready"}]}
    refused = post(desk, "/api/aliases", {"text": "lav", "sku": "SOAP"}, 409)
    assert (refused["code"], refused["facts"]) == ("ambiguous_alias", {"sku": "CANDLE"})
    found = get(desk, "/api/find?text=LAV")["meanings"]
    assert found == [{"sku": "CANDLE", "by": "alias", "units": 1, "channel": "shop"}]
    assert post(desk, "/api/aliases/unmap", {"text": "LAV", "channel": "shop"}) == {"meant": "CANDLE"}
    assert get(desk, "/api/find?text=LAV") == {"meanings": []}
    assert [a["text"] for a in get(desk, "/api/products/CANDLE/master")["aliases"]] == []
    get(desk, "/api/products/GHOST/master", 404)


def test_gaps_of_every_channel_are_reported(client: httpx.Client) -> None:
    [shop] = get(client, "/api/readiness")["channels"]
    assert (shop["channel"], shop["products"], shop["ready"]) == ("shop", 3, 0)
    assert {"sku": "MUG", "kind": "gtin", "detail": "no GTIN"} in shop["gaps"]
    get(client, "/api/readiness?channel=ebay", 404)


def test_a_supervisor_groups_look_alikes(db: Database, client: httpx.Client) -> None:
    put_product(db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    told = post(client, "/api/look-alikes", {"group": "CANDLES", "skus": ["CANDLE", "C-ROSE"]})
    assert told == {"attributes": ["variant"], "says": {"CANDLE": "LAVENDER", "C-ROSE": "ROSE"}}


def test_supply_is_set_and_the_list_shows_the_formula(client: httpx.Client) -> None:
    [level] = post(client, "/api/products/CANDLE/supply", {"lead_days": 7, "site": "EAST", "safety": 12})["levels"]
    assert level["threshold"] == "0 a day x 7 days + 12 safety = 12"
    assert get(client, "/api/reorder")["levels"] == [level]
    assert get(client, "/api/reorder?site=EAST&soon=0")["levels"] == [level]
    for wrong in ("soon=-1", "soon=x", "soon=99999"):
        get(client, f"/api/reorder?{wrong}", 400)


def test_the_desk_may_not_change_supply_or_groups(desk: httpx.Client) -> None:
    post(desk, "/api/products/CANDLE/supply", {"lead_days": 7}, 403)
    post(desk, "/api/look-alikes", {"group": "X", "skus": []}, 403)


def test_a_channel_says_signed_what_it_holds_and_drift_is_listed(db: Database, client: httpx.Client) -> None:
    get(client, "/api/drift/shop", 404)
    for night, price in enumerate(("9.90", "8.90")):
        listing = {"id": "B1", "sku": "CANDLE", "price": price, "currency": "USD"}
        east = {"lines": ["1 Quay\x00"], "city": "Hull"}
        body = json.dumps({"listings": [listing], "ship_from": {"EAST": east}}).encode()
        assert client.post("/channels/shop/listings", content=body).status_code == 401
        answer = client.post("/channels/shop/listings", content=body, headers=signed(body, f"m-{night}"))
        assert answer.status_code == 200, answer.text
        drift.compare_all(db)
    [change] = get(client, "/api/drift/shop")["theirs"]
    assert (change["before"], change["after"]) == ("9.90 USD", "8.90 USD")


def test_a_statement_that_cannot_be_read_is_refused(client: httpx.Client) -> None:
    unreadable: list[object] = [
        {"listings": [{"id": 5}]},
        {"listings": [{"id": "", "sku": "A"}]},
        [],
        {"listings": "x"},
    ]
    for said in unreadable:
        body = json.dumps(said).encode()
        answer = client.post("/channels/shop/listings", content=body, headers=signed(body, "m"))
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.fixture
def config(sqlite_db: Database, tmp_path: Path) -> Path:
    """The settings of a program over a small book."""
    open_book(sqlite_db)
    path = tmp_path / "server.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    return path


def run(config: Path, *words: str) -> Result:
    result = CliRunner().invoke(packproof, [*words, "--config", str(config)], prog_name="packproof")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_words_are_taught_and_found_on_the_command_line(sqlite_db: Database, config: Path) -> None:
    held = sell(sqlite_db, "S-1", ("LAV", 1))
    assert run(config, "sku", "map", "LAV", "CANDLE", "--channel", "shop").stdout == f"{held.order}  ready\n"
    assert run(config, "sku", "find", "lav").stdout == "CANDLE  by alias on channel shop\n"
    assert run(config, "sku", "find", "4006381333931").stdout == "CANDLE  by barcode\n"
    refused = run(config, "sku", "map", "LAV", "SOAP")
    assert refused.exit_code == 2
    assert "on channel shop it means CANDLE already" in refused.stderr
    assert run(config, "sku", "aliases").stdout.split()[:4] == ["shop", "LAV", "sku", "CANDLE"]
    assert run(config, "sku", "unmap", "LAV", "--channel", "shop").exit_code == 0
    assert run(config, "sku", "find", "lav").exit_code == 1


def test_the_master_and_its_gaps_are_shown_on_the_command_line(config: Path) -> None:
    image = "https://cdn.example/c.jpg"
    run(config, "sku", "set", "CANDLE", "--image", image, "--attribute", "scent=lavender", "--lead-days", "9")
    shown = json.loads(run(config, "sku", "show", "CANDLE").stdout)
    assert (shown["images"], shown["attributes"], shown["lead_days"]) == ([image], {"scent": "lavender"}, 9.0)
    gaps = run(config, "sku", "ready", "shop", "--json")
    assert gaps.exit_code == 1
    assert {json.loads(line)["sku"] for line in gaps.stdout.splitlines()} == {"SOAP", "MUG"}
    assert json.loads(run(config, "sku", "needs", "shop", "--no-gtin", "--images", "0").stdout)["gtin"] is False
    assert run(config, "sku", "ready", "shop").exit_code == 0
    assert run(config, "sku", "set", "CANDLE", "--attribute", "scent").exit_code == 2


def test_look_alikes_are_grouped_on_the_command_line(sqlite_db: Database, config: Path) -> None:
    put_product(sqlite_db, BOSS, Product("C-ROSE", "Candle", "ROSE"), [])
    assert run(config, "sku", "alike", "--suggest").stdout.split() == ["candle", "C-ROSE", "CANDLE"]
    assert "LAVENDER" in run(config, "sku", "alike", "CANDLES", "CANDLE", "C-ROSE").stdout
    assert run(config, "sku", "alike").stdout.split() == ["CANDLES", "C-ROSE", "ROSE", "CANDLES", "CANDLE", "LAVENDER"]
    assert run(config, "sku", "unalike", "CANDLE").exit_code == 0


def test_drift_is_shown_on_the_command_line(sqlite_db: Database, config: Path) -> None:
    assert run(config, "sku", "drift", "shop").exit_code == 2
    map_alias(sqlite_db, BOSS, "B1", "SOAP")
    run(config, "sku", "drift", "shop", "--now")
    map_alias(sqlite_db, BOSS, "B2", "SOAP")
    shown = run(config, "sku", "drift", "shop", "--now")
    assert shown.stdout == "here     mapping of b2 appeared: SOAP (the boss)\n"


def test_the_reorder_list_is_shown_on_the_command_line(config: Path) -> None:
    assert run(config, "reorder").stdout == ""
    shown = run(config, "reorder", "set", "CANDLE", "--lead-days", "7", "--site", "EAST", "--safety", "12")
    assert shown.stdout.split(maxsplit=1) == ["EAST", "0 a day x 7 days + 12 safety = 12\n"]
    run(config, "reorder", "morning")
    [line] = run(config, "reorder", "--soon", "0").stdout.splitlines()
    assert line.split(maxsplit=2)[:2] == ["CANDLE", "-"]
    assert line.endswith("10 available, wants 4: 0 a day x 7 days + 12 safety = 12")
    assert json.loads(run(config, "reorder", "--json").stdout)["sku"] == "CANDLE"
