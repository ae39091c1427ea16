"""`packproof reorder`: what to order, the least days of cover first."""

import json
from pathlib import Path

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator


@click.group("reorder", invoke_without_command=True, short_help="What to order, the least days of cover first.")
@click.option("--site", default="", help="The levels of one site; without it, over all sites.")
@click.option(
    "--soon", type=click.IntRange(0, 365), default=7, show_default=True, help="What is low within so many days."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@config_option
@click.pass_context
def reorder_command(ctx: click.Context, config: Path | None, site: str, soon: int, as_json: bool) -> None:
    """List what is below its threshold or will be soon. threshold = velocity x lead time + safety; the velocity is what
    was shipped over the last 28 days on which there was stock, computed each morning.

    \b
    Examples:
      packproof reorder
      packproof reorder --site EAST --soon 14
    """
    if ctx.invoked_subcommand:
        return
    from server.usecases.masterdata import reorder

    with opened(config) as db, db.read() as connection:
        listed = reorder.reorder(connection, db.now(), site=site, soon_days=soon)
    for level in listed:
        if as_json:
            click.echo(json.dumps(reorder.told(level)))
            continue
        cover = "-" if level.cover_days is None else f"{level.cover_days:.1f} d"
        owed = f"  ({level.inbound} on the way)" if level.inbound else ""
        counted = f"{cover:>8} {level.available:>7} available, wants {level.wanted}"
        click.echo(f"{columns((level.sku, 24)):<24} {counted}: {level.threshold.formula}{owed}")
    if not listed:
        click.echo("nothing is low", err=True)


@reorder_command.command("set", short_help="Lead time and safety stock of a product.")
@click.argument("sku")
@click.option("--lead-days", type=click.FloatRange(0, 730), help="Days from an order to the supplier's delivery.")
@click.option("--site", default="", help="Where the safety stock lies.")
@click.option("--safety", type=click.IntRange(0, 10**9), help="Units at this site that should never be touched.")
@config_option
def set_command(config: Path | None, sku: str, lead_days: float | None, site: str, safety: int | None) -> None:
    """Say how a product is replenished; the thresholds that follow are shown and watched at once.

    \b
    Example:
      packproof reorder set CANDLE --lead-days 10 --site EAST --safety 20
    """
    from server.usecases.masterdata.lowstock import set_supply

    with opened(config) as db:
        levels = set_supply(db, operator(), sku, lead_days=lead_days, site=site, safety=safety)
    for level in levels:
        click.echo(columns((level.site or "all sites", 16), (level.threshold.formula, 0)))


@reorder_command.command("morning", short_help="Compute the velocities now.")
@config_option
def morning_command(config: Path | None) -> None:
    """Do now what the server does each morning: velocities from the ledger, alerts, and the list of the day."""
    from server.usecases.masterdata.reorder import morning

    with opened(config) as db:
        listed = morning(db)
    click.echo(f"{len(listed)} on the list", err=True)
