"""`packproof box`: the outer boxes that packers take."""

from pathlib import Path

import click

from server.cli.columns import columns
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.group("box", short_help="Box types: size, tare, what they hold.")
def box_command() -> None:
    """Box types. While there are none, no bench ever asks for a box."""


@box_command.command("set", short_help="Add a box type, or change one.")
@click.argument("code")
@click.option("--name", help="What people call it; the code without it.")
@click.option("--size", metavar="LxWxH", help="Inside, in millimetres, as 300x200x150.")
@click.option("--tare", type=click.IntRange(0), metavar="GRAMS", help="What it weighs when it is empty.")
@click.option("--max-grams", type=click.IntRange(0), help="What it may weigh when it is full; 0: no limit.")
@click.option("--carrier", "carriers", multiple=True, help="A carrier that takes it; all of them, they replace others.")
@click.option("--any-carrier", is_flag=True, help="Every carrier takes it.")
@config_option
def set_command(
    *,
    config: Path | None,
    code: str,
    name: str | None,
    size: str | None,
    tare: int | None,
    max_grams: int | None,
    carriers: tuple[str, ...],
    any_carrier: bool,
) -> None:
    """Add or change a box type; what is not named stays as it is. Its barcode is PPX- and the code: `packproof bench
    sheet` prints it. It counts from the next order that is opened.

    \b
    Examples:
      packproof box set M --name Medium --size 300x220x150 --tare 160 --max-grams 12000
      packproof box set TUBE --carrier own-van
    """
    from server.usecases.masterdata.boxes import BoxChange, set_box
    from server.usecases.masterdata.handling import size_of

    if carriers and any_carrier:
        raise click.UsageError("expected --carrier or --any-carrier, found both")
    sides = None if size is None else size_of(size)
    taken = () if any_carrier else carriers or None
    with opened(config) as db:
        changed = set_box(db, operator(), code, BoxChange(name, sides, tare, max_grams, taken))
    click.echo(f"box {one_line(code)} is {'changed' if changed else 'as it was'}", err=True)


@box_command.command("list", short_help="All box types.")
@config_option
def list_command(config: Path | None) -> None:
    """List the box types: inner size in millimetres, tare and most grams, who takes them, name."""
    from server.usecases.masterdata.boxes import boxes

    with opened(config) as db, db.read() as connection:
        found = boxes(connection)
    click.echo(columns(("CODE", 10), ("SIZE", 14), ("TARE", 6), ("MOST", 7), ("CARRIERS", 20), ("NAME", 0)))
    for box in found:
        sides = [box["length_mm"], box["width_mm"], box["height_mm"]]
        size = "-" if None in sides else "x".join(map(str, sides))
        tare, most = ("-" if box[name] is None else box[name] for name in ("tare_grams", "max_grams"))
        takers = ",".join(box["carriers"]) or "all"
        click.echo(columns((box["code"], 10), (size, 14), (tare, 6), (most, 7), (takers, 20), (box["name"], 0)))
