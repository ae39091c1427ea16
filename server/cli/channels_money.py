"""`packproof channels refunds` and `claim`: what is paid back by itself, and what buyers hold against orders."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator


@click.command("refunds", short_help="Whether lost parcels are paid back by themselves.")
@click.argument("code")
@click.argument("who", metavar="by-itself|ask", type=click.Choice(["by-itself", "ask"]))
@config_option
def refunds_command(config: Path | None, code: str, who: str) -> None:
    """Pay back by itself what was in a lost parcel and cannot be sent again, or ask a person (the default).

    \b
    Example:
      packproof channels refunds etsy by-itself
    """
    from server.usecases.sales.refunding import set_refunds

    with opened(config) as db:
        set_refunds(db, operator(), code, lost=who == "by-itself")
    told = "are paid back by themselves" if who == "by-itself" else "wait for a person"
    click.echo(f"{code}: lost parcels that cannot be sent again {told}", err=True)


@click.command("claim", short_help="A buyer holds something against an order.")
@click.argument("order")
@click.argument("kind", metavar="return|claim|feedback|refund")
@config_option
def claim_command(config: Path | None, order: str, kind: str) -> None:
    """Keep that a buyer returned ORDER, made a claim or left bad feedback: marketplaces count it against an account.

    What a platform shows by itself, money that went back after the goods had left, is kept without you.

    \b
    Example:
      packproof channels claim 1043 claim
    """
    from server.cli.order_ref import order_named
    from server.domain.sales.claims import claim_kind
    from server.usecases.sales.claiming import note_claim

    said = claim_kind(kind)
    with opened(config) as db:
        found = order_named(db, order)
        fresh = note_claim(db, operator(), found.id, said)
    click.echo(f"order {found.number}: {said.value} {'noted' if fresh else 'was known'}", err=True)


COMMANDS = (refunds_command, claim_command)
