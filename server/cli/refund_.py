"""`packproof refund`: money back for what has left."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.quantities import quantities
from server.domain.sales.refunds import RefundReason


@click.command("refund", short_help="Have its channel pay back what has left.")
@click.argument("order")
@click.option("--reason", type=click.Choice([reason.value for reason in RefundReason]), required=True, help="Why.")
@click.option("--line", "lines", multiple=True, help="LINE=UNITS: only so many of this line; may be given again.")
@config_option
def refund_command(*, config: Path | None, order: str, reason: str, lines: tuple[str, ...]) -> None:
    """Tell the channel that sold ORDER to pay back all of it, or some units. Its stock does not change.

    The channel is told once for each unit, whatever happens on the way; what it refuses is in `packproof incidents`.
    What has not left is cancelled instead: `packproof cancel`.

    \b
    Examples:
      packproof refund 1043 --reason lost
      packproof refund 1043 --reason damaged --line 2=1
    """
    from server.usecases.sales.refunding import refund_order

    units = {int(no): n for no, n in quantities(lines, "--line").items() if no.isascii() and no.isdigit()}
    if len(units) < len(lines):
        raise click.BadParameter("expected LINE=UNITS, each line once", param_hint="--line")
    with opened(config) as db:
        found = order_named(db, order)
        count = refund_order(db, operator(), found.id, units, RefundReason(reason))
    click.echo(
        f"order {found.number}: its channel is told to pay back {count} unit{'' if count == 1 else 's'}", err=True
    )
