"""`packproof import`: products, stock and orders from CSV."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.opening import config_option, opened

if TYPE_CHECKING:
    from server.usecases.starting.importing import Kind

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import", short_help="Products, stock and orders from CSV.")
def import_command() -> None:
    """Products, stock and orders from CSV: UTF-8, with a line of column names; comma, semicolon or tab.

    The same file twice changes nothing. A refused row is named by its line and reason and does not stop the rest;
    the exit code is then 1.
    """


@import_command.command("products", short_help="One row for each barcode.")
@click.argument("file", type=_FILE)
@config_option
@click.pass_context
def products_command(ctx: click.Context, config: Path | None, file: Path) -> None:
    """Columns: sku, name; and variant, weight_grams, barcode, units (6 for the barcode of a case of six), type (gtin
    asks for a right check digit), shared (yes: the barcode also means another product), and how it is handled at the
    bench, as `packproof sku set` says it: size_mm (90x60x40), pack_note, material, own_box, hazmat, hazmat_services
    (blanks between them), typed_quantity. An empty cell of these leaves it as it is.

    \b
    Example:
      packproof import products products.csv
    """
    _run(ctx, config, "products", file)


@import_command.command("stock", short_help="An absolute count for each SKU and site.")
@click.argument("file", type=_FILE)
@config_option
@click.pass_context
def stock_command(ctx: click.Context, config: Path | None, file: Path) -> None:
    """Columns: sku, site, on_hand (all in the building, totes and boxes too); and lot, bin (the shelf).

    Fewer than were promised: orders give way by the conflict policy, and an incident names them.

    \b
    Example:
      packproof import stock count-2026-03-04.csv
    """
    _run(ctx, config, "stock", file)


@import_command.command("orders", short_help="One row for each line of an order.")
@click.argument("file", type=_FILE)
@click.option("--channel", default="csv", show_default=True, help="The channel of rows that name none.")
@config_option
@click.pass_context
def orders_command(ctx: click.Context, config: Path | None, file: Path, channel: str) -> None:
    """Columns: order_id, sku, quantity, name, line1, city, country; and channel, placed_at, paid, currency, ship_by,
    carrier, service, note, title, price, line_id, company, line2, line3, region, postcode, phone, email.

    Orders that name no channel, here or by --channel, belong to the channel csv; the first import of orders makes it.
    An order is known by its channel and order_id, so a second import takes in nothing twice.

    \b
    Example:
      packproof import orders phone-orders.csv
      packproof import orders fair.csv --channel fair
    """
    _run(ctx, config, "orders", file, channel)


def _run(ctx: click.Context, config: Path | None, kind: "Kind", file: Path, channel: str = "csv") -> None:
    from server.cli.importing import run_import

    with opened(config) as db:
        ctx.exit(0 if run_import(db, kind, file, channel) else 1)
