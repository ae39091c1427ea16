"""`packproof substitute`: which product may go in the box instead of which."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.order_ref import order_named
from server.cli.person_ref import person_named
from server.domain.people import Role


@click.group("substitute", short_help="Which product may stand in for which.")
def substitute_command() -> None:
    """The approval matrix, the pairs, and a supervisor's approval for one order."""


@substitute_command.command("rule", short_help="A cell of the matrix: never, ask or auto.")
@click.argument("category")
@click.argument("channel")
@click.argument("approval", type=click.Choice(["never", "ask", "auto"]))
@config_option
def rule_command(*, config: Path | None, category: str, channel: str, approval: str) -> None:
    """May products of CATEGORY sold on CHANNEL be substituted? "*" is any. What is regulated or branded always asks.

    \b
    Example:
      packproof substitute rule candles "*" auto
    """
    from server.domain.sales.substitution import Approval
    from server.usecases.sales.policies import add_matrix_rule

    with opened(config) as db:
        made = add_matrix_rule(db, operator(), category, channel, Approval(approval))
    click.echo(f"rule {made}: {category} on {channel}: {approval}", err=True)


@substitute_command.command("pair", short_help="SUBSTITUTE may stand in for SKU.")
@click.argument("sku")
@click.argument("substitute")
@click.option("--channel", default="", help="Only on this one.")
@click.option("--ask", is_flag=True, help="A supervisor approves each time, whatever the matrix says.")
@config_option
def pair_command(*, config: Path | None, sku: str, substitute: str, channel: str, ask: bool) -> None:
    """SUBSTITUTE may stand in for SKU, where the matrix approves."""
    from server.usecases.sales.policies import add_substitute

    with opened(config) as db:
        add_substitute(db, operator(), sku, substitute, channel=channel, automatic=not ask)
    click.echo(f"{substitute} may stand in for {sku}", err=True)


@substitute_command.command("approve", short_help="Put a substitute in one line of an order.")
@click.argument("order")
@click.argument("line", type=int)
@click.argument("substitute")
@click.option("--by", required=True, metavar="NAME|NUMBER", help="The supervisor who approves, as in `person list`.")
@config_option
def approve_command(*, config: Path | None, order: str, line: int, substitute: str, by: str) -> None:
    """Put SUBSTITUTE in LINE of ORDER, where the matrix lets a supervisor; a bench that packs it begins again.

    \b
    Example:
      packproof substitute approve 1043 2 SOAP --by "Sam Lee"
    """
    from server.usecases.sales.substituting import approve_substitute

    with opened(config) as db:
        supervisor = person_named(db, by, (Role.SUPERVISOR, Role.ADMIN)).name
        found = order_named(db, order)
        ruling = approve_substitute(db, operator(), found.id, line, substitute, supervisor=supervisor)
    click.echo(ruling.why, err=True)
