"""One import with a progress bar: rows on standard error, refused ones by line number and reason on standard output."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import operator
from server.cli.refusal import one_line

if TYPE_CHECKING:
    from server.db.transaction import Database
    from server.usecases.starting.importing import Kind


def run_import(db: "Database", kind: "Kind", path: Path, channel: str = "csv") -> bool:
    """Import the file and say how it went; True when no row was refused."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from server.usecases.starting.importing import import_file

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = Console(file=sys.stderr)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task(kind, total=None)
        report = import_file(
            db,
            operator(),
            kind,
            path,
            lambda done, of: progress.update(bar, completed=done, total=of),
            channel=channel,
        )
    for refused in report.refused:
        click.echo(f"line {refused.line}: {one_line(refused.reason)}")
    if report.new_channel:
        click.echo(f"{report.new_channel} is a new channel, for orders from files that name none", err=True)
    counts = f"{report.taken} taken, {report.unchanged} unchanged, {len(report.refused)} refused"
    click.echo(f"{kind} from {path}: rows {counts}", err=True)
    return not report.refused
