"""`packproof sku label`: labels for goods without a barcode."""

from pathlib import Path

import click

from server.cli.code_labels import code_labels
from server.cli.opening import config_option, opened, operator

_MOST = 500


@click.command("label", short_help="Labels for goods without a barcode.")
@click.argument("sku")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, _MOST), help="How many.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A .pdf to cut up, or .zpl for rolls of 57 x 32 mm; item-labels.pdf without it.",
)
@config_option
def label_command(config: Path | None, sku: str, count: int, out: Path | None) -> None:
    """Write labels with the barcode of a product, one for each unit. A product without one gets its SKU as barcode.

    \b
    Example:
      packproof sku label CANDLE --count 24
    """
    from printing.documents import PrintedCode
    from server.usecases.masterdata.item_labels import label_code

    with opened(config) as db:
        item = label_code(db, operator(), sku)
    one = PrintedCode(item.code, item.name[:60], item.variant)
    target = out or Path("item-labels.pdf")
    target.write_bytes(code_labels("item", [one] * count, target.suffix, "Item labels"))
    click.echo(f"labels to print: {target}" + (f"; {sku} has a barcode now" if item.made else ""), err=True)
