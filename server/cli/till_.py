"""`packproof till`: a sale that has happened at a counter."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.quantities import quantities


@click.command("till", short_help="A sale at a counter: reserved and shipped in one step.")
@click.argument("channel")
@click.argument("site")
@click.argument("sale_id")
@click.argument("units", nargs=-1, required=True)
@config_option
def till_command(*, config: Path | None, channel: str, site: str, sale_id: str, units: tuple[str, ...]) -> None:
    """Take the sale SALE_ID at SITE into the book. It has happened, so it is never refused for stock: an order gives
    way by the conflict policy where too little is left. UNITS are SKU=NUMBER.

    \b
    Example:
      packproof till counter EAST R-2231 CANDLE=2 SOAP=1
    """
    from server.usecases.sales.till import TillLine, TillSale, take_sale

    lines = [TillLine(sku, n) for sku, n in quantities(units, "UNITS").items()]
    with opened(config) as db:
        number = take_sale(db, operator(), channel, TillSale(sale_id, site, lines))
    click.echo(f"sale {sale_id} is order {number}", err=True)
