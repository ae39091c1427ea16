"""`packproof unpack`: a supervisor opens a box again."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("unpack", short_help="Open a packed box again.")
@click.argument("order")
@click.option("--why", required=True, help="A few words for the record; no names or addresses.")
@config_option
def unpack_command(config: Path | None, order: str, why: str) -> None:
    """Open the box of an order that is packed or labelled: its label is to be voided, its units stay with it, and it
    is packed again from its first unit. Nothing else ever takes a unit out of a box.

    \b
    Example:
      packproof unpack 1043 --why "the buyer moved"
    """
    from server.usecases.benchwork.unpacking import unpack

    with opened(config) as db:
        found = order_named(db, order)
        unpack(db, operator(), found.id, why)
    click.echo(f"order {found.number} is to be packed again", err=True)
