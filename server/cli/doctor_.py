"""`packproof doctor`: what this machine can see, and what to do about it."""

import json
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import click

from server.cli.finding import Finding
from server.cli.opening import config_option
from server.cli.refusal import one_line


class _Doctor(click.Group):
    """Commands that look closer at one device; each is loaded when it is asked for."""

    closer: ClassVar[dict[str, str]] = {
        "scanner": "server.cli.doctor_scanner",
        "scale": "server.cli.doctor_scale",
        "sound": "server.cli.doctor_sound",
        "printer": "server.cli.doctor_printer",
    }
    """Command NAME is the attribute NAME_command of its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for help."""
        del ctx
        return list(self.closer)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        del ctx
        if cmd_name not in self.closer:
            return None
        found: click.Command = getattr(import_module(self.closer[cmd_name]), f"{cmd_name}_command")
        return found


@click.group(
    "doctor",
    cls=_Doctor,
    invoke_without_command=True,
    short_help="What this machine can see: devices, server, database, clock.",
)
@config_option
@click.option(
    "--station", "station_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="station.toml"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def doctor_command(ctx: click.Context, config: Path | None, station_file: Path | None, as_json: bool) -> None:
    """Say what this machine can see: scanners, printers, server, database, clock; and what to do about each.

    ✓ is well, ! is worth a look, ✗ must be mended; with a ✗ the exit code is 1. Nothing is changed.

    \b
    Examples:
      packproof doctor
      packproof doctor --station /etc/packproof/station.toml
      packproof doctor --json
      packproof doctor scanner
      packproof doctor scale hid:0922:8003
      packproof doctor sound "Bench 3"
      packproof doctor printer tcp:192.0.2.10:9100
    """
    if ctx.invoked_subcommand is not None:
        return
    bad = False
    for finding in findings(config, _table(station_file)):
        bad = bad or finding.mark == "bad"
        click.echo(json.dumps(finding.facts()) if as_json else "\n".join(map(_clean, finding.line().split("\n"))))
    ctx.exit(1 if bad else 0)


def findings(config: Path | None, station: dict[str, Any]) -> Iterator[Finding]:
    """Everything, from the machine outwards."""
    from server.cli import checks_devices, checks_machine, checks_printers, checks_scale, checks_service
    from server.config import load_config

    settings = load_config(config)
    yield from checks_machine.machine()
    yield from checks_devices.scanners(station)
    yield from checks_printers.printers(station)
    yield from checks_scale.scales(station)
    yield from checks_service.server(settings, station)
    yield from checks_service.database(settings)


def _table(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error


def _clean(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    head, body = line[:17].ljust(17), line[17:]
    return f"{indent}{one_line(line)}" if indent else f"{head}{one_line(body)}".rstrip()
