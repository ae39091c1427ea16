"""`packproof release`: an order that a bench holds and will not finish."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("release", short_help="Take an order from the bench that holds it.")
@click.argument("order")
@config_option
def release_command(config: Path | None, order: str) -> None:
    """Take an order from the bench that holds it: a dead one, or one that was stopped for a supervisor. It waits to be
    packed again from its first unit, at any bench; a label that was bought is kept for it.

    ORDER is its number, or its id at the channel. Open the box first if goods are in it.

    \b
    Example:
      packproof release 1043
    """
    from server.usecases.benchwork.opening import release_order

    with opened(config) as db:
        found = order_named(db, order)
        release_order(db, operator(), found.id)
    click.echo(f"order {found.number} waits for a bench again", err=True)
