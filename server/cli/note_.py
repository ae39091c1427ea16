"""`packproof note`: what a packer must read and confirm."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.group("note", short_help="Notes that packers confirm before the label.")
def note_command() -> None:
    """Notes on an order. Each is confirmed at the bench before a label is bought."""


@note_command.command("add", short_help="A note on an order.")
@click.argument("order")
@click.argument("text")
@click.option(
    "--for",
    "scope",
    type=click.Choice(["order", "shipment", "box"]),
    default="order",
    show_default=True,
    help="Confirmed once for the order or its shipment, or again for each box.",
)
@config_option
def add_command(config: Path | None, order: str, text: str, scope: str) -> None:
    """Add a note to an order that is still to be packed. A bench that has it open asks when it opens it again.

    \b
    Example:
      packproof note add 1043 "Fragile sticker on each box" --for box
    """
    from server.usecases.masterdata.handling import add_note

    with opened(config) as db:
        found = order_named(db, order)
        add_note(db, operator(), found.number, scope, text)
    click.echo(f"{found.number}: to be confirmed at the bench", err=True)


@note_command.command("list", short_help="The notes of an order.")
@click.argument("order")
@config_option
def list_command(config: Path | None, order: str) -> None:
    """List what is confirmed for an order, with the number that removes it, for what, and who wrote it."""
    from server.usecases.masterdata.handling import notes

    with opened(config) as db:
        for row in notes(db, order_named(db, order).number):
            click.echo(f"{row['number']:>5}  {row['scope']:<9} {row['text']}  ({row['actor']})")


@note_command.command("remove", short_help="Nobody confirms this note any more.")
@click.argument("number", type=int)
@config_option
def remove_command(config: Path | None, number: int) -> None:
    """Remove a note by the number that `packproof note list` shows. A bench that has the order still asks for it.

    \b
    Example:
      packproof note remove 12
    """
    from server.usecases.masterdata.handling import remove_note

    with opened(config) as db:
        order = remove_note(db, operator(), number)
    click.echo(f"{order}: note {number} is removed", err=True)
