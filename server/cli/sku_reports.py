"""What `packproof sku` reports: gaps before a launch, look-alikes, and what a channel changed by itself."""

import json
from pathlib import Path

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line
from server.domain.errors import DomainError

_JSON = click.option("--json", "as_json", is_flag=True, help="JSON.")


@click.command("ready", short_help="Every gap before a product can be sold on a channel.")
@click.argument("channel", default="")
@_JSON
@config_option
@click.pass_context
def ready_command(ctx: click.Context, config: Path | None, channel: str, as_json: bool) -> None:
    """List each gap: title, image, GTIN, variant, bundle. Without a channel, of all. The exit code is 1 with gaps.

    \b
    Example:
      packproof sku ready amazon
    """
    from dataclasses import asdict

    from server.usecases.masterdata.readiness import report

    with opened(config) as db, db.read() as connection:
        reports = report(connection, channel)
    for each in reports:
        for gap in each.gaps:
            line = columns((each.channel, 12), (gap.sku, 24), (gap.kind.value, 8), (gap.detail, 0))
            click.echo(json.dumps({"channel": each.channel, **asdict(gap)}) if as_json else line)
        click.echo(f"{each.channel}: {each.ready} of {each.products} products are ready", err=True)
    ctx.exit(1 if any(each.gaps for each in reports) else 0)


@click.command("needs", short_help="What a channel asks of a product.")
@click.argument("channel")
@click.option("--title-max", type=click.IntRange(1, 1000), help="Characters of a title.")
@click.option("--images", "images_min", type=click.IntRange(0, 20), help="Images at least.")
@click.option("--gtin/--no-gtin", default=None, help="Whether a GTIN is asked for.")
@click.option("--mapping/--no-mapping", default=None, help="Whether the channel must have a word of its own.")
@click.option("--attribute", "attributes", multiple=True, help="An attribute every product must have; all of them.")
@config_option
def needs_command(config: Path | None, channel: str, **asked: object) -> None:
    """Say what the readiness report asks on this channel; without options, show it."""
    from dataclasses import asdict

    from server.usecases.masterdata.readiness import set_needs

    changes = {name: value for name, value in asked.items() if value is not None and value != ()}
    with opened(config) as db:
        click.echo(json.dumps(asdict(set_needs(db, operator(), channel, changes))))


@click.command("alike", short_help="Group products that look alike; without arguments, list groups.")
@click.argument("group", default="")
@click.argument("skus", nargs=-1)
@click.option("--suggest", is_flag=True, help="Groups you may want: products of one name or family.")
@config_option
def alike_command(config: Path | None, group: str, skus: tuple[str, ...], suggest: bool) -> None:
    """Group products that look the same. Benches then ask for every unit of them and show what tells them apart.

    \b
    Examples:
      packproof sku alike --suggest
      packproof sku alike CANDLES C-LAV C-ROSE
    """
    from server.db import masters
    from server.usecases.masterdata import lookalikes

    with opened(config) as db:
        if group:
            told = lookalikes.group(db, operator(), group, skus)
            lines = [columns((sku, 24), (says, 0)) for sku, says in sorted(told.says.items())]
        else:
            with db.read() as connection:
                found = lookalikes.suggestions(connection) if suggest else {}
                grouped = () if suggest else masters.groups(connection)
            lines = [columns((name, 24), (" ".join(some), 0)) for name, some in found.items()]
            lines += [columns((row.look_alike, 24), (row.sku, 24), (row.differs_by, 0)) for row in grouped]
    for line in lines:
        click.echo(line)


@click.command("unalike", short_help="Take a product out of its group.")
@click.argument("sku")
@config_option
def unalike_command(config: Path | None, sku: str) -> None:
    """Take a product out of its group of look-alikes; a group of one ends."""
    from server.usecases.masterdata.lookalikes import ungroup

    with opened(config) as db:
        ungroup(db, operator(), sku)
    click.echo(f"{one_line(sku)} is in no group", err=True)


@click.command("drift", short_help="What a channel changed by itself since the night before.")
@click.argument("channel")
@click.option("--now", "compare_now", is_flag=True, help="Compare now instead of showing the last night.")
@_JSON
@config_option
def drift_command(config: Path | None, channel: str, compare_now: bool, as_json: bool) -> None:
    """Show the last nightly comparison of mappings, prices and addresses: at the channel, here, and where both differ.

    \b
    Example:
      packproof sku drift amazon
    """
    from server.usecases.masterdata import drift

    with opened(config) as db:
        if compare_now:
            drift.compare_channel(db, operator(), channel)
        with db.read() as connection:
            last = drift.last_drift(connection, channel)
    if last is None:
        raise DomainError("not_found", f"channel {channel!r} was never compared; --now does it")
    if as_json:
        click.echo(json.dumps(last))
        return
    for side, words in (("theirs", "there"), ("ours", "here"), ("disagree", "differs")):
        for change in last[side]:
            click.echo(columns((words, 8), (drift.sentence(change), 0)))
    click.echo(f"{channel}: {', '.join(f'{n} {side}' for side, n in last['counts'].items())}", err=True)
