"""`packproof parcel`: where a parcel is, and everything it is linked to."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from server.cli.opening import config_option, opened


@click.command("parcel", short_help="Where a parcel is: order, goods, packer, load, journey.")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@config_option
def parcel_command(config: Path | None, number: str, as_json: bool) -> None:
    """Show what a tracking number stands for: order, channel, goods, place, promise, who packed and loaded it, what
    its channel was told, what its carrier says, and what is wrong.

    NUMBER is a tracking number, a parcel id, a longer barcode of a carrier's with the number inside, or the serial
    number of a unit (SKU:SERIAL where two products share one).

    \b
    Examples:
      packproof parcel PV00000000017
      packproof parcel PCL0000001 --json
    """
    from server.cli.parcel_text import story_lines
    from server.usecases.tracking.finding import story

    with opened(config) as db, db.read() as connection:
        found = story(connection, number)
    click.echo(json.dumps(asdict(found)) if as_json else "\n".join(story_lines(found)))
