"""`packproof report`: what the scans of a time tell."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("report", short_help="Errors by stage and channel, and what they would have cost.")
def report_command() -> None:
    """What the scans of a time tell."""


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
