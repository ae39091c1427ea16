"""Routing from outside: people over HTTP, operators at the terminal, a third party's file."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from server.app import create_app
from server.cli.group import packproof
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.call import Services
from server.usecases.benchwork.benches import add_bench
from server.usecases.routes.nodes import set_node
from server.usecases.routes.order_files import order_file
from server.usecases.staff import people
from tests.board_server import serving
from tests.book import BOSS, sell
from tests.routing_book import BOSTON, DENVER, open_nodes, ruled, stocked

PASSWORD = "correct horse"


@pytest.fixture
def http(services: Services) -> Iterator[httpx.Client]:
    """The service with the five nodes, somebody of each role, and some orders."""
    open_nodes(services.db)
    stocked(services.db, "CANDLE", EAST=9, WEST=9, DAL=9)
    sell(services.db, "S-1", ("CANDLE", 1), ship_to=BOSTON)
    for role in (Role.PACKER, Role.DESK, Role.SUPERVISOR):
        people.add_person(services.db, BOSS, role.value.title(), [role], login=role.value, password=PASSWORD)
    with serving(create_app(services.config, services.db)) as server, httpx.Client(base_url=server.url) as client:
        yield client


def as_(services: Services, role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {people.sign_in(services.db, role.value, PASSWORD)}"}


def test_a_packer_may_not_override_and_a_supervisor_may(http: httpx.Client, services: Services) -> None:
    body = {"site": "WEST", "reason": "EAST is snowed in"}
    for role in (Role.PACKER, Role.DESK):
        refused = http.post("/api/orders/1001/route", json=body, headers=as_(services, role))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    boss = as_(services, Role.SUPERVISOR)
    assert http.post("/api/orders/1001/route", json=body | {"reason": ""}, headers=boss).status_code == 409
    done = http.post("/api/orders/1001/route", json=body, headers=boss)
    assert (done.status_code, done.json()["from_site"], done.json()["to_site"]) == (200, "EAST", "WEST")
    shown = http.get("/api/orders/1001/routing", headers=as_(services, Role.DESK)).json()
    assert shown["why"][-1] == 'Supervisor sent it from EAST to WEST against "near": EAST is snowed in'
    assert shown["decision"]["scored"][0][:2] == [1, "chosen"]


def test_rules_are_tried_then_set_over_http(http: httpx.Client, services: Services) -> None:
    boss = as_(services, Role.SUPERVISOR)
    tried = http.put("/api/routing/rules", json={"rules": ruled("balance"), "dry_run": True}, headers=boss).json()
    assert (tried["orders"], tried["differences"]) == (1, [])
    assert http.get("/api/routing/rules", headers=boss).json()["version"] == 1
    assert http.put("/api/routing/rules", json={"rules": ruled("balance")}, headers=boss).json() == {"version": 2}
    wrong = http.put("/api/routing/rules", json={"rules": {"rules": [{"id": "a", "kind": "x"}]}}, headers=boss)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "bad_rule")
    assert http.put("/api/routing/channels/shop", json={"split": True}, headers=boss).json() == {"channel": "shop"}
    where = http.get("/api/routing/whereabouts", headers=boss).json()
    assert (where["received"], where["at_node"], where["lost"]) == (1, {"EAST": 1}, 0)
    assert http.get("/api/routing/exceptions", headers=boss).json() == {"orders": []}


def test_a_third_party_gets_its_orders_as_a_file_and_has_no_bench(db: Database) -> None:
    open_nodes(db)
    stocked(db, "CANDLE", DAL=9)
    taken = sell(db, "S-1", ("CANDLE", 2), ship_to=DENVER)
    [order] = order_file(db, BOSS, "DAL")
    assert (order["order"], order["lines"]) == (
        taken.order,
        [{"sku": "CANDLE", "name": "Candle", "quantity": 2}],
    )
    assert order["ship_to"]["postcode"] == "80202"
    assert order_file(db, BOSS, "DAL") == [order]
    with pytest.raises(DomainError, match="site EAST is own: it has no order file"):
        order_file(db, BOSS, "EAST")
    with pytest.raises(DomainError, match="site DAL is 3pl: it has no bench"):
        add_bench(db, BOSS, "Bench 1", "DAL")
    add_bench(db, BOSS, "Till", "CHI")
    with pytest.raises(DomainError, match="site CHI has 1 benches; revoke them"):
        set_node(db, BOSS, "CHI", {"kind": "3pl"})


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(packproof, ["route", *words, "--config", str(folder / "server.toml")])


def test_the_terminal_does_the_same(sqlite_db: Database, tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n')
    open_nodes(sqlite_db, rules="")
    stocked(sqlite_db, "CANDLE", EAST=9, WEST=9)
    rules, node = tmp_path / "rules.json", tmp_path / "west.toml"
    rules.write_text(json.dumps(ruled("nearest")))
    node.write_text('cut_off = "12:30"\nopen_days = [0, 1, 2]\n')
    sell(sqlite_db, "S-1", ("CANDLE", 1), ship_to=DENVER)
    tried = run(tmp_path, "rules", str(rules), "--dry-run")
    assert "1001       EAST by standard  ->  WEST by standard" in tried.output
    assert "1 of 1 orders differ" in tried.output
    assert "version 1 is in force" in run(tmp_path, "rules", str(rules), "--reason", "nearer").output
    sell(sqlite_db, "S-2", ("CANDLE", 1), ship_to=DENVER)
    assert "ships from WEST (1 CANDLE); rule version 1" in run(tmp_path, "why", "S-2").output
    sent = run(tmp_path, "send", "S-2", "EAST", "--reason", "the west is closed")
    assert sent.output == 'order 1002 goes from WEST to EAST, not by "near"\n'
    where = run(tmp_path, "where", "--waiting")
    assert where.exit_code == 0
    assert "received                                 2" in where.output
    assert "1 postcodes" in _postcodes(tmp_path).output
    assert run(tmp_path, "channel", "shop", "--split").output == "shop: orders may come in several parcels\n"
    assert run(tmp_path, "channel", "shop", "--no-split").output == "shop: orders come in one parcel\n"
    assert "found nothing to change" in run(tmp_path, "channel", "shop").output
    assert run(tmp_path, "review", "--after", "5").output.startswith("5 overrides of one rule within 30 days")
    assert run(tmp_path, "file", "DAL").output == ""
    bad = run(tmp_path, "rules", str(node))
    assert (bad.exit_code, "the rule set: expected bands, name, rules" in bad.output) == (2, True)


def _postcodes(folder: Path) -> Result:
    file = folder / "DE.txt"
    file.write_text("DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin\t11000\t52.5323\t13.3846\t4\n")
    return run(folder, "postcodes", str(file))
