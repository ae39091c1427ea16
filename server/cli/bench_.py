"""`packproof bench`: packing benches and their join codes."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import config_option, opened, operator

if TYPE_CHECKING:
    from server.wire import PrinterSeen


@click.group("bench", short_help="Benches: add, join, list, lease, free, mode, paper, sheet, revoke.")
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


@bench_command.command("lease", short_help="How many orders a bench holds for when the server is away.")
@click.argument("name")
@click.argument("orders", type=int, required=False)
@config_option
def lease_command(config: Path | None, name: str, orders: int | None) -> None:
    """Give a bench its next ORDERS to hold, so that it can pack them with no network; without ORDERS, show them.

    A bench that answers gives way to whoever scans the slip; what a silent one holds waits until it is freed.

    \b
    Examples:
      packproof bench lease "Bench 1" 200   # a day's worth
      packproof bench lease "Bench 1"
    """
    from server.usecases.benchwork import leases

    with opened(config) as db:
        if orders is not None:
            leases.set_size(db, operator(), name, orders)
        held, size = leases.held(db, name)
    click.echo(f"{name} holds {held} of {size} orders for when the server is away")


@bench_command.command("free", short_help="A dead bench's orders are for the others again.")
@click.argument("name")
@config_option
def free_command(config: Path | None, name: str) -> None:
    """Free every order a bench holds or has begun. What it packed all the same is pulled when it is heard of again.

    \b
    Example:
      packproof bench free "Bench 3"
    """
    from server.usecases.benchwork.freeing import free_bench

    with opened(config) as db:
        freed = free_bench(db, operator(), name)
    click.echo(f"{freed.assigned} orders of {name} may be packed at any bench")
    for number in freed.boxes:
        click.echo(f"order {number} was begun there: look for its box, then pack it anew")


@bench_command.command("mode", short_help="How much a bench stops: block, warn or verify.")
@click.argument("name")
@click.argument("mode", required=False, type=click.Choice(["block", "warn", "verify"]))
@config_option
def mode_command(config: Path | None, name: str, mode: str | None) -> None:
    """Set the mode of a bench; without MODE, show it. It holds for orders opened from now on.

    \b
    block   a wrong item stops the bench
    warn    a wrong item only warns, and is counted as one that would have been blocked: for roll-out and training
    verify  as block, but nothing is bought: the label that another tool printed is scanned on the box

    \b
    Example:
      packproof bench mode "Bench 1" warn
    """
    from server.db import people
    from server.domain.packing.order import Mode
    from server.usecases.benchwork.benches import set_mode

    with opened(config) as db:
        if mode is not None:
            set_mode(db, operator(), name, Mode(mode))
        with db.read() as connection:
            click.echo(f"{name}: {people.bench_named(connection, name).mode}")


@bench_command.command("paper", short_help="Where the paper of a bench comes out; send it elsewhere or home.")
@click.argument("name")
@click.option("--to", metavar="PRINTER", help="Another printer of its station.toml, by its name there.")
@click.option("--home", is_flag=True, help="To its own printers again.")
@click.option(
    "--kind", default="", metavar="KIND", help="Only this kind of paper (label, slip ...); all of it without."
)
@config_option
def paper_command(config: Path | None, name: str, to: str | None, home: bool, kind: str) -> None:
    """Send the paper of a bench to another printer, or home; without --to and --home, show where it comes out.

    The bench does it within seconds, as if PRINTER was scanned there; what waits goes too, and says whose it is.

    \b
    Examples:
      packproof bench paper "Bench 1"
      packproof bench paper "Bench 1" --to "bench 3" --kind label
      packproof bench paper "Bench 1" --home
    """
    from server.usecases.benchwork import paper

    if to is not None and home:
        raise click.UsageError("expected --to or --home, found both")
    with opened(config) as db:
        if to is None and not home:
            for printer in paper.printers(db, name):
                click.echo(_paper_line(printer))
            return
        paper.send_paper(db, operator(), name, kind, to or "")
    click.echo(f"{name} is told: {kind or 'all paper'} {f'to {to}' if to else 'home'}")


@bench_command.command("sheet", short_help="The command codes of a bench, to print.")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The PDF; bench-codes.pdf without it.")
@config_option
def sheet_command(config: Path | None, name: str, out: Path | None) -> None:
    """Write a PDF of every code that is scanned here beside goods: commands, problem list, lanes, boxes, scanners.

    \b
    Example:
      packproof bench sheet "Bench 1" --out bench-1.pdf
    """
    from printing.documents import CodeSheet
    from printing.pdf import code_sheet
    from server.db import people
    from server.usecases.masterdata.catalogue import read_catalog
    from server.usecases.shipping.accounts import accounts
    from server.usecases.staff import sheets

    with opened(config) as db, db.read() as connection:
        bench = people.bench_named(connection, name)
        types = list(read_catalog(connection).boxes.values())
        lanes = sheets.lanes(accounts(connection).values())
    groups = [*sheets.commands(), sheets.numbers(), lanes, *([sheets.boxes(types)] if types else [])]
    groups.append(sheets.scanners(bench.id))
    target = out or Path("bench-codes.pdf")
    target.write_bytes(code_sheet(CodeSheet(f"{bench.name}: codes", tuple(groups))))
    click.echo(f"codes to print: {target}", err=True)


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


def _paper_line(printer: "PrinterSeen") -> str:
    now = ", ".join(f"{kind or 'all paper'} to {to}" for kind, to in sorted(printer.sent.items())) or "prints here"
    kinds = ", ".join(printer.kinds) or "all the rest"
    return f"{printer.name:<24} {kinds:<24} {now}; may go to {', '.join(printer.redirect)}"


def _state(revoked: bool, token: str | None, enrolled_at: float | None) -> str:
    if revoked:
        return "revoked"
    if not token or not enrolled_at:
        return "has not joined"
    return f"joined {datetime.fromtimestamp(enrolled_at).astimezone():%d %b %Y %H:%M}"
