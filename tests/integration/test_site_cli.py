"""Sites at the terminal: added whole or not at all, changed, listed in the order in which they are asked for stock."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli.group import packproof
from server.db.transaction import Database
from server.usecases.starting.sites import add_site
from tests.book import BOSS

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_db: Database, tmp_path: Path) -> Run:
    """A terminal beside a book with the site EAST."""
    add_site(sqlite_db, BOSS, "EAST", "East house", time_zone="America/New_York")
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n')
    config = str(tmp_path / "server.toml")

    def run(*words: str) -> Result:
        return CliRunner().invoke(packproof, ["site", *words, "--config", config])

    return run


def listed(run: Run) -> dict[str, dict[str, object]]:
    rows = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    return {row.pop("code"): row for row in rows}


def test_a_site_is_added_with_everything_that_is_said_of_it(run: Run) -> None:
    told = ("--kind", "3pl", "--zone", "America/Chicago", "--rank", "2", "--capacity", "300", "--cut-off", "16:00")
    added = run("add", "DALLAS", "Dallas Fulfilment", *told, "--country", "US", "--postcode", "75201")
    assert added.stderr == "DALLAS is 3pl, active, at 32.790, -96.804\n"
    assert listed(run)["DALLAS"] == {
        "kind": "3pl",
        "time_zone": "America/Chicago",
        "capacity_per_day": 300,
        "cut_off": "16:00",
        "active": True,
        "name": "Dallas Fulfilment",
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--zone", "Mars/Base"), "expected a name like Europe/Berlin"),
        (("--cut-off", "25:00"), "cut-off: expected a time like 16:30, found '25:00'"),
        (("--capacity", "-1"), "capacity_per_day: expected a whole number from 0, found -1"),
        (("--country", "US", "--postcode", "nowhere"), "postcode 'nowhere' of 'US' is not known"),
    ],
)
def test_a_site_that_is_told_wrong_is_not_added_at_all(run: Run, wrong: tuple[str, ...], words: str) -> None:
    refused = run("add", "WEST", "West house", *wrong)
    assert (refused.exit_code, words in refused.stderr) == (2, True), refused.stderr
    assert list(listed(run)) == ["EAST"]


def test_what_is_not_named_stays_as_it_is(run: Run, tmp_path: Path) -> None:
    run("set", "EAST", "--capacity", "400", "--cut-off", "15:30")
    (tmp_path / "more.toml").write_text('open_days = [0, 1]\ncut_off = "12:00"\n')
    assert run("set", "EAST", str(tmp_path / "more.toml"), "--name", "Harbour", "--cut-off", "14:00").exit_code == 0
    east = listed(run)["EAST"]
    assert (east["capacity_per_day"], east["cut_off"], east["name"], east["kind"]) == (400, "14:00", "Harbour", "own")
    assert "there is no site 'NORTH'" in run("set", "NORTH", "--capacity", "1").stderr
    assert "name: expected 1 to 120 printable characters" in run("set", "EAST", "--name", "").stderr


def test_sites_are_listed_under_a_heading_in_the_order_in_which_they_are_asked(run: Run) -> None:
    run("add", "FIRST", "First house", "--rank", "-1")
    heading, *rows = run("list").stdout.splitlines()
    assert heading.split("  ")[0] == "CODE"
    assert [row.split()[0] for row in rows] == ["FIRST", "EAST"]
    assert rows[1].index("East house") == heading.index("NAME")
