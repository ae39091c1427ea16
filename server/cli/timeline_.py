"""`packproof timeline`: everything that happened to an order, a SKU, a parcel or the order of a serial number."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from server.cli.opening import config_option, opened
from server.cli.refusal import one_line


@click.command("timeline", short_help="Everything that happened to an order, SKU or parcel.")
@click.argument("ref", metavar="ORDER|SKU|PARCEL|SERIAL")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--ids", is_flag=True, help="With the event and the batch that committed it, as audit verify counts.")
@config_option
def timeline_command(config: Path | None, ref: str, as_json: bool, ids: bool) -> None:
    """Print everything that happened, in order, with who and where: arrival, stock, scans, label, load, channels.

    An order goes by its number or its id at the channel, a parcel by its id or tracking number. A serial number, or
    SKU:SERIAL where two products share one, leads to the order in whose box the unit is or left.

    \b
    Examples:
      packproof timeline 1043
      packproof timeline PV00000000017
      packproof timeline EUC16 --json
      packproof timeline PHONE:SN2
    """
    from server.usecases.record.timeline import ROWS_MAX, timeline

    with opened(config) as db, db.read() as connection:
        rows = timeline(connection, ref)
    for row in rows:
        if as_json:
            click.echo(json.dumps(asdict(row)))
            continue
        at = datetime.fromtimestamp(row.at).astimezone().isoformat(sep=" ", timespec="milliseconds")
        place = f"{f'{row.batch}/{row.event}' if row.event else '':<16} " if ids else ""
        click.echo(f"{place}{at}  {one_line(row.who):<18} {one_line(row.where):<12} {one_line(row.what)}")
    if len(rows) >= ROWS_MAX:
        click.echo(f"the newest {ROWS_MAX} of each kind; `packproof audit export` writes all of them", err=True)
