"""`packproof label list|reprint|relabel|void|rule`: labels that were bought, and those that must not live."""

import json
from pathlib import Path
from typing import Any

import click

from server.cli.clocks import when
from server.cli.columns import columns
from server.cli.label_files import DOTS_PER_MM, LANGUAGES, written
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line

_BECAUSE = click.option("--because", required=True, help="A few words for the record; no names or addresses.")


@click.command("list", short_help="Labels that were bought, and what became of voiding them.")
@click.option("--void", is_flag=True, help="Only those that must not live and whose cost is not back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=200, show_default=True, help="The newest so many.")
@config_option
def bought_command(config: Path | None, *, void: bool, as_json: bool, limit: int) -> None:
    """List bought labels, the newest first: parcel, order, number, price, and how voiding stands (wanted, asking,
    pending, refused, voided).

    \b
    Examples:
      packproof label list
      packproof label list --void
    """
    from server.db import labels
    from server.http.labels_api import shown

    with opened(config) as db, db.read() as connection:
        rows = [shown(row) for row in labels.void_or_not(connection, void=void, most=limit)]
    for row in rows:
        if as_json:
            click.echo(json.dumps(row))
            continue
        price = f"{row['cost']} {row['currency']}"
        state = f"{row['void_state']} since {when(row['void_asked_at'])}" if row["void_state"] else row["state"]
        cells = ((row["parcel"], 11), (row["order"], 8), (row["carrier"], 12), (row["tracking"], 24), (price, 10))
        click.echo(columns(*cells, (state, 28), (row["void_reason"] or row["void_text"], 0)))
    if not rows:
        click.echo("no label waits to be void" if void else "no label was bought yet", err=True)


@click.command("reprint", short_help="The label of a box once more, without buying.")
@click.argument("parcel")
@click.option("--dpi", type=click.Choice(["203", "300"]), default="203", show_default=True, help="Of the printer.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help=".zpl, .pdf or .png.")
@config_option
def reprint_command(config: Path | None, parcel: str, dpi: str, out: Path) -> None:
    """Write the label of PARCEL (its id, its tracking number, or the order of a single box) once more: the same label,
    counted and on record, never bought. Not after its parcel has left, and not for a label that is void.

    At a bench it is REPRINT, then the label, the box's slip or the parcel's number.

    \b
    Example:
      packproof label reprint PCL0000012 -o label.zpl
    """
    from printing.kinds import Stock
    from server.usecases.benchwork.reprinting import reprint

    if out.suffix not in (".zpl", ".pdf", ".png"):
        raise click.UsageError(f"expected OUT to end in .zpl, .pdf or .png, found {out.name!r}")
    with opened(config) as db:
        label = reprint(db, operator(), parcel).label
    ready: Any = label.ready.format if label.ready and out.suffix == ".png" else None
    language: Any = ready or LANGUAGES[out.suffix]
    out.write_bytes(written("label", label, language, Stock(DOTS_PER_MM[dpi]), out.suffix))
    click.echo(one_line(f"label {label.tracking} of order {label.order_number}: {out}"), err=True)


@click.command("relabel", short_help="Another label for the same box.")
@click.argument("parcel")
@_BECAUSE
@config_option
def relabel_command(config: Path | None, parcel: str, because: str) -> None:
    """Void the label of PARCEL (its id or tracking number); its box gets another one. Nothing is unpacked: who opens
    the order at a bench finds everything verified and gets the new label. The old number is refused everywhere.

    A label that is only damaged is printed again (REPRINT at a bench, or `packproof label reprint`) and costs nothing.

    \b
    Example:
      packproof label relabel PCL0000012 --because "the buyer moved"
    """
    from server.usecases.shipping.relabelling import relabel

    with opened(config) as db:
        order = relabel(db, operator(), parcel, because)
    click.echo(one_line(f"order {order} waits for a bench: open it and put the new label on"), err=True)


@click.command("void", short_help="Void a label, or ask for it once more.")
@click.argument("parcel")
@_BECAUSE
@config_option
def void_command(config: Path | None, parcel: str, because: str) -> None:
    """Void the label of PARCEL. Where it is void here already its carrier is asked once more; else its box waits for
    another label, as with `relabel`.

    \b
    Example:
      packproof label void PCL0000012 --because "claimed by telephone"
    """
    from server.usecases.shipping.relabelling import void_label

    with opened(config) as db:
        order = void_label(db, operator(), parcel, because)
    click.echo(one_line(f"the label of order {order} is to be void; see: packproof label list --void"), err=True)


@click.command("rule", short_help="When an unused label is somebody's matter.")
@click.option("--unused-hours", type=int, help="Hours after its purchase until it must be scanned and loaded.")
@config_option
def rule_command(config: Path | None, unused_hours: int | None) -> None:
    """Show or change after how many hours a label that nobody scanned on its box, or whose box nobody loaded, opens an
    incident.

    \b
    Example:
      packproof label rule --unused-hours 48
    """
    from server.usecases.shipping.unused import hours, set_hours

    with opened(config) as db:
        if unused_hours is not None:
            set_hours(db, operator(), unused_hours)
        with db.read() as connection:
            found = hours(connection)
    click.echo(f"unused labels: after {found} h")
