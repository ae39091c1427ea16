"""`packproof wall`: screens that only show the board."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator


@click.group("wall", short_help="Wall screens: add, revoke.")
def wall_command() -> None:
    """Screens on the wall: they show the board, never one person's errors, and can do nothing."""


@wall_command.command("add", short_help="An address for a screen that shows the board.")
@click.argument("name")
@config_option
def add_command(config: Path | None, name: str) -> None:
    """Print an address to open once in the screen's browser. It holds a secret: keep it off paper and chats.

    \b
    Example:
      packproof wall add "packing hall"
    """
    from server.config import load_config
    from server.usecases.staff.people import add_wall

    with opened(config) as db:
        token = add_wall(db, operator(), name)
    click.echo(f"{load_config(config).url}/wall/{token}")


@wall_command.command("revoke", short_help="The screens of this name show nothing any more.")
@click.argument("name")
@config_option
def revoke_command(config: Path | None, name: str) -> None:
    """End the screens of this name within seconds."""
    from server.usecases.staff.people import revoke_wall

    with opened(config) as db:
        revoke_wall(db, operator(), name)
    click.echo(f"the screens named {name} show nothing any more", err=True)
