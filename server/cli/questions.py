"""The questions of `packproof setup`; everything has a default but names and the password."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from printing.documents import Address
from server.cli.machine_zone import machine_time_zone
from server.domain.errors import DomainError
from server.domain.people import Role
from server.usecases.starting.setup import check_password
from server.usecases.starting.setup_plan import (
    AdminPlan,
    BenchPlan,
    FilesPlan,
    PersonPlan,
    SetupPlan,
    SitePlan,
    check_time_zone,
)


def ask_plan() -> tuple[SetupPlan, str]:
    """The plan and the admin's password, from a person at the terminal."""
    site = _site()
    name = _ask("Your name (you become the admin)")
    login = _ask("Login", name.split()[0].lower())
    password = click.prompt(
        "Password", hide_input=True, confirmation_prompt=True, err=True, value_proc=_or_again(check_password)
    )
    people = tuple(_people())
    bench = _ask("First bench", "Bench 1")
    files = FilesPlan(
        products=_file("CSV of products (Enter: none)"), stock=_file("CSV of opening stock (Enter: none)")
    )
    admin = AdminPlan(name=name, login=login)
    return SetupPlan(site=site, admin=admin, person=people, bench=(BenchPlan(name=bench),), files=files), password


def _site() -> SitePlan:
    name = _ask("Site name", "Main warehouse")
    code = _ask("Short code", "MAIN")
    zone = click.prompt("Time zone", default=machine_time_zone(), err=True, value_proc=_or_again(check_time_zone))
    click.echo("Ship-from address, as printed on labels:", err=True)
    address = Address(
        name=_ask("  Name", name),
        lines=(_ask("  Street"),),
        city=_ask("  City"),
        region=_ask("  State or region (Enter: none)", ""),
        postcode=_ask("  Postcode"),
        country=_ask("  Country (two letters)", "US").upper(),
        phone=_ask("  Phone (Enter: none)", ""),
    )
    return SitePlan(code=code, name=name, time_zone=zone, ship_from=address)


def _people() -> Iterator[PersonPlan]:
    click.echo("People with badges; an empty name ends.", err=True)
    while name := _ask("  Name", ""):
        roles = click.prompt(
            "  Roles (packer, dock, supervisor, desk)", default="packer, dock", err=True, value_proc=_roles
        )
        yield PersonPlan(name=name, roles=roles)


def _roles(text: str) -> tuple[Role, ...]:
    words = text.replace(",", " ").split()
    try:
        return tuple(Role(word) for word in words)
    except ValueError as error:
        raise click.UsageError(f"expected some of {', '.join(Role)}; {error}") from error


def _file(question: str) -> str:
    while (found := _ask(question, "")) and not Path(found).is_file():
        click.echo(f"there is no file {found}", err=True)
    return str(Path(found).absolute()) if found else ""


def _ask(question: str, default: str | None = None) -> str:
    return str(click.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _or_again(check: Callable[[str], str]) -> Callable[[str], str]:
    """A rule of the domain as click wants it, so that the question comes again."""

    def convert(text: str) -> str:
        try:
            return check(text)
        except DomainError as error:
            raise click.UsageError(error.detail) from error

    return convert
