"""Every example in deploy/ is read by the program it is for, so that it stays true."""

import configparser
import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from scanners.sources import open_source
from server.config import ServerConfig, load_config
from server.usecases.starting.setup_plan import SetupPlan, read_plan
from station import config as station_config

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_server_example_shows_every_setting_and_is_taken() -> None:
    shown = DEPLOY / "server.example.toml"
    load_config(shown)
    assert set(tomllib.loads(shown.read_text())) == {f.name for f in dataclasses.fields(ServerConfig)}


def test_what_the_server_example_calls_default_is_the_default() -> None:
    shown, default = load_config(DEPLOY / "server.example.toml"), ServerConfig()
    assert dataclasses.replace(shown, data_dir=default.data_dir) == default


def test_the_compose_example_is_taken_and_leaves_the_worker_to_its_own_service() -> None:
    config = load_config(DEPLOY / "compose.server.toml")
    assert not config.worker
    assert config.url.startswith("https://")
    assert config.database_url.startswith("postgresql://")


def test_the_station_example_is_taken_and_its_scanners_can_be_opened() -> None:
    config = station_config.load(DEPLOY / "station.example.toml")
    assert config.printers[0].target.startswith("tcp:")
    assert [open_source(spec).kind for spec in config.scanners] == ["serial", "evdev"]


def test_the_setup_example_shows_every_part_of_a_plan() -> None:
    path = DEPLOY / "setup.example.toml"
    assert read_plan(path).site.time_zone == "America/Los_Angeles"
    assert set(tomllib.loads(path.read_text())) == {f.name for f in dataclasses.fields(SetupPlan)}


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda p: str(p.name))
def test_a_unit_runs_a_command_that_exists_and_is_not_root(unit: Path) -> None:
    from server.cli.group import SECTIONS

    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    service = parser["Service"]
    command = re.fullmatch(
        r"/opt/packproof/bin/packproof (\w+) --config /etc/packproof/\w+\.toml", service["ExecStart"]
    )
    assert command is not None
    assert command[1] in SECTIONS["Run it"]
    assert service["User"] not in ("", "root")
    assert service["NoNewPrivileges"] == "yes"


def test_the_udev_rule_gives_scanners_to_a_group_and_not_to_the_world() -> None:
    rules = [
        line
        for line in (DEPLOY / "udev" / "99-packproof.rules").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules
    for rule in rules:
        parts = [part.strip() for part in rule.split(",")]
        assert all(re.fullmatch(r'[A-Z]+(\{\w+\})?(==|=|\+=)"[^"]*"', part) for part in parts), rule
        assert any(part.startswith("ATTRS{idVendor}==") for part in parts), rule
        assert not any(part.startswith("MODE=") and not part.endswith('0"') for part in parts), rule
