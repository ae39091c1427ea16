"""`packproof station`: the program on a packing bench, as a process of its own."""

import os
import sys
from pathlib import Path

import click


@click.command("station", short_help="Open the packing station in this terminal.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="station.toml")
@click.option("--scanner", "scanners", multiple=True, metavar="SPEC", help="kind:address, may be given several times.")
@click.option("--join", metavar="CODE", help="Enrol this bench with its one-time join code first.")
def station_command(config: Path | None, scanners: tuple[str, ...], join: str | None) -> None:
    """Open the packing station in this terminal.

    The first start needs a join code, which `packproof setup` and `packproof bench join NAME` print. Without a
    scanner, codes are typed and ended with Enter. `packproof doctor` lists the scanners this machine can see.

    \b
    Examples:
      packproof station --join PPJ1.eyJ1Ijoi...
      packproof station --scanner serial:/dev/serial/by-id/usb-Zebra-if00
      packproof station --config /etc/packproof/station.toml
    """
    command = [sys.executable, "-m", "station"]
    command += ["--config", str(config)] if config else []
    command += [part for spec in scanners for part in ("--scanner", spec)]
    command += ["--join", join] if join else []
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606
