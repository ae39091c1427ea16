"""`packproof doctor scale`: what the scale says, live."""

from pathlib import Path

import click

from scanners.scales.reading import Reading
from server.cli.data_file import read_data
from server.cli.refusal import one_line


@click.command("scale", short_help="Show what the scale says, for a few seconds.")
@click.argument("spec", required=False)
@click.option(
    "--station", "station_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="station.toml"
)
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=5.0, show_default=True, help="For how long.")
@click.pass_context
def scale_command(ctx: click.Context, spec: str | None, station_file: Path | None, seconds: float) -> None:
    """Show what the scale says, for a few seconds: put something on it meanwhile.

    SPEC is PROTOCOL:PORT as in station.toml. PROTOCOL: mt-sics, nci, ohaus; PORT: serial:PATH (?baud=9600&form=7e1)
    or tcp:HOST:PORT. A USB scale is hid:MAKER:PRODUCT, which `packproof doctor` lists.

    \b
    Examples:
      packproof doctor scale mt-sics:serial:/dev/ttyUSB0
      packproof doctor scale nci:serial:/dev/ttyUSB0?form=7e1
      packproof doctor scale hid:0922:8003
      packproof doctor scale --station /etc/packproof/station.toml
    """
    from server.cli.checks_scale import configured, words

    spec = spec or _of(station_file)
    if not spec:
        raise click.UsageError('expected a scale such as hid:0922:8003, or --station with [scale] source = "..."')
    last = ""

    def told(reading: Reading) -> None:
        nonlocal last
        said = words(reading)
        if said != last:
            last = said
            click.echo(f"  {said}")

    finding = configured(spec, seconds, told=told)
    click.echo("\n".join(one_line(line) if not line.startswith(" ") else line for line in finding.line().split("\n")))
    ctx.exit(1 if finding.mark == "bad" else 0)


def _of(path: Path | None) -> str:
    return str(read_data(path).get("scale", {}).get("source", "")) if path else ""
