"""`packproof release`: an order that a bench holds and will not finish."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("release", short_help="Take an order from the bench that holds it.")
@click.argument("order")
@click.option("--with-box", is_flag=True, help="Its box stands there with its goods and goes on at the next bench.")
@config_option
def release_command(config: Path | None, order: str, with_box: bool) -> None:
    """Take an order from the bench that holds it: a dead one, or one that was stopped for a supervisor. It waits to be
    packed again from its first unit, at any bench; with --with-box from where it was. A bought label is kept for it.

    ORDER is its number, or its id at the channel. Empty the box first unless it goes along.

    \b
    Example:
      packproof release 1043
    """
    from server.usecases.benchwork.opening import release_order

    with opened(config) as db:
        found = order_named(db, order)
        release_order(db, operator(), found.id, box_waits=with_box)
    click.echo(f"order {found.number} waits for a bench again", err=True)
