"""`packproof report handoff`: how long orders take from receipt to the vehicle."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from server.cli.opening import config_option, opened

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("handoff", short_help="From order to vehicle, by channel.")
@click.option("--from", "first", type=_DAY, help="First day, by this machine's clock; 30 days ago without it.")
@click.option("--to", "last", type=_DAY, help="Last day; today without it.")
@config_option
def handoff_command(config: Path | None, first: datetime | None, last: datetime | None) -> None:
    """Hours from an order's receipt to the scan of its last parcel on to a vehicle, for each channel: half of the
    orders took at most p50, nine of ten at most p90. The time of the label does not count.

    \b
    Example:
      packproof report handoff --from 2026-03-01 --to 2026-03-31
    """
    from server.cli.columns import columns
    from server.usecases.overview.handoff import handoff_times

    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    begin = (first or today - timedelta(days=30)).timestamp()
    end = ((last or today) + timedelta(days=1)).timestamp()
    with opened(config) as db:
        found = handoff_times(db, begin, end)
    if not found:
        click.echo("nothing was handed over in this time")
        return
    click.echo(columns(("channel", 16), ("orders", 8), ("p50 h", 8), ("p90 h", 8), ("not scanned", 12)))
    for each in found:
        hours = (f"{each.p50:.1f}", f"{each.p90:.1f}")
        click.echo(columns((each.channel, 16), (each.orders, 8), (hours[0], 8), (hours[1], 8), (each.assumed, 12)))
