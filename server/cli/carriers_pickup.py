"""`packproof carriers pickup`: a carrier's driver is ordered to come."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.command("pickup", short_help="Order a driver who fetches what is ready.")
@click.argument("code")
@click.argument("day", metavar="YYYY-MM-DD")
@click.option("--from", "earliest", default="12:00", show_default=True, help="By the site's clock.")
@click.option("--until", "latest", default="17:00", show_default=True, help="By the site's clock.")
@click.option("--site", required=True, help="Where it is fetched.")
@click.option("--note", default="", help="Words for the driver, as `dock 3, ring twice`.")
@click.option("--cancel", is_flag=True, help="Nobody needs to come on that day.")
@config_option
def pickup_command(
    *, config: Path | None, code: str, day: str, earliest: str, latest: str, site: str, note: str, cancel: bool
) -> None:
    """Order a driver of carrier CODE for every parcel of it that is ready at a site. The same day again books no second
    one, and says what is booked. Some carriers charge for it; own vans come without being asked.

    \b
    Example:
      packproof carriers pickup easypost 2026-03-02 --site EAST --from 14:00 --until 17:00
    """
    from server.usecases.shipping import pickups

    with opened(config) as db:
        if cancel:
            done = pickups.cancel(db, operator(), code, site, day)
        else:
            span = (f"{day} {earliest}", f"{day} {latest}")
            done = pickups.book(db, operator(), code, site, span, note=note)
    price = f", {done.cost} {done.currency}" if done.cost is not None else ""
    number = f", confirmation {done.confirmation}" if done.confirmation else ""
    click.echo(one_line(f"{done.state}{f' {done.reference}' if done.reference else ''}{number}{price}"))
