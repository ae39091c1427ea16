"""`packproof bench`: packing benches and their join codes."""

from datetime import datetime
from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator


@click.group("bench", short_help="Benches: add, join, list, revoke.")
def bench_command() -> None:
    """Packing benches. Each joins once with a code of its own and then holds a token that can be revoked."""


@bench_command.command("add", short_help="A new bench, with its join code.")
@click.argument("name")
@click.option("--site", metavar="CODE", help="Needed only when there are several sites.")
@config_option
def add_command(config: Path | None, name: str, site: str | None) -> None:
    """Add a bench and print its one-time join code.

    \b
    Example:
      packproof bench add "Bench 2"
    """
    from server.usecases.benchwork.benches import add_bench

    with opened(config) as db:
        add_bench(db, operator(), name, site or _only_site(db))
    _print_code(config, name, 60)


@bench_command.command("join", short_help="A fresh join code for a bench.")
@click.argument("name")
@click.option("--minutes", default=60, show_default=True, help="How long the code is good.")
@config_option
def join_command(config: Path | None, name: str, minutes: int) -> None:
    """Print a fresh one-time join code. The bench's token of today stays good until the code is used.

    \b
    Example:
      packproof bench join "Bench 1"        # then, on the bench: packproof station --join CODE
    """
    _print_code(config, name, minutes)


@bench_command.command("list", short_help="All benches.")
@config_option
def list_command(config: Path | None) -> None:
    """List the benches: name, site, and whether each has joined."""
    from server.db import people

    with opened(config) as db, db.read() as connection:
        for row in people.benches(connection):
            click.echo(f"{row.name:<24} {row.site_code:<10} {_state(row.revoked, row.token_digest, row.enrolled_at)}")


@bench_command.command("revoke", short_help="A bench may do nothing more until it joins again.")
@click.argument("name")
@config_option
def revoke_command(config: Path | None, name: str) -> None:
    """Make a bench's token void at once, for a stolen or retired machine.

    \b
    Example:
      packproof bench revoke "Bench 3"
    """
    from server.usecases.benchwork.benches import revoke_bench

    with opened(config) as db:
        revoke_bench(db, operator(), name)
    click.echo(f"{name} may do nothing until it joins again", err=True)


def _print_code(config: Path | None, name: str, minutes: int) -> None:
    from server.cli.joining import join_code
    from server.config import load_config
    from server.usecases.benchwork.benches import new_join_secret

    with opened(config) as db:
        secret = new_join_secret(db, operator(), name, minutes)
    click.echo(f"on {name}, within {minutes} minutes: packproof station --join with this code", err=True)
    click.echo(join_code(load_config(config), secret))


def _only_site(db: object) -> str:
    from server.db import sites
    from server.db.transaction import Database
    from server.domain.errors import DomainError

    assert isinstance(db, Database)  # noqa: S101
    with db.read() as connection:
        codes = [row.code for row in sites.all_sites(connection)]
    if len(codes) != 1:
        raise DomainError("invalid", f"expected --site with one of {', '.join(codes) or 'none: run packproof setup'}")
    return str(codes[0])


def _state(revoked: bool, token: str | None, enrolled_at: float | None) -> str:
    if revoked:
        return "revoked"
    if not token or not enrolled_at:
        return "has not joined"
    return f"joined {datetime.fromtimestamp(enrolled_at).astimezone():%d %b %Y %H:%M}"
