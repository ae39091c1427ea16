"""Allocation from the terminal and over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from server.app import create_app
from server.cli.group import packproof
from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Database
from server.domain.people import Role
from server.usecases.staff.people import add_person, sign_in
from tests.book import BOSS, count_rows, open_book, serving

PLAN = """
[[plan]]
sku = "CANDLE"
hold_back = 5
[plan.channels.shop]
share = 30
[plan.channels.shop2]
share = 15
"""


@pytest.fixture
def db(tmp_path: Path, sqlite_db: Database) -> Database:
    """A book with fifty candles and three channels, in a folder a command can be pointed at."""
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\nworker = false\n')
    (tmp_path / "plan.toml").write_text(PLAN)
    open_book(sqlite_db, candles=50, channels=3)
    return sqlite_db


def run(folder: Path, *words: str) -> Result:
    """`packproof allocate ...`."""
    return CliRunner().invoke(packproof, ["allocate", *words, "--config", str(folder / "server.toml")])


def test_a_dry_run_of_a_plan_shows_every_channel_before_and_after(db: Database, tmp_path: Path) -> None:
    answer = run(tmp_path, "plan", str(tmp_path / "plan.toml"), "--dry-run")
    assert (answer.exit_code, answer.stderr) == (0, "nothing was changed\n")
    assert answer.stdout.splitlines() == [
        "begins: hold back 5 units of CANDLE for every channel",
        "begins: share 30 units of CANDLE for shop",
        "begins: share 15 units of CANDLE for shop2",
        "CANDLE: shop 50 -> 30, shop2 50 -> 15, shop3 50 -> 0",
    ]
    assert count_rows(db, tables.allocation_rule) == 0


def test_a_plan_too_large_is_refused_in_one_sentence_unless_it_may_be(db: Database, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(f"{PLAN}[plan.channels.shop3]\nshare = 10\n")
    refused = run(tmp_path, "plan", str(tmp_path / "plan.toml"))
    assert refused.exit_code == 2
    assert refused.stderr == (
        "packproof: the plan for CANDLE takes 60 (held back 5 + shop 30 + shop2 15 + shop3 10) of 50: 10 too many."
        " Take less, or allow over-allocation\n"
    )
    taken = run(tmp_path, "plan", str(tmp_path / "plan.toml"), "--over-allocate")
    assert taken.exit_code == 0
    assert "over:   the plan for CANDLE takes 60" in taken.stdout


def test_rules_are_set_shown_explained_and_ended(db: Database, tmp_path: Path) -> None:
    assert run(tmp_path, "show").stderr == "no rules: every channel is shown what is available\n"
    made = run(tmp_path, "set", "buffer", "10 %", "--all", "--reason", "season")
    assert made.stdout.splitlines()[:2] == [
        "begins: buffer 10 % of every product for every channel",
        "CANDLE: shop 50 -> 45, shop2 50 -> 45, shop3 50 -> 45",
    ]
    assert "1  buffer 10 % of every product for every channel  (cli:" in run(tmp_path, "show").stdout
    shown = run(tmp_path, "show", "CANDLE").stdout.splitlines()
    assert shown[0] == "CANDLE: 50 available"
    assert "-5      rule 1 buffer by cli:" in shown[2]
    assert "safety buffer of 10 % of 50" in shown[2]
    [candle, soap] = [json.loads(line) for line in run(tmp_path, "withheld", "--json").stdout.splitlines()]
    assert (candle["sku"], candle["units"], candle["channels"]) == ("CANDLE", 5, ["shop", "shop2", "shop3"])
    assert soap["sentence"] == "safety buffer of 10 % of 10"
    assert "1 buffer by" in run(tmp_path, "withheld", "SOAP").stdout
    assert "ends:   buffer 10 %" in run(tmp_path, "end", "1").stdout
    assert run(tmp_path, "withheld").stdout == ""


def test_every_kind_of_rule_can_be_set_from_the_terminal(db: Database, tmp_path: Path) -> None:
    on = ("--sku", "CANDLE", "--channel", "shop")
    for words in (
        ("share", "30"),
        ("reserve", "12.5 %"),
        ("equal",),
        ("shared",),
        ("cap", "9"),
        ("withdraw", "3"),
        ("dynamic", "--least", "2", "--most", "9"),
    ):
        answer = run(tmp_path, "set", *words, *on)
        assert answer.exit_code == 0, answer.output
    assert run(tmp_path, "set", "hold_back", "5", "--sku", "CANDLE", "--from", "2030-01-01").exit_code == 0
    assert len(run(tmp_path, "show", "--json").stdout.splitlines()) == 5
    assert run(tmp_path, "restart", "--sku", "CANDLE").exit_code == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("set", "buffer", "5"), "expected one of --sku, --group and --all"),
        (("set", "buffer", "5", "--all", "--sku", "CANDLE"), "expected one of --sku, --group and --all"),
        (("set", "share", "5", "--sku", "CANDLE", "--channel", "moon"), "there is no channel 'moon'"),
        (("end", "77"), "there is no rule 77"),
        (("show", "LAMP"), "there is no product 'LAMP'"),
    ],
)
def test_what_makes_no_sense_is_refused(db: Database, tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    answer = run(tmp_path, *words)
    assert answer.exit_code == 2
    assert expected in answer.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[plan]]\nskew = 1", "unknown field `skew`"),
        ("[[plan]\n", "the plan:"),
        ("", "missing required field `plan`"),
        ("[[plan]]\n[plan.channels.shop]\nshare = 1\nequal = true", "expected one of share, reserve, equal and shared"),
        ("[[plan]]\nbuffer = 1\n[[plan]]\nbuffer = 2", "expected one plan for each scope"),
    ],
)
def test_a_plan_that_cannot_be_read_names_what_is_wrong(db: Database, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    answer = run(tmp_path, "plan", str(tmp_path / "plan.toml"))
    assert answer.exit_code == 2
    assert expected in answer.stderr


@pytest.fixture
def http(db: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """The whole service without its worker."""
    with serving(create_app(ServerConfig(data_dir=tmp_path, worker=False), db)) as client:
        yield client


def signed_in(http: httpx.Client, db: Database, role: Role) -> None:
    add_person(db, BOSS, role.value.title(), [role], login=role.value, password="correct horse")
    http.headers["authorization"] = f"Bearer {sign_in(db, role.value, 'correct horse')}"


def test_a_supervisor_plans_over_http(db: Database, http: httpx.Client) -> None:
    signed_in(http, db, Role.SUPERVISOR)
    plan = {"plan": [{"sku": "CANDLE", "channels": {"shop": {"share": 30}, "shop2": {"cap": "10 %"}}}]}
    tried = http.post("/api/allocation/plan", json=plan | {"dry_run": True}).json()
    assert [(c["channel"], c["before"], c["after"]["units"]) for c in tried["changes"]] == [
        ("shop", 50, 30),
        ("shop2", 50, 5),
        ("shop3", 50, 20),
    ]
    assert http.get("/api/allocation").json() == {"rules": []}
    assert http.post("/api/allocation/plan", json=plan).status_code == 200
    assert [rule["says"] for rule in http.get("/api/allocation").json()["rules"]] == [
        "share 30 units of CANDLE for shop",
        "cap 10 % of CANDLE for shop2",
    ]
    sku = http.get("/api/allocation/skus/CANDLE").json()
    assert (sku["available"], sku["channels"]["shop3"]["units"]) == (50, 20)
    lines = http.get("/api/allocation/withheld", params={"sku": "CANDLE"}).json()["withheld"]
    assert {line["owner"] for line in lines} == {"Supervisor"}
    assert http.post("/api/allocation/restart", json={"sku": "CANDLE"}).status_code == 200
    made = http.post("/api/allocation/rules", json={"rule": {"kind": "buffer", "amount": "10 %"}}).json()
    ended = http.post("/api/allocation/end", json={"rules": [made["added"][0]["id"]]}).json()
    assert ended["ended"][0]["says"] == "buffer 10 % of every product for every channel"


def test_a_refusal_over_http_names_the_excess(db: Database, http: httpx.Client) -> None:
    signed_in(http, db, Role.SUPERVISOR)
    rule = {"kind": "share", "sku": "CANDLE", "channel": "shop", "amount": 60}
    refused = http.post("/api/allocation/rules", json={"rule": rule})
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["facts"]["excess"]) == ("over_allocated", 10)
    wrong: list[dict[str, object]] = [{"rules": []}, {"rules": [2**80]}, {"rules": "all"}]
    for body in wrong:
        assert http.post("/api/allocation/end", json=body).status_code in {400, 422}
    assert http.post("/api/allocation/restart", json={}).status_code == 422
    assert http.get("/api/allocation/skus/A/B").status_code == 404


@pytest.mark.parametrize("role", [Role.PACKER, Role.DOCK, Role.DESK])
def test_only_supervisors_may_look_or_plan(db: Database, http: httpx.Client, role: Role) -> None:
    signed_in(http, db, role)
    assert http.get("/api/allocation").status_code == 403
    assert http.post("/api/allocation/plan", json={"plan": [{"buffer": 1}]}).status_code == 403
