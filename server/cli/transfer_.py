"""`packproof transfer`: goods between two sites."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from server.cli.goods_text import json_option, key_option, keys_of, transfer_lines, units_of
from server.cli.opening import config_option, opened, operator

_NUMBER = click.IntRange(1, 2**31 - 1)


@click.group("transfer", short_help="Goods between two sites, with every difference.")
def transfer_command() -> None:
    """Goods between two sites. On the way they belong to neither: they cannot be sold until they are scanned in.

    \b
    Examples:
      packproof transfer plan EAST WEST CANDLE=24
      packproof transfer out 7 CANDLE=24
      packproof transfer depart 7
      packproof transfer in 7 CANDLE=23
      packproof transfer close 7
    """


@transfer_command.command("plan", short_help="What is to be moved.")
@click.argument("source")
@click.argument("destination")
@click.argument("lines", nargs=-1, required=True, metavar="SKU=UNITS...")
@json_option
@config_option
def plan_command(*, config: Path | None, source: str, destination: str, lines: tuple[str, ...], as_json: bool) -> None:
    """Plan a transfer. Nothing is set aside: what is sold meanwhile is sold.

    \b
    Example:
      packproof transfer plan EAST WEST CANDLE=24 SOAP=12
    """
    from server.usecases.warehouse.transfers import plan_transfer

    with opened(config) as db:
        _show(plan_transfer(db, operator(), source, destination, keys_of(lines)), as_json)


def _scanned(name: str, short: str, about: str) -> None:
    """One of the two commands for goods at a truck: onto it, and off it."""

    @transfer_command.command(
        name, short_help=short, help=f"{about}\n\n\b\nExample:\n  packproof transfer {name} 7 CANDLE=24"
    )
    @click.argument("number", type=_NUMBER)
    @click.argument("line", metavar="SKU=UNITS")
    @click.option("--lot", default="", help="The lot on the goods.")
    @click.option("--serial", "serials", multiple=True, help="One for each unit, or none.")
    @key_option
    @json_option
    @config_option
    def command(
        *, config: Path | None, number: int, line: str, lot: str, serials: tuple[str, ...], key: str, as_json: bool
    ) -> None:
        from server.domain.warehouse.transfers import Key
        from server.usecases.warehouse.transfers import scan_in, scan_out

        scan, (sku, units) = scan_out if name == "out" else scan_in, units_of(line)
        with opened(config) as db:
            _show(scan(db, operator(), number, Key(sku, lot), units, serials=serials, request=key), as_json)


_scanned("out", "Scanned onto the truck.", "Put units on the truck. Units that orders hold do not leave.")
_scanned(
    "in",
    "Scanned off the truck: for sale at once.",
    "Take units off the truck. More than was scanned out is found, and an incident says so.",
)


@transfer_command.command("depart", short_help="The truck leaves.")
@click.argument("number", type=_NUMBER)
@json_option
@config_option
def depart_command(config: Path | None, number: int, as_json: bool) -> None:
    """Say that the truck has left."""
    from server.usecases.warehouse.transfers import depart

    with opened(config) as db:
        _show(depart(db, operator(), number), as_json)


@transfer_command.command("close", short_help="The truck is empty: what did not come is lost.")
@click.argument("number", type=_NUMBER)
@json_option
@config_option
def close_command(config: Path | None, number: int, as_json: bool) -> None:
    """Close it. What did not come is a recorded loss with an incident; scanned in later it is made good."""
    from server.usecases.warehouse.transfers import close_transfer

    with opened(config) as db:
        _show(close_transfer(db, operator(), number), as_json)


@transfer_command.command("cancel", short_help="A plan that is off.")
@click.argument("number", type=_NUMBER)
@json_option
@config_option
def cancel_command(config: Path | None, number: int, as_json: bool) -> None:
    """Call off a plan of which nothing has left."""
    from server.usecases.warehouse.transfers import cancel_transfer

    with opened(config) as db:
        _show(cancel_transfer(db, operator(), number), as_json)


@transfer_command.command("list", short_help="Transfers that are not over.")
@click.option("--all", "everything", is_flag=True, help="Closed and cancelled ones too.")
@json_option
@config_option
def list_command(config: Path | None, everything: bool, as_json: bool) -> None:
    """List transfers, the newest first."""
    from server.usecases.warehouse.transfers import list_transfers

    with opened(config) as db:
        found = list_transfers(db, open_only=not everything)
    for each in found:
        _show(each, as_json)
    if not found:
        click.echo("nothing is being moved", err=True)


def _show(found: Mapping[str, Any], as_json: bool) -> None:
    for line in [json.dumps(found)] if as_json else transfer_lines(found):
        click.echo(line)
