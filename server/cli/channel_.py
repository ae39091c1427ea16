"""`packproof channel`: places that sell."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.domain.errors import DomainError


@click.group("channel", short_help="Sales channels: add, list, fee, pause, resume.")
def channel_command() -> None:
    """Places that sell: their orders come in signed, and they are told of stock and shipments."""


@channel_command.command("add", short_help="A shop of your own that speaks the signed endpoint.")
@click.argument("code")
@click.argument("name")
@click.option("--webhook-url", default="", help="Where the shop is told of stock and shipments.")
@config_option
def add_command(*, config: Path | None, code: str, name: str, webhook_url: str) -> None:
    """Add a channel and print its signing secret, this once. Orders go to POST /channels/CODE/orders.

    \b
    Example:
      packproof channel add shop "Our web shop" --webhook-url https://shop.example/packproof
    """
    from server.config import load_config
    from server.usecases.starting.setup import new_channel_secret
    from server.usecases.starting.sites import add_channel

    secret = new_channel_secret()
    with opened(config) as db:
        add_channel(db, operator(), code, name, {"secret": secret, "webhook_url": webhook_url})
    click.echo(f"{name} sends its orders to {load_config(config).url}/channels/{code}/orders, signed with", err=True)
    click.echo(secret)


@channel_command.command("list", short_help="All channels.")
@config_option
def list_command(config: Path | None) -> None:
    """List the channels: code, kind, name, state, and where each is told."""
    from server.db import sites

    with opened(config) as db, db.read() as connection:
        for row in sites.channels(connection, active_only=False):
            told = row.settings.get("webhook_url") or "is told nothing"
            click.echo(f"{row.code:<16} {row.kind:<10} {'active' if row.active else 'paused':<7} {row.name:<28} {told}")


@channel_command.command("fee", short_help="What it keeps of a price, in per cent.")
@click.argument("code")
@click.argument("percent", type=click.FloatRange(0, 100))
@config_option
def fee_command(config: Path | None, code: str, percent: float) -> None:
    """Say what a channel keeps of each price. Dynamic buffers weigh the margin that is left on it.

    \b
    Example:
      packproof channel fee amazon 15
    """
    from server.usecases.sales.policies import set_fee

    with opened(config) as db:
        set_fee(db, operator(), code, percent)
    click.echo(f"{code} keeps {percent:g} % of a price", err=True)


@channel_command.command("life", short_help="How long goods must still be good.")
@click.argument("code")
@click.argument("days", type=click.IntRange(-1, 3650))
@config_option
def life_command(config: Path | None, code: str, days: int) -> None:
    """Say for how many DAYS goods with an expiry date must still be good when they are packed for this channel. Where
    the product says so too, the longer counts. -1 forgets it: then they must be good until the order is delivered.

    \b
    Example:
      packproof channel life amazon 90
    """
    from server.usecases.sales.policies import set_life

    with opened(config) as db:
        set_life(db, operator(), code, days)
    told = f"{days} days" if days >= 0 else "until the order is delivered"
    click.echo(f"{code}: goods must be good {told}", err=True)


@channel_command.command("pause", short_help="Tell it nothing, take nothing from it.")
@click.argument("code")
@config_option
def pause_command(config: Path | None, code: str) -> None:
    """Pause a channel: it is told nothing and its orders are refused until it is resumed."""
    _switch(config, code, active=False)
    click.echo(f"{code} is paused; `packproof channel resume {code}` takes it up again", err=True)


@channel_command.command("resume", short_help="Take a paused channel up again.")
@click.argument("code")
@config_option
def resume_command(config: Path | None, code: str) -> None:
    """Resume a paused channel; it is told every stock number afresh."""
    _switch(config, code, active=True)
    click.echo(f"{code} is active", err=True)


def _switch(config: Path | None, code: str, *, active: bool) -> None:
    from server.db import sites
    from server.usecases.starting.sites import change_channel

    with opened(config) as db:
        with db.read() as connection:
            row = sites.channel(connection, code)
        if row is None:
            raise DomainError("not_found", f"there is no channel {code!r}; `packproof channel list` shows all")
        change_channel(db, operator(), code, row.settings, active=active)
