"""`packproof setup`: from nothing to a server that knows its site, people, benches and stock."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import config_option, connected, operator, quiet
from server.domain.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.carriers import Account
    from server.config import ServerConfig
    from server.db.transaction import Database
    from server.usecases.starting.setup import SetupReport
    from server.usecases.starting.setup_plan import SetupPlan

_PASSWORD = "PACKPROOF_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable.


@click.command("setup", short_help="First start: site, time zone, admin, people, bench, opening stock.")
@config_option
@click.pass_context
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="setup.toml; no questions then.",
)
def setup_command(ctx: click.Context, config: Path | None, path: Path | None) -> None:
    """Create the database, the site, an admin, people with badges, the first bench and the opening stock.

    Asks, or reads everything from a file (deploy/setup.example.toml explains each line). Safe to run again: what is
    there stays as it is. Writes badges.pdf with badges, commands and dock lanes, and prints the bench's join code.

    \b
    Examples:
      packproof setup
      packproof setup --config server.toml --file setup.toml
    """
    from server.config import load_config
    from server.db.migrate import migrate
    from server.usecases.shipping.accounts import accounts
    from server.usecases.starting.setup import set_up
    from server.usecases.starting.setup_plan import read_plan

    settings = load_config(config)
    if path:
        plan = read_plan(path)
        password = _password(plan, path.parent)
    else:
        from server.cli.questions import ask_plan

        plan, password = ask_plan()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    with connected(settings) as db, quiet():
        migrate(db.engine)
        report = set_up(db, operator(), plan, password)
        for made in report.made:
            click.echo(f"{'made' if made.new else 'was there':<10} {made.kind:<8} {made.name}", err=True)
        whole = _import_files(db, plan, path.parent if path else Path())
        with db.read() as connection:
            lanes = tuple(accounts(connection).values())
        _hand_over(settings, plan, report, lanes)
    if not whole:
        click.echo("some rows were refused, see above: correct them and run `packproof import`", err=True)
        ctx.exit(1)


def _password(plan: "SetupPlan", beside: Path) -> str:
    """The admin's, from the environment, the file or the plan; an empty one is refused when the admin is new."""
    admin = plan.admin
    if admin.password_file and not os.environ.get(_PASSWORD):
        try:
            return (beside / admin.password_file).read_text(encoding="utf-8").partition("\n")[0].strip()
        except OSError as error:
            raise DomainError("setup", f"password_file: {beside / admin.password_file}: {error.strerror}") from error
    return os.environ.get(_PASSWORD, admin.password)


def _import_files(db: "Database", plan: "SetupPlan", beside: Path) -> bool:
    """Products each time (the same file changes nothing); opening stock once, since it would undo what was sold.

    False when a row was refused.
    """
    from server.cli.importing import run_import
    from server.usecases.starting.setup import opening_stock_done, opening_stock_is_in

    whole = True
    if plan.files.products:
        whole = run_import(db, "products", beside / plan.files.products)
    if plan.files.stock and opening_stock_is_in(db):
        click.echo(f"{'was there':<10} stock    {plan.files.stock} was imported at the first setup", err=True)
    elif plan.files.stock:
        whole = run_import(db, "stock", beside / plan.files.stock) and whole
        opening_stock_done(db, operator())
    return whole


def _hand_over(settings: "ServerConfig", plan: "SetupPlan", report: "SetupReport", lanes: "Iterable[Account]") -> None:
    """Badges as PDF, secrets and join codes on standard output, each shown this once."""
    from printing.documents import CodeSheet
    from printing.pdf import code_sheet
    from server.cli.joining import join_code
    from server.domain.masterdata.catalog import BoxType
    from server.usecases.staff import sheets

    if report.badges:
        boxes = [BoxType(b.code, b.name, b.inner_mm, b.tare_grams) for b in plan.box]
        groups = [sheets.badges(report.badges), *sheets.commands(), sheets.numbers(), sheets.lanes(lanes)]
        groups += [sheets.boxes(boxes)] if boxes else []
        target = _unused(settings.data_dir / "badges.pdf")
        target.touch(mode=0o600)
        target.write_bytes(code_sheet(CodeSheet(f"Packproof at {plan.site.name}", tuple(groups))))
        click.echo(f"badges, commands and lanes to print: {target}", err=True)
    for code, secret in report.channel_secrets.items():
        click.echo(f"channel {code}  signing secret  {secret}")
    for bench, secret in report.join_secrets.items():
        click.echo(f"bench {bench}  join code, good for an hour  {join_code(settings, secret)}")
    click.echo("next: packproof server; then, on the bench, packproof station --join CODE", err=True)


def _unused(path: Path) -> Path:
    """This path or the first numbered one beside it: badges of an earlier setup are their only copy."""
    numbered = (path.with_stem(f"{path.stem}-{n}") for n in range(2, 1000))
    return next((p for p in (path, *numbered) if not p.exists()), path)
