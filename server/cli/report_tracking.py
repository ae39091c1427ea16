"""Reports about parcels that left: what channels were told of them, and whether their carriers scanned them."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from server.cli.opening import config_option, opened

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("told", short_help="Parcels that left, and what each channel was told.")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="Labels of so many days.")
@config_option
def told_command(config: Path | None, days: int) -> None:
    """For each channel: when it is told, shipments confirmed, pending and failed, and every parcel by which told and
    left differ.

    \b
    Example:
      packproof report told
    """
    from server.cli.parcel_text import told_lines
    from server.usecases.tracking.figures import told_figures

    with opened(config) as db, db.read() as connection:
        found = told_figures(connection, db.now() - days * 86_400)
    for line in told_lines(found):
        click.echo(line)
    if not found:
        click.echo("no channel is told of shipments")


@click.command("scans", short_help="Parcels their carrier scanned within a day.")
@click.option("--from", "first", type=_DAY, help="First day, by this machine's clock; 30 days ago without it.")
@click.option("--to", "last", type=_DAY, help="Last day; today without it.")
@config_option
def scans_command(config: Path | None, first: datetime | None, last: datetime | None) -> None:
    """Share of handed over parcels with a scan of their carrier within 24 hours, by carrier and by packing bench.

    A carrier that falls wants a talk, a bench that falls a look at its labels. Carriers that never scan are left out.

    \b
    Example:
      packproof report scans --from 2026-11-01
    """
    from server.cli.parcel_text import compliance_lines
    from server.usecases.tracking.figures import compliance

    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    begin = (first or today - timedelta(days=30)).timestamp()
    end = ((last or today) + timedelta(days=1)).timestamp()
    with opened(config) as db, db.read() as connection:
        by_carrier, by_bench = compliance(connection, begin, end, db.now())
    for name, found in (("carrier", by_carrier), ("bench", by_bench)):
        if found:
            click.echo("\n".join((f"by {name}", *compliance_lines(found))))
    if not by_carrier:
        click.echo("no parcel of a carrier that scans was handed over in this time")


COMMANDS = (told_command, scans_command)
