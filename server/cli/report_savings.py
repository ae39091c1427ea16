"""`packproof report savings`: what choosing a carrier has saved."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened


@click.command("savings", short_help="What choosing a carrier has saved, by month.")
@click.option("--month", default="", help="Only this one, as 2026-03; the last twelve without it.")
@config_option
def savings_command(config: Path | None, month: str) -> None:
    """Parcels of each month at the price that was chosen, beside the default provider's cheapest offer that qualified.

    The default provider is a rule of rates. Parcels for which it made no offer are counted, and not compared.

    \b
    Examples:
      packproof report savings
      packproof report savings --month 2026-03
    """
    from server.cli.columns import columns
    from server.usecases.shipping.savings import savings

    with opened(config) as db, db.read() as connection:
        listed = savings(connection, db.now(), month)
    for each in listed:
        paid = f"{each.chosen} instead of {each.default} {each.currency}"
        saved = f"saved {each.saved}, {each.a_year} a year at this pace"
        parcels = f"{each.compared} of {each.parcels} parcels"
        click.echo(columns((each.month, 8), (parcels, 22), (paid, 36), (saved, 0)))
    for currency in sorted({each.currency for each in listed}):
        saved_sum = sum(each.saved for each in listed if each.currency == currency)
        click.echo(columns(("sum", 8), (f"saved {saved_sum} {currency}", 0)))
    if not listed:
        click.echo("no parcel of this time was chosen a carrier for")
