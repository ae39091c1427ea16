"""Loads are planned, listed and printed at the terminal, and the report says how long orders took (HND-05)."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from tests.floor import Dock, Floor, one_engine
from tests.ready_parcels import ready


@pytest.fixture
def shell(floor: Floor, tmp_path: Path) -> "Shell":
    """A terminal at the floor's server."""
    config = tmp_path / "server.toml"
    config.write_text(f'database = "{floor.db.engine.url.render_as_string(hide_password=False)}"\n')
    return Shell(config)


class Shell:
    """Runs commands and gives back what they print."""

    def __init__(self, config: Path) -> None:
        self._config = config

    def run(self, *words: str) -> str:
        """The output of a command that went well."""
        result = CliRunner().invoke(packproof, [*words, "--config", str(self._config)])
        assert result.exit_code == 0, result.output
        return result.output


@one_engine
def test_a_load_is_planned_listed_and_its_code_printed(floor: Floor, shell: Shell, tmp_path: Path) -> None:
    parcel = ready(floor)
    said = shell.run(
        "load", "plan", "--site", "EAST", "--carrier", "own-van", "--trailer", "T7", "--order", parcel.number
    )
    assert "LOAD000001 is planned" in said
    assert all(word in shell.run("load", "list") for word in ("EAST", "LOAD000001", "planned", "T7"))
    sheet = tmp_path / "loads.pdf"
    assert "1 codes" in shell.run("load", "codes", str(sheet))
    assert sheet.read_bytes().startswith(b"%PDF")
    assert "1 parcels" in shell.run("load", "pallet", "340123450000000017", parcel.tracking)
    assert "dropped" in shell.run("load", "drop", "LOAD000001")
    assert "no load is planned" in shell.run("load", "list")
    assert "PICKUP" in shell.run("load", "dock-scan", "--site", "EAST", "no")


@one_engine
def test_the_report_tells_the_hours_to_handoff(floor: Floor, shell: Shell) -> None:
    assert "nothing was handed over" in shell.run("report", "handoff")
    bench = floor.bench("Dock 1")
    parcel = ready(floor)
    floor.set_order(parcel.number, received_at=floor.db.now() - 5 * 3600.0)
    dock = Dock.at(bench)
    dock.scan(parcel.tracking)
    bench.close_load(dock.load.load_id, 1)
    line = shell.run("report", "handoff").splitlines()[-1]
    assert line.split() == ["shop", "1", "5.0", "5.0", "0"]
