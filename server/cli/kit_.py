"""`packproof kit`: what kits are made of, and building them ahead."""

import json
from pathlib import Path

import click

from server.cli.goods_text import bill_of, json_option, key_option, tell, units_of
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.group("kit", short_help="Kits: define, list, build, take apart.")
def kit_command() -> None:
    """Kits are sold from the stock of their components. Some are built ahead and have stock of their own.

    \b
    Examples:
      packproof kit define SPA CANDLE=2 SOAP=1
      packproof kit build EAST SPA=10
    """


@kit_command.command("define", short_help="What is in one of them.")
@click.argument("sku")
@click.argument("components", nargs=-1, required=True, metavar="SKU=UNITS...")
@click.option("--assembled", is_flag=True, help="It is sold only when it was built before.")
@json_option
@config_option
def define_command(
    *, config: Path | None, sku: str, components: tuple[str, ...], assembled: bool, as_json: bool
) -> None:
    """Say what is in a kit, from the next sale on. Orders keep the version they were sold under.

    \b
    Examples:
      packproof kit define SPA CANDLE=2 SOAP=1
      packproof kit define HAMPER SPA=1 MUG=2 --assembled
    """
    from server.usecases.warehouse.kits import define_kit

    with opened(config) as db:
        found = define_kit(db, operator(), sku, bill_of(components), assembled=assembled)
    tell(found, f"{sku} version {found['version']}{'' if found['changed'] else ': nothing changed'}", as_json)


@kit_command.command("retire", short_help="It is a plain product from now on.")
@click.argument("sku")
@config_option
def retire_command(config: Path | None, sku: str) -> None:
    """Make a kit a plain product that is sold from its own stock."""
    from server.usecases.warehouse.kits import retire_kit

    with opened(config) as db:
        retire_kit(db, operator(), sku)
    click.echo(one_line(f"{sku} is no kit any more"), err=True)


@kit_command.command("list", short_help="Every kit with its components.")
@json_option
@config_option
def list_command(config: Path | None, as_json: bool) -> None:
    """List kits: version, components, and whether they are sold only when they were built before. What could be put
    together now is in `packproof stock show KIT`."""
    from server.usecases.warehouse.kits import list_kits

    with opened(config) as db:
        found = list_kits(db)
    for kit in found:
        bill = ", ".join(f"{n} x {sku}" for sku, n in sorted(kit["components"].items()))
        how = "  assembled" if kit["assembled"] else ""
        click.echo(json.dumps(kit) if as_json else one_line(f"{kit['sku']} version {kit['version']}: {bill}{how}"))
    if not found:
        click.echo("there are no kits", err=True)


def _turning(name: str, short: str, about: str, done: str) -> None:
    """One of the two commands that turn components into kits and back; ``done`` begins what it says."""

    @kit_command.command(name, short_help=short, help=f"{about}\n\n\b\nExample:\n  packproof kit {name} EAST SPA=10")
    @click.argument("site")
    @click.argument("line", metavar="SKU=UNITS")
    @click.option("--lot", default="", help="The lot of the kits, where they are kept by lot.")
    @key_option
    @json_option
    @config_option
    def command(*, config: Path | None, site: str, line: str, lot: str, key: str, as_json: bool) -> None:
        from server.usecases.warehouse.kit_building import build_kit, unbuild_kit

        turn, (sku, units) = build_kit if name == "build" else unbuild_kit, units_of(line)
        with opened(config) as db:
            found = turn(db, operator(), sku, site, units, lot=lot, key=key)
        tell(found, f"{done} at {site}: {line}", as_json)


_turning("build", "Put kits together ahead of a sale.", "Turn components that nobody was promised into kits.", "built")
_turning(
    "unbuild", "Take kits apart again.", "Turn kits that nobody was promised into their components.", "taken apart"
)
