"""`packproof report`: what a day, a launch or the scans of a time tell."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from server.cli import report_tracking
from server.cli.opening import config_option, opened, operator
from server.cli.report_handoff import handoff_command
from server.cli.report_savings import savings_command

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("report", short_help="Errors by stage, exceptions of a day, how a launch goes, exposure.")
def report_command() -> None:
    """What a day, a launch or the scans of a time tell."""


report_command.add_command(savings_command)
report_command.add_command(handoff_command)


@report_command.command("errors", short_help="Errors by stage, caught and worth.")
@click.option("--from", "first", type=_DAY, help="First day, by this machine's clock; 30 days ago without it.")
@click.option("--to", "last", type=_DAY, help="Last day; today without it.")
@config_option
def errors_command(config: Path | None, first: datetime | None, last: datetime | None) -> None:
    """Errors for each channel by the stage they were made at, and what those that were caught would have cost.

    Benches that only warn catch nothing: what they would have stopped is told apart.

    \b
    Example:
      packproof report errors --from 2026-03-01 --to 2026-03-31
    """
    from server.cli.columns import columns
    from server.usecases.overview.errors import read_errors

    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    begin = (first or today - timedelta(days=30)).timestamp()
    end = ((last or today) + timedelta(days=1)).timestamp()
    with opened(config) as db:
        report = read_errors(db, begin, end)
    for channel in report:
        click.echo(f"{channel.channel}: {channel.good} good scans")
        for each in channel.errors:
            what = each.reason.value.replace("_", " ")
            click.echo(columns(("", 1), (each.stage.value, 10), (what, 24), (each.scans, 8)))
        click.echo(f"  caught {channel.caught} x {channel.cost} = {channel.saved}")
        if channel.warned:
            click.echo(f"  only warned of {channel.warned}: a bench that blocks would have caught them")
    if not report:
        click.echo("no scans in this time")


@report_command.command("cost", short_help="What one wrong parcel costs.")
@click.argument("amount")
@click.option("--channel", default="", help="Only for this channel.")
@config_option
def cost_command(config: Path | None, amount: str, channel: str) -> None:
    """Set what one wrong parcel costs, return and replacement and all; 25 until it is set.

    \b
    Examples:
      packproof report cost 40
      packproof report cost 55 --channel amazon
    """
    from server.usecases.overview.errors import set_cost

    with opened(config) as db:
        cost = set_cost(db, operator(), amount, channel)
    click.echo(f"a wrong parcel costs {cost}{f' on {channel}' if channel else ''}")


@report_command.command("exceptions", short_help="What did not agree on a day, and why.")
@click.option("--day", type=_DAY, help="By the first site's clock; today so far without it.")
@click.option("--csv", "as_csv", is_flag=True, help="Every row as CSV, the section first.")
@config_option
def exceptions_command(config: Path | None, day: datetime | None, as_csv: bool) -> None:
    """Numbers that differed by channel, places that differed, and promises without stock.

    It is made every night for the day before, also when there is nothing to tell.

    \b
    Examples:
      packproof report exceptions
      packproof report exceptions --day 2026-11-21 --csv
    """
    from server.cli.exceptions_text import csv_of, lines_of
    from server.usecases.overview.exceptions import exceptions

    with opened(config) as db:
        report = exceptions(db, day.date() if day else None)
    for line in csv_of(report) if as_csv else lines_of(report):
        click.echo(line)


@report_command.command("launch", short_help="Promised, sold and shipped since a channel began.")
@click.argument("channel")
@click.option("--from", "first", type=_DAY, help="First day, by this machine's clock; 14 days ago without it.")
@config_option
def launch_command(config: Path | None, channel: str, first: datetime | None) -> None:
    """What a channel was promised, what it sold of it and what has left, by product family and warehouse.

    \b
    Example:
      packproof report launch etsy --from 2026-11-01
    """
    from server.cli.exceptions_text import launch_lines
    from server.usecases.overview.exceptions import launch_report

    begin = first or datetime.now().astimezone() - timedelta(days=14)
    with opened(config) as db, db.read() as connection:
        report = launch_report(connection, channel, begin.timestamp(), db.now())
    for line in launch_lines(report):
        click.echo(line)


@report_command.command("exposure", short_help="For how long channels showed old numbers.")
@config_option
def exposure_command(config: Path | None) -> None:
    """Seconds from an event to the accepted push by channel, over a day and over 30, and shipments told and not.

    \b
    Example:
      packproof report exposure
    """
    from server.cli.exceptions_text import exposure_lines
    from server.db import sites
    from server.db.exposure import DAY, exposure, shipments

    with opened(config) as db, db.read() as connection:
        names = {row.id: row.code for row in sites.channels(connection, active_only=False)}
        found, told = exposure(connection, db.now()), shipments(connection, db.now() - 30 * DAY)
    for line in exposure_lines(names, found, told):
        click.echo(line)


for _command in report_tracking.COMMANDS:
    report_command.add_command(_command)
