"""`packproof sku`: what a product is, what channels call it, what is missing, what it is mistaken for."""

import json
from pathlib import Path

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line
from server.cli.sku_labels import label_command
from server.cli.sku_reports import alike_command, drift_command, needs_command, ready_command, unalike_command
from server.cli.sku_set import set_command
from server.domain.masterdata.aliases import EVERY_CHANNEL, AliasKind, channel_words

_CHANNEL = click.option("--channel", default=EVERY_CHANNEL, help="Only on this channel; without it, on every channel.")


@click.group("sku", short_help="Products: names channels use, gaps, look-alikes, drift.")
def sku_command() -> None:
    """Everything a product is: its barcodes, what each channel calls it, what is missing before it can be sold there,
    what it is mistaken for, and what a channel changed by itself."""


@sku_command.command("show", short_help="Everything about one product, JSON.")
@click.argument("sku")
@config_option
def show_command(config: Path | None, sku: str) -> None:
    """Print everything about one product: names, attributes, images, barcodes, components, aliases.

    \b
    Example:
      packproof sku show CANDLE
    """
    from server.usecases.masterdata.masters import master

    with opened(config) as db, db.read() as connection:
        click.echo(json.dumps(master(connection, sku), indent=2))


@sku_command.command("find", short_help="The products a SKU, barcode or channel's word means.")
@click.argument("text")
@config_option
@click.pass_context
def find_command(ctx: click.Context, config: Path | None, text: str) -> None:
    """List every product that this text means. The exit code is 1 when it means none.

    \b
    Example:
      packproof sku find 4006381333931
    """
    from server.usecases.masterdata.masters import find

    with opened(config) as db, db.read() as connection:
        found = find(connection, text)
    for meaning in found:
        where = f" on {channel_words(meaning.channel)}" if meaning.by == "alias" else ""
        units = f" x {meaning.units}" if meaning.units != 1 else ""
        click.echo(f"{one_line(meaning.sku)}{units}  by {meaning.by}{where}")
    if not found:
        click.echo("it means no product; `packproof sku map` teaches it", err=True)
        ctx.exit(1)


@sku_command.command("map", short_help="Teach what a channel calls a product.")
@click.argument("text")
@click.argument("sku")
@_CHANNEL
@click.option(
    "--kind",
    type=click.Choice([k.value for k in AliasKind]),
    default="sku",
    show_default=True,
    help="What the text is to the channel: its SKU, or the id of a listing or of a variant.",
)
@config_option
def map_command(config: Path | None, text: str, sku: str, channel: str, kind: str) -> None:
    """Say that a channel means SKU by TEXT. Orders on hold for it go on at once, all later ones need nothing.

    A text that could mean two products is refused.

    \b
    Example:
      packproof sku map B00LAV7 CANDLE --channel amazon --kind listing
    """
    from server.usecases.masterdata.aliases import map_alias

    with opened(config) as db:
        done = map_alias(db, operator(), text, sku, channel=channel, kind=AliasKind(kind))
    click.echo(f"{one_line(text)!r} on {channel_words(channel)} means {one_line(sku)}", err=True)
    for taken in done.settled:
        click.echo(f"{taken.order}  {taken.status.value}")


@sku_command.command("unmap", short_help="Forget what a channel calls a product.")
@click.argument("text")
@_CHANNEL
@config_option
def unmap_command(config: Path | None, text: str, channel: str) -> None:
    """Forget a word; orders that were taken in keep their product."""
    from server.usecases.masterdata.aliases import unmap_alias

    with opened(config) as db:
        sku = unmap_alias(db, operator(), text, channel=channel)
    click.echo(f"{one_line(text)!r} on {channel_words(channel)} means {one_line(sku)} no more", err=True)


@sku_command.command("map-file", short_help="Teach many words from a CSV file: all of them or none.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
def map_file_command(config: Path | None, file: Path) -> None:
    """Columns: text, sku; and channel (empty: every channel), kind. One ambiguous text, and nothing is saved.

    \b
    Example:
      packproof sku map-file listings.csv
    """
    from server.usecases.masterdata.aliases import aliases_of, map_many

    with opened(config) as db:
        done = map_many(db, operator(), aliases_of(file))
    click.echo(f"{'taught' if done.changed else 'nothing new'}; {len(done.settled)} orders went on", err=True)


@sku_command.command("aliases", short_help="What channels call our products.")
@config_option
def aliases_command(config: Path | None) -> None:
    """List every alias: channel, text, kind, SKU, who taught it."""
    from server.db.aliases import all_of

    with opened(config) as db, db.read() as connection:
        for row in all_of(connection):
            where = row.channel or "(every)"
            click.echo(columns((where, 16), (row.text, 40), (row.kind, 8), (row.sku, 24), (row.actor, 0)))


for _more in (
    *(set_command, label_command),
    *(ready_command, needs_command, alike_command, unalike_command, drift_command),
):
    sku_command.add_command(_more)
