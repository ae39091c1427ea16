"""`packproof insert`: what goes into each box beside the goods."""

from pathlib import Path

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.group("insert", short_help="Cards and leaflets of a channel's packing profile.")
def insert_command() -> None:
    """What goes into the parcels of a packing profile beside the goods: a card, a leaflet, a sample.

    A channel names its profile with `packproof route channel`; without one it is `standard`.
    """


@insert_command.command("set", short_help="Ask for an insert, or change its code.")
@click.argument("profile")
@click.argument("text")
@click.option("--code", default="", help="The barcode printed on it: scanning it confirms it. Without one YES does.")
@config_option
def set_command(config: Path | None, profile: str, text: str, code: str) -> None:
    """Ask for TEXT in each order with this packing profile, from the next one that is opened.

    \b
    Example:
      packproof insert set gift-shop "Thank-you card" --code CARD-1
    """
    from server.usecases.masterdata.handling import put_insert

    with opened(config) as db:
        put_insert(db, operator(), profile, text, code)
    click.echo(one_line(f"{profile}: {text}"), err=True)


@insert_command.command("list", short_help="All inserts, with their numbers.")
@config_option
def list_command(config: Path | None) -> None:
    """List the inserts: number, packing profile, code, what it is."""
    from server.usecases.masterdata.handling import inserts

    with opened(config) as db, db.read() as connection:
        for row in inserts(connection):
            cells = ((row["number"], 4), (row["profile"], 20), (row["code"] or "-", 16), (row["text"], 0))
            click.echo(columns(*cells))


@insert_command.command("remove", short_help="Ask for an insert no more.")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@config_option
def remove_command(config: Path | None, number: int) -> None:
    """Ask for it no more, from the next order that is opened; NUMBER as in the list.

    \b
    Example:
      packproof insert remove 3
    """
    from server.usecases.masterdata.handling import remove_insert

    with opened(config) as db:
        text = remove_insert(db, operator(), number)
    click.echo(one_line(f"no more: {text}"), err=True)
