"""`packproof payment`: money came, failed, or went back; and orders that are suspected of fraud."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named


@click.command("payment", short_help="Money came, failed or went back; a fraud flag.")
@click.argument("order")
@click.argument("event", type=click.Choice(["paid", "failed", "reversed", "fraud", "no-fraud"]))
@click.option("--amount", type=int, default=None, help="In minor units; all of it when missing.")
@click.option("--why", default="", help="A few words for the record; no names or addresses.")
@config_option
def payment_command(*, config: Path | None, order: str, event: str, amount: int | None, why: str) -> None:
    """Say what is known of an order's money. An order that is not paid, or suspected of fraud, is off the queue at
    once; when its money has come, or the suspicion is cleared, it is served again.

    \b
    Examples:
      packproof payment 1043 paid --amount 1990
      packproof payment 1043 fraud --why "card reported stolen"
    """
    from server.domain.sales.payments import PaymentEvent, PaymentEventKind
    from server.usecases.sales.payments import flag_fraud, payment_event

    with opened(config) as db:
        found = order_named(db, order)
        if event in ("fraud", "no-fraud"):
            status = flag_fraud(db, operator(), found.id, event == "fraud", why)
        else:
            status = payment_event(db, operator(), found.id, PaymentEvent(PaymentEventKind(event), amount))
    click.echo(f"order {found.number} is {status.replace('_', ' ')}", err=True)
