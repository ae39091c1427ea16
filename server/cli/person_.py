"""`packproof person`: who works here."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.person_ref import person_named
from server.cli.person_signing import day_badge_command, pin_command, prefer_command
from server.domain.people import Role


@click.group("person", short_help="People: add, role, list, revoke, PIN, day badge.")
def person_command() -> None:
    """People who pack, load, supervise or handle orders; with badges for benches and passwords for pages."""


for _command in (pin_command, day_badge_command, prefer_command):
    person_command.add_command(_command)


@person_command.command("add", short_help="Add somebody, with a badge or a login.")
@click.argument("name")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([r.value for r in Role]), help="Several allowed."
)
@click.option("--badge", metavar="PPB-...", help="The badge's barcode; without it one is made and printed once.")
@click.option("--login", help="For the pages; a password is asked for.")
@config_option
def add_command(
    *, config: Path | None, name: str, roles: tuple[str, ...], badge: str | None, login: str | None
) -> None:
    """Add a person. Only a digest of the badge is stored: the text printed here is the only copy.

    \b
    Examples:
      packproof person add "Ana Silva" --role packer --role dock
      packproof person add "Sam Lee" --role supervisor --login sam
    """
    from server.usecases.staff.people import add_person
    from server.usecases.starting.setup import new_badge

    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True) if login else None
    text = badge or new_badge()
    with opened(config) as db:
        add_person(db, operator(), name, [Role(r) for r in roles], text, login, password)
    click.echo(f"{name} is added; the badge says", err=True)
    click.echo(text)


@person_command.command("role", short_help="What somebody may do, from now on.")
@click.argument("name_or_number", metavar="NAME|NUMBER")
@click.argument("roles", metavar="ROLE...", nargs=-1, required=True, type=click.Choice([r.value for r in Role]))
@config_option
def role_command(config: Path | None, name_or_number: str, roles: tuple[str, ...]) -> None:
    """Give somebody these roles instead of those they had. Benches know within a second, pages at the next click.

    \b
    Examples:
      packproof person role "Ana Silva" packer supervisor
      packproof person role 7 packer
    """
    from server.usecases.staff.people import set_roles

    with opened(config) as db:
        found = person_named(db, name_or_number)
        set_roles(db, operator(), found.id, [Role(r) for r in roles])
    click.echo(f"{found.name}: {', '.join(roles)} (before: {found.roles})", err=True)


@person_command.command("list", short_help="Everybody, with their roles.")
@config_option
def list_command(config: Path | None) -> None:
    """List everybody: number, name, roles, and how they can sign in."""
    from server.db import people

    with opened(config) as db, db.read() as connection:
        for row in people.people(connection):
            ways = [word for word, way in (("badge", row.badge_digest), (f"login {row.login}", row.login)) if way]
            state = ", ".join(ways) if row.active else "revoked"
            click.echo(f"{row.id:>4}  {row.name:<28} {row.roles:<28} {state}")


@person_command.command("revoke", short_help="Keep somebody out, at once.")
@click.argument("name_or_number", metavar="NAME|NUMBER")
@config_option
def revoke_command(config: Path | None, name_or_number: str) -> None:
    """Keep somebody out at once: their badge and password open nothing any more. What they did stays recorded.

    \b
    Example:
      packproof person revoke "Ana Silva"
    """
    from server.usecases.staff.people import set_active

    with opened(config) as db:
        found = person_named(db, name_or_number)
        set_active(db, operator(), found.id, active=False)
    click.echo(f"{found.name} is kept out", err=True)
