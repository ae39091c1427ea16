"""`packproof stock`: what lies where."""

import json
from pathlib import Path

import click

from server.cli.goods_text import consequences, json_option, key_option, tell, units_of
from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line


@click.group("stock", short_help="What lies where; damage, safety stock, lots.")
def stock_command() -> None:
    """What lies where, as it is now.

    \b
    Examples:
      packproof stock show CANDLE
      packproof stock damage EAST CANDLE=2 --reason "dropped"
      packproof stock safety EAST CANDLE=5
    """


@stock_command.command("show", short_help="Units of each node.")
@click.argument("sku", required=False, default="")
@click.option("--site", default="", help="Only this site.")
@json_option
@config_option
def show_command(*, config: Path | None, sku: str, site: str, as_json: bool) -> None:
    """Show on hand, reserved by orders, held by checkouts, available, on the way, the safety threshold, and what may be
    sold: kits that could be put together there are counted, expired lots are not.

    \b
    Examples:
      packproof stock show
      packproof stock show CANDLE --site EAST --json
    """
    from server.usecases.warehouse.stock_view import view_stock

    with opened(config) as db:
        found = view_stock(db, sku=sku, site=site, limit=5000)
    if not as_json:
        click.echo(
            f"{'SKU':<24} {'SITE':<8} {'ON HAND':>8} {'RESERVED':>8} {'HELD':>6} {'AVAILABLE':>9} "
            f"{'ON WAY':>7} {'SAFETY':>7} {'SELLABLE':>8}"
        )
    for node in found:
        if as_json:
            click.echo(json.dumps(node))
            continue
        low = "  below safety" if node["below_safety"] else ""
        click.echo(
            f"{one_line(node['sku']):<24} {node['site']:<8} {node['on_hand']:>8} {node['reserved']:>8} "
            f"{node['held']:>6} {node['available']:>9} {node['in_transit']:>7} {node['safety']:>7} "
            f"{node['sellable']:>8}{low}"
        )
        for lot in node["lots"]:
            ends = f"expires {lot['expires_on']}" if lot["expires_on"] else "does not expire"
            click.echo(f"  lot {one_line(lot['lot']):<26} {lot['on_hand']:>8} {lot['reserved']:>8}  {ends}")


@stock_command.command("damage", short_help="Units that cannot be sold any more.")
@click.argument("site")
@click.argument("line", metavar="SKU=UNITS")
@click.option("--lot", default="", help="The lot on the goods.")
@click.option("--serial", "serials", multiple=True, help="One for each unit, or none.")
@click.option("--reason", required=True, help="What happened to them.")
@key_option
@json_option
@config_option
def damage_command(
    *,
    config: Path | None,
    site: str,
    line: str,
    lot: str,
    serials: tuple[str, ...],
    reason: str,
    key: str,
    as_json: bool,
) -> None:
    """Write units off: damaged, expired, stolen, used. Promised ones give way by the conflict policy.

    \b
    Example:
      packproof stock damage EAST CANDLE=2 --reason "dropped"
    """
    from server.usecases.warehouse.writing_off import write_off

    sku, units = units_of(line)
    with opened(config) as db:
        found = write_off(db, operator(), sku, site, units, reason=reason, lot=lot, serials=serials, key=key)
    tell(found, f"written off at {site}: {found['units']} of {sku}", as_json)
    consequences(found)


@stock_command.command("safety", short_help="The number below which a site should not fall.")
@click.argument("site")
@click.argument("line", metavar="SKU=UNITS")
@config_option
def safety_command(config: Path | None, site: str, line: str) -> None:
    """Set a site's safety stock of a product.

    \b
    Example:
      packproof stock safety EAST CANDLE=5
    """
    from server.usecases.warehouse.stock_view import set_safety

    sku, units = units_of(line)
    with opened(config) as db:
        set_safety(db, operator(), sku, site, units)
    click.echo(one_line(f"safety stock of {sku} at {site} is {units}"), err=True)


@stock_command.command("track", short_help="Keep a product by lot, expiry or serial number.")
@click.argument("sku")
@click.option("--lots/--no-lots", default=False, help="Each unit belongs to a lot.")
@click.option("--expiry/--no-expiry", default=False, help="Each lot has a date.")
@click.option("--serials/--no-serials", default=False, help="Each unit has a serial number.")
@config_option
def track_command(*, config: Path | None, sku: str, lots: bool, expiry: bool, serials: bool) -> None:
    """Say what must be known of each unit of a product.

    \b
    Example:
      packproof stock track CREAM --lots --expiry
    """
    from server.usecases.warehouse.goods import set_tracking

    with opened(config) as db:
        set_tracking(db, operator(), sku, lots=lots, expiry=expiry, serials=serials)
    click.echo(one_line(f"{sku} is changed"), err=True)
