"""`packproof ship`: somebody else's warehouse has shipped an order."""

from pathlib import Path

import click

from server.cli.goods_text import json_option, key_option, tell
from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("ship", short_help="Somebody else's warehouse has shipped an order.")
@click.argument("order")
@click.option("--site", required=True, metavar="CODE", help="The warehouse that says so; not one of our own.")
@click.option("--carrier", required=True, help="Who took the parcel, as the buyer knows it.")
@click.option("--tracking", required=True, help="The tracking number.")
@key_option
@json_option
@config_option
def ship_command(
    *, config: Path | None, order: str, site: str, carrier: str, tracking: str, key: str, as_json: bool
) -> None:
    """Confirm an order of `packproof route file`: its units leave the book, its channel is told of the parcel. Saying
    the same again changes nothing. What our own benches pack is confirmed by the load that takes it.

    \b
    Example:
      packproof ship 1043 --site DALLAS --carrier UPS --tracking 1Z999AA10123456784
    """
    from server.usecases.routes.confirming import confirm_shipped

    with opened(config) as db:
        found = order_named(db, order)
        done = confirm_shipped(db, operator(), found.id, site, carrier=carrier, tracking=tracking, key=key)
    tell(done, f"order {done['order']} left {done['site']} with {done['carrier']} {done['tracking']}", as_json)
