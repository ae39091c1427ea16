"""`packproof data`: everything in one file, a server filled from it, and buyers' personal data erased."""

from pathlib import Path

import click

from server.cli.data_erase import erase_command
from server.cli.opening import config_option, opened


@click.group("data", short_help="All data to one file and into an empty server; buyers erased.")
def data_command() -> None:
    """Your data are yours: to another machine, from SQLite to PostgreSQL or back, or to keep."""


@data_command.command("export", short_help="Every row of every table, in one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def export_command(config: Path | None, file: Path) -> None:
    """Write everything to FILE, a zip of JSON lines. The server may run: it is one consistent moment.

    It holds secrets and the addresses of buyers: keep it as you keep the database itself.
    """
    from server.db.whole import export_all

    with opened(config) as db:
        rows = export_all(db, file)
    click.echo(f"{file}: {sum(rows.values())} rows of {len(rows)} tables", err=True)


@data_command.command("import", short_help="Fill an empty database from such a file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
def import_command(config: Path | None, file: Path) -> None:
    """Fill the configured database, which must be empty, from FILE: all of it or nothing. Any engine takes any file.

    The server must not run. Afterwards `packproof audit verify` and `packproof audit check` prove the copy.
    """
    from server.app import open_database
    from server.config import load_config
    from server.db.whole import import_all

    db = open_database(load_config(config))
    try:
        rows = import_all(db, file)
    finally:
        db.engine.dispose()
    click.echo(f"{sum(rows.values())} rows of {len(rows)} tables; `packproof audit verify` proves them", err=True)


data_command.add_command(erase_command)
