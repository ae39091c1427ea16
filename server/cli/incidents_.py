"""`packproof incidents`: what a person must look at."""

import json
from pathlib import Path

import click

from server.cli.clocks import when
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.group("incidents", invoke_without_command=True, short_help="What somebody must look at, and closing it.")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@config_option
@click.pass_context
def incidents_command(ctx: click.Context, config: Path | None, everything: bool, as_json: bool) -> None:
    """List open incidents, the most urgent first: what happened, who looks at it, by when.

    \b
    Examples:
      packproof incidents
      packproof incidents --all --json
      packproof incidents take 12
      packproof incidents close 12 --reason "box opened, right label put on"
    """
    if ctx.invoked_subcommand:
        return
    from server.usecases.record.incidents import list_incidents

    with opened(config) as db, db.read() as connection:
        rows = list_incidents(connection, open_only=not everything)
    for row in rows:
        if as_json:
            click.echo(json.dumps({k: v for k, v in row._mapping.items() if k != "once_key"}))
            continue
        state = "closed" if row.state == "closed" else f"due {when(row.deadline)}"
        taken = f"  ({row.taken_by} looks at it)" if row.taken_by and row.state != "closed" else ""
        click.echo(f"{row.id:>5}  {row.type:<24} {row.owner:<10} {state:<20} {one_line(row.cause + taken)}")
    if not rows:
        click.echo("nothing to look at", err=True)


@incidents_command.command("take", short_help="Say that you look at it.")
@click.argument("incident_id", type=click.IntRange(1, 2**31 - 1), metavar="NUMBER")
@config_option
def take_command(config: Path | None, incident_id: int) -> None:
    """Say that you look at an incident: it stays open, and its alert goes to nobody else.

    \b
    Example:
      packproof incidents take 12
    """
    from server.usecases.record.incidents import take_incident

    with opened(config) as db:
        who = take_incident(db, operator(), incident_id)
    click.echo(f"{one_line(who)} looks at incident {incident_id}", err=True)


@incidents_command.command("close", short_help="Say what was done and close it.")
@click.argument("incident_id", type=click.IntRange(1, 2**31 - 1), metavar="NUMBER")
@click.option("--reason", required=True, help="What was done about it, in a few words.")
@config_option
def close_command(config: Path | None, incident_id: int, reason: str) -> None:
    """Close an incident for good: what it blocked is free again. What was done is kept with it.

    \b
    Example:
      packproof incidents close 12 --reason "counted again, stock corrected"
    """
    from server.usecases.record.incidents import close_incident

    with opened(config) as db:
        close_incident(db, operator(), incident_id, reason)
    click.echo(f"incident {incident_id} is closed", err=True)
