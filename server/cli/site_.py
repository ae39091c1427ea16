"""`packproof site`: buildings that ship, ours and those of others."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.cli.columns import columns
from server.cli.data_file import FILE, read_data
from server.cli.goods_text import json_option
from server.cli.opening import config_option, opened, operator

if TYPE_CHECKING:
    from server.domain.routes.nodes import Node

_OPTIONS = (
    click.option("--kind", type=click.Choice(["own", "3pl", "store"]), help="Whose building it is."),
    click.option("--zone", "time_zone", help="Its time zone, such as Europe/Berlin."),
    click.option("--rank", type=int, help="Its place in the list of warehouses; 0 is first."),
    click.option("--capacity", "capacity_per_day", type=int, help="Orders a day; 0 knows no limit."),
    click.option("--cut-off", metavar="HH:MM", help="Until then an order leaves the same day, in its own time."),
    click.option("--country", help="Two letters."),
    click.option("--postcode", help="Where it is."),
)


def _node_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group("site", short_help="Buildings that ship: list, add, set.")
def site_command() -> None:
    """Buildings with stock. Orders of `own` warehouses and of `store`s are packed at benches; a `3pl` belongs to
    somebody else, who gets a file of orders (`packproof route file`) and says what has left (`packproof ship`)."""


@site_command.command("list", short_help="All sites, in the order in which they are asked for stock.")
@json_option
@config_option
def list_command(config: Path | None, as_json: bool) -> None:
    """List the sites: code, kind, time zone, orders a day, cut-off, state, name."""
    from server.usecases.routes.nodes import list_nodes

    with opened(config) as db:
        found = list_nodes(db)
    if found and not as_json:
        click.echo(_row("CODE", "KIND", "TIME ZONE", "PER DAY", "CUT-OFF", "STATE", "NAME"))
    for each in found:
        node = each.node
        told = (node.code, node.kind.value, node.calendar.time_zone, node.capacity_per_day, each.cut_off)
        state = "active" if node.active else "down"
        if as_json:
            names = ("code", "kind", "time_zone", "capacity_per_day", "cut_off")
            click.echo(json.dumps(dict(zip(names, told, strict=True)) | {"active": node.active, "name": each.name}))
        else:
            click.echo(_row(*told[:3], node.capacity_per_day or "-", each.cut_off, state, each.name))
    if not found:
        click.echo("there are no sites; `packproof site add` makes one", err=True)


@site_command.command("add", short_help="A new building.")
@click.argument("code")
@click.argument("name")
@_node_options
@config_option
def add_command(*, config: Path | None, code: str, name: str, **options: Any) -> None:
    """Add a site. It has no stock yet, and ships from the moment in which it has some.

    \b
    Examples:
      packproof site add WEST "West house" --zone America/Los_Angeles --rank 1 --cut-off 16:00
      packproof site add DALLAS "Dallas Fulfilment" --kind 3pl --zone America/Chicago --rank 2
    """
    from server.usecases.routes.nodes import add_node

    with opened(config) as db:
        node = add_node(db, operator(), code, name, _given(options))
    click.echo(f"{node.code} is {_words(node)}", err=True)


@site_command.command("set", short_help="What a site costs, when it ships, how much a day.")
@click.argument("code")
@click.argument("file", type=FILE, required=False)
@click.option("--name", help="What people call it.")
@_node_options
@config_option
def set_command(*, config: Path | None, code: str, file: Path | None, **options: Any) -> None:
    """Change a site; what is not named stays as it is. FILE is TOML or JSON: open_days = [0, 1, 2, 3, 4], closed =
    ["2026-12-25"], cut_offs = {express = "18:00"}, lead_days, handling_cost, fee_basis_points, services, latitude,
    longitude, and what the options say. `packproof pick site-down` takes a site out.

    \b
    Examples:
      packproof site set WEST --capacity 400 --cut-off 15:30
      packproof site set WEST west.toml --postcode 89501 --country US
    """
    from server.usecases.routes.nodes import set_node

    changes = read_data(file) if file is not None else {}
    with opened(config) as db:
        node = set_node(db, operator(), code, changes | _given(options))
    click.echo(f"{node.code} is {_words(node)}", err=True)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}


def _words(node: "Node") -> str:
    place = f"{node.place[0]:.3f}, {node.place[1]:.3f}" if node.place else "nobody said where"
    return f"{node.kind.value}, {'active' if node.active else 'down'}, at {place}"


def _row(*cells: object) -> str:
    return columns(*zip(cells, (16, 5, 24, 8, 8, 7, 0), strict=True))
