"""`packproof rates`: which carrier and service parcels take, by which rules, and why."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.data_file import FILE, read_data
from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.refusal import one_line
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from server.usecases.shipping.rate_rules import Trial

_PAST = click.option(
    "--past", default=200, show_default=True, type=click.IntRange(1, 5000), help="Of a dry run: so many past choices."
)
_DRY = click.option("--dry-run", is_flag=True, help="Change nothing; show what would have been different.")


@click.group("rates", short_help="Which carrier and service a parcel takes, and why.")
def rates_command() -> None:
    """The cheapest way that qualifies, for the channels that are switched on. Every change counts at once."""


@rates_command.command("rules", short_help="Show the rules, try new ones, or put them in force.")
@click.argument("file", type=FILE, required=False)
@_DRY
@_PAST
@click.option("--reason", default="", help="Why they change.")
@config_option
def rules_command(*, config: Path | None, file: Path | None, dry_run: bool, past: int, reason: str) -> None:
    """FILE is TOML or JSON with the whole rules; without it those in force are printed as JSON.

    \b
    Examples:
      packproof rates rules
      packproof rates rules new.toml --dry-run
      packproof rates rules new.toml --reason "no ground to Hawaii"
    """
    from server.usecases.shipping import rate_rules

    with opened(config) as db:
        if file is None:
            with db.read() as connection:
                version, rules = rate_rules.rules_in_force(connection)
            click.echo(f"version {version}", err=True)
            click.echo(json.dumps(rules, indent=2))
            return
        data = read_data(file)
        if dry_run:
            _show(rate_rules.try_rules(db, data, past))
            return
        version = rate_rules.set_rules(db, operator(), data, reason)
    click.echo(f"version {version} is in force", err=True)


@rates_command.command("channel", short_help="Switch a channel on or off, and say what it allows.")
@click.argument("code")
@click.argument("switch", type=click.Choice(["on", "off"]), required=False)
@click.option("--economy/--no-economy", default=None, help="Whether a buyer who paid for standard may get economy.")
@click.option("--expedite/--no-expedite", default=None, help="Whether the promised day may take a faster service.")
@click.option("--way", "ways", multiple=True, help="Only this CARRIER or CARRIER/SERVICE, and others named so.")
@click.option("--any-way", is_flag=True, help="All carriers and services again.")
@click.option("--default", "default", default=None, help="The account that savings are told against.")
@_DRY
@_PAST
@config_option
def channel_command(
    *,
    config: Path | None,
    code: str,
    switch: str | None,
    economy: bool | None,
    expedite: bool | None,
    ways: Sequence[str],
    any_way: bool,
    default: str | None,
    dry_run: bool,
    past: int,
) -> None:
    """Change what holds for the parcels of channel CODE; what is not named stays. Off is how every channel begins.

    \b
    Examples:
      packproof rates channel shop on --economy --default own-van
      packproof rates channel amazon on --way own-van --way city-bikes/standard --dry-run
      packproof rates channel shop off
    """
    from server.usecases.shipping import rate_rules

    said: dict[str, Any] = {"economy": economy, "expedite": expedite, "default": default}
    said["shop"] = switch == "on" if switch else None
    said["ways"] = [] if any_way else list(ways) or None
    changes = {key: value for key, value in said.items() if value is not None}
    if not changes:
        raise DomainError("invalid", "expected on, off or an option, found nothing to change")
    with opened(config) as db:
        if dry_run:
            _show(rate_rules.try_channel(db, code, changes, past))
            return
        version = rate_rules.set_channel(db, operator(), code, changes)
    click.echo(f"{one_line(code)}: version {version} is in force", err=True)


@rates_command.command("why", short_help="Why a parcel goes as it goes.")
@click.argument("order")
@config_option
def why_command(config: Path | None, order: str) -> None:
    """Print what was chosen for ORDER: the way, what was paid for, every offer with its verdict, and the saving."""
    from server.usecases.shipping.choosing import why

    with opened(config) as db:
        found = order_named(db, order)
        with db.read() as connection:
            lines = why(connection, found.id)
    for line in lines:
        click.echo(one_line(line))


def _show(trial: "Trial") -> None:
    from server.cli.columns import columns

    for each in trial.differences:
        click.echo(columns((each.order, 10), (each.before, 30), (f"-> {each.after}", 0)))
    click.echo(f"{len(trial.differences)} of {trial.decisions} parcels differ; nothing was changed", err=True)
