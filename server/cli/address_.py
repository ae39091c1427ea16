"""`packproof address`: an order goes somewhere else."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("address", short_help="An order goes somewhere else.")
@click.argument("order")
@click.option("--name", default="", help="Who gets it.")
@click.option("--company", default="", help="Their company, if it belongs on the label.")
@click.option("--line", "lines", multiple=True, help="Street, house, floor; may be given several times.")
@click.option("--city", default="", help="Town or city.")
@click.option("--region", default="", help="State or province, where the country has them.")
@click.option("--postcode", default="", help="As the country writes it.")
@click.option("--country", default="", help="Two letters, such as US.")
@click.option("--phone", default="", help="For the carrier.")
@click.option("--email", default="", help="For the carrier.")
@config_option
def address_command(*, config: Path | None, order: str, lines: tuple[str, ...], **parts: str) -> None:
    """Replace the whole address of ORDER. Before its label is bought the label uses it; afterwards packing and dock
    are blocked until a supervisor unpacks it.

    \b
    Example:
      packproof address 1043 --name "Zoe Quill" --line "9 Other Road" --city Portland --postcode 04101 --country US
    """
    from server.trade.orders import ShipTo
    from server.usecases.sales.changing import change_address

    with opened(config) as db:
        found = order_named(db, order)
        status = change_address(db, operator(), found.id, ShipTo(lines=lines, **parts))
    click.echo(f"order {found.number} has another address; it is {status.replace('_', ' ')}", err=True)
