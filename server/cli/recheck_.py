"""`packproof recheck`: an order that waits for a person."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("recheck", short_help="Check an order on hold or in conflict again.")
@click.argument("order")
@click.option("--paid", is_flag=True, help="The money has come.")
@config_option
@click.pass_context
def recheck_command(ctx: click.Context, config: Path | None, order: str, paid: bool) -> None:
    """Check an order that is on hold or in conflict again, and reserve its units if everything is right now: stock came
    in, its product was added, its money came. The exit code is 1 when it still waits.

    ORDER is its number, or its id at the channel.

    \b
    Examples:
      packproof recheck 1043
      packproof recheck 1043 --paid
    """
    from server.domain.sales.orders import OrderStatus
    from server.usecases.sales.recheck import settle_again

    with opened(config) as db:
        taken = settle_again(db, operator(), order_named(db, order).id, paid=paid)
    ready = taken.status is OrderStatus.READY
    because = "" if ready else f" because of {taken.reason}; see `packproof incidents`"
    click.echo(f"order {taken.order} is {taken.status.replace('_', ' ')}{because}", err=True)
    ctx.exit(0 if ready else 1)
