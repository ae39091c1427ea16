"""`packproof data erase`: what names a buyer, taken out of the database."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import config_option, opened, operator
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from server.db.order_rows import Place
    from server.db.transaction import Database
    from server.usecases.record.erasing import Erasing

_DAYS = re.compile(r"([0-9]{1,5})d?")


@click.command("erase", short_help="What names a buyer: of orders, of one buyer, of all that is long over.")
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option("--channel", default="", help="Orders of one buyer at this channel, with --mail, --name or both.")
@click.option("--mail", default="", help="The buyer's mail address, whole.")
@click.option("--name", default="", help="The buyer's name, whole: every buyer of that name there.")
@click.option("--older-than", default="", metavar="DAYS", help="Orders that shipped or were cancelled before: 365d.")
@click.option("--dry-run", is_flag=True, help="Only count, and say what would be refused.")
@click.option("--yes", is_flag=True, help="Do not ask: for cron.")
@config_option
def erase_command(
    *,
    config: Path | None,
    orders: tuple[str, ...],
    channel: str,
    mail: str,
    name: str,
    older_than: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Erase addresses, contacts, notes, texts, labels and messages of buyers, for good. ORDER is a number or the id
    at its channel, and goes with all its parts.

    Numbers, statuses, tracking numbers, stock and the record stay. An order that is still on its way is refused, the
    others are erased, and the command ends with 1. Doing it again does nothing.

    \b
    Examples:
      packproof data erase 1043
      packproof data erase --channel shop --mail zoe@example.com --dry-run
      packproof data erase --older-than 365d --yes
    """
    from server.usecases.record.erasing import erase

    with opened(config) as db:
        places = _places(db, orders, (channel, mail, name), older_than)
        found = erase(db, operator(), places, dry_run=True) if dry_run or not yes else None
        if found is not None and found.orders and not dry_run:
            told = f"Erase for good what names the buyers of {len(found.orders)} orders ({_some(found.orders)})?"
            click.confirm(told, abort=True, err=True)
        if not dry_run:
            found = erase(db, operator(), places)
    assert found is not None, "it was tried or done"  # noqa: S101
    _tell(found, "would be erased" if dry_run else "erased")
    if found.refused:
        raise SystemExit(1)


def _places(db: "Database", orders: tuple[str, ...], buyer: tuple[str, str, str], older_than: str) -> "list[Place]":
    from server.usecases.record import erasing

    channel, mail, name = buyer
    if [bool(orders), any(buyer), bool(older_than)].count(True) != 1:
        raise DomainError("invalid", "expected one of: orders, --channel with --mail or --name, --older-than")
    if orders:
        return erasing.places_of(db, orders)
    if any(buyer):
        if not channel:
            raise DomainError("invalid", "expected --channel beside --mail and --name: buyers are asked for at one")
        return erasing.places_of_buyer(db, channel, mail, name)
    days = _DAYS.fullmatch(older_than.strip())
    if days is None:
        raise DomainError("invalid", f"--older-than: expected days such as 365d, found {older_than[:20]!r}")
    return erasing.places_over(db, int(days[1]))


def _tell(found: "Erasing", what: str) -> None:
    for number in found.orders:
        click.echo(number)
    rows = ", ".join(f"{table} {count}" for table, count in sorted(found.rows.items()))
    click.echo(f"{what}: {len(found.orders)} orders{f' ({rows})' if rows else ''}", err=True)
    for error in found.refused:
        click.echo(f"not erased: {error.detail}", err=True)
    if not found.swept:
        told = "another program reads the database: its log is emptied when that ends, or with the next erase"
        click.echo(told, err=True)


def _some(numbers: tuple[str, ...]) -> str:
    return ", ".join(numbers[:5]) + (" ..." if len(numbers) > 5 else "")
