"""`packproof channels`: places that sell; how it goes with each, and every lever on them."""

import json
from pathlib import Path

import click

from server.cli import channels_connect, channels_money, channels_run
from server.cli.opening import config_option, opened, operator


@click.group("channels", invoke_without_command=True, short_help="Sales channels: health, connect, go live, levers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@config_option
@click.pass_context
def channels_command(ctx: click.Context, config: Path | None, as_json: bool) -> None:
    """Show how it goes with each channel: state, last order, last push, lag, what waits, what to do.

    A channel that is late, failing or denied is tried again by itself for as long as it takes; nothing is lost.

    \b
    Examples:
      packproof channels
      packproof channels add shopify --settings shopify.toml
      packproof channels throttle etsy 50
    """
    if ctx.invoked_subcommand:
        return
    from server.cli.channels_text import health_lines, health_shown
    from server.usecases.talking.health import health

    with opened(config) as db, db.read() as connection:
        now = db.now()
        found = health(connection, now)
    if as_json:
        for each in found:
            click.echo(json.dumps(health_shown(each)))
    elif found:
        click.echo("\n".join(health_lines(found, now)))
    else:
        click.echo("no channel yet; `packproof channels add KIND` connects one", err=True)


@channels_command.command("list", short_help="All channels.")
@config_option
def list_command(config: Path | None) -> None:
    """List the channels: code, kind, name, state, and where each is told."""
    from server.channels import platform_of
    from server.cli.columns import columns
    from server.db import sites

    with opened(config) as db, db.read() as connection:
        for row in sites.channels(connection, active_only=False):
            platform = platform_of(row.kind)
            told = platform.NAME if platform else row.settings.get("webhook_url") or "is told nothing"
            state = "active" if row.active else "paused"
            click.echo(columns((row.code, 16), (row.kind, 12), (state, 7), (row.name, 28), (told, 0)))


@channels_command.command("fee", short_help="What it keeps of a price, in per cent.")
@click.argument("code")
@click.argument("percent", type=click.FloatRange(0, 100))
@config_option
def fee_command(config: Path | None, code: str, percent: float) -> None:
    """Say what a channel keeps of each price. Dynamic buffers weigh the margin that is left on it.

    \b
    Example:
      packproof channels fee amazon 15
    """
    from server.usecases.sales.policies import set_fee

    with opened(config) as db:
        set_fee(db, operator(), code, percent)
    click.echo(f"{code} keeps {percent:g} % of a price", err=True)


@channels_command.command("life", short_help="How long goods must still be good.")
@click.argument("code")
@click.argument("days", type=click.IntRange(-1, 3650))
@config_option
def life_command(config: Path | None, code: str, days: int) -> None:
    """Say for how many DAYS goods with an expiry date must still be good when they are packed for this channel. Where
    the product says so too, the longer counts. -1 forgets it: then they must be good until the order is delivered.

    \b
    Example:
      packproof channels life amazon 90
    """
    from server.usecases.sales.policies import set_life

    with opened(config) as db:
        set_life(db, operator(), code, days)
    told = f"{days} days" if days >= 0 else "until the order is delivered"
    click.echo(f"{code}: goods must be good {told}", err=True)


for _command in (*channels_connect.COMMANDS, *channels_run.COMMANDS, *channels_money.COMMANDS):
    channels_command.add_command(_command)
