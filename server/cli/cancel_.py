"""`packproof cancel`: an order that must not leave."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("cancel", short_help="Cancel an order, wherever it is.")
@click.argument("order")
@click.option("--why", default="", help="A few words for the record; no names or addresses.")
@config_option
def cancel_command(config: Path | None, order: str, why: str) -> None:
    """Cancel an order that has not left: its stock comes back once, its bench stops, the dock refuses its parcel.

    ORDER is its number, or its id at the channel.

    \b
    Example:
      packproof cancel 1043 --why "called and changed their mind"
    """
    from server.usecases.cancel import cancel_order

    with opened(config) as db:
        found = order_named(db, order)
        cancel_order(db, operator(), found.id, why)
    click.echo(f"order {found.number} is cancelled", err=True)
