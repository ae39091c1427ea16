"""`packproof cancel`: an order that must not leave."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.quantities import quantities


@click.command("cancel", short_help="Cancel an order, wherever it is, or some units of it.")
@click.argument("order")
@click.option("--why", default="", help="A few words for the record; no names or addresses.")
@click.option("--reason", default=None, help="customer, out_of_stock, damaged, ...; without it, it counts as ours.")
@click.option("--line", "lines", multiple=True, help="LINE=UNITS: only so many of this line; may be given again.")
@config_option
def cancel_command(*, config: Path | None, order: str, why: str, reason: str | None, lines: tuple[str, ...]) -> None:
    """Cancel an order that has not left: its stock comes back once, its bench stops, the dock refuses its parcel.

    ORDER is its number, or its id at the channel.

    \b
    Examples:
      packproof cancel 1043 --reason customer --why "called and changed their mind"
      packproof cancel 1043 --line 2=1
    """
    from server.domain.sales.cancellation import CancelReason, cancel_reason
    from server.usecases.sales.cancel import cancel_order
    from server.usecases.sales.changing import cancel_lines

    because = cancel_reason(reason) if reason else CancelReason.SELLER
    units = {int(no): n for no, n in quantities(lines, "--line").items() if no.isascii() and no.isdigit()}
    if len(units) < len(lines):
        raise click.BadParameter("expected LINE=UNITS, each line once", param_hint="--line")
    with opened(config) as db:
        found = order_named(db, order)
        if units:
            status = cancel_lines(db, operator(), found.id, units, because)
            click.echo(f"order {found.number} is {status.replace('_', ' ')}", err=True)
            return
        cancel_order(db, operator(), found.id, why, because)
    click.echo(f"order {found.number} is cancelled", err=True)
