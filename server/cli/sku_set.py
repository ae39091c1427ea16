"""`packproof sku set`: what the product master says, and how the goods are handled at a bench."""

from pathlib import Path

import click

from server.cli.opening import config_option, opened, operator
from server.cli.refusal import one_line
from server.domain.errors import DomainError


@click.command("set", short_help="Images, attributes, size, notes, dangerous goods and more.")
@click.argument("sku")
@click.option("--image", "images", multiple=True, help="An https:// address; all of them, they replace those before.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="An empty value removes it.")
@click.option(
    "--picture",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PNG, JPEG or WebP of it, for the screens of the benches.",
)
@click.option("--no-picture", is_flag=True, help="No picture any more.")
@click.option("--category", help="The group that rules speak of.")
@click.option("--brand", help="What is branded is never substituted without a supervisor.")
@click.option("--lead-days", type=click.FloatRange(0, 730), help="Days from an order to the supplier's delivery.")
@click.option(
    "--life-days",
    type=click.IntRange(-1, 3650),
    help="Days it must still be good for when it is packed; -1: until the order is delivered.",
)
@click.option(
    "--typed-quantity/--no-typed-quantity", default=None, help="A packer may type how many, after one scan of it."
)
@click.option("--margin", type=click.FloatRange(-100, 100), help="Per cent of the price, before a channel's fee.")
@click.option(
    "--size", metavar="LxWxH", help="Of one unit in millimetres, as 90x60x40: the bench suggests a box by it."
)
@click.option("--pack-note", metavar="TEXT", help="Shown at the bench before the first scan; an empty one removes it.")
@click.option("--material", metavar="TEXT", help="What to fetch before the first scan; an empty one removes it.")
@click.option("--own-box/--no-own-box", default=None, help="It travels in the maker's box.")
@click.option("--hazmat/--no-hazmat", default=None, help="Dangerous goods: confirmed at the bench before the label.")
@click.option(
    "--hazmat-service",
    "hazmat_services",
    multiple=True,
    metavar="CARRIER[/SERVICE]",
    help="What may take it if it is hazmat; all of them, they replace those before.",
)
@config_option
def set_command(
    *,
    config: Path | None,
    sku: str,
    images: tuple[str, ...],
    picture: Path | None,
    no_picture: bool,
    attributes: tuple[str, ...],
    category: str | None,
    brand: str | None,
    lead_days: float | None,
    life_days: int | None,
    typed_quantity: bool | None,
    margin: float | None,
    size: str | None,
    pack_note: str | None,
    material: str | None,
    own_box: bool | None,
    hazmat: bool | None,
    hazmat_services: tuple[str, ...],
) -> None:
    """Change what the product master says; what is not named stays as it is. The attribute `family` says which
    products are variants of one listing. Lots, dates and serial numbers are set with `packproof stock track`.

    \b
    Examples:
      packproof sku set C-LAV --attribute family=CANDLES --attribute scent=lavender --image https://cdn.example/l.jpg
      packproof sku set C-LAV --size 90x60x40 --material "bubble wrap" --pack-note "Lid up."
      packproof sku set C-LAV --picture lavender.jpg
      packproof sku set ACETONE --hazmat --hazmat-service own-van/standard
    """
    from server.usecases.masterdata.handling import Handling, size_of
    from server.usecases.masterdata.masters import Described, describe
    from server.usecases.masterdata.pictures import small_picture

    if picture and no_picture:
        raise DomainError("invalid", "expected --picture or --no-picture, found both")
    png = small_picture(picture) if picture else b"" if no_picture else None
    sides = None if size is None else size_of(size)
    handling = Handling(sides, pack_note, material, own_box, hazmat, hazmat_services or None)
    pairs = dict(_pair(text) for text in attributes)
    change = Described(
        category, brand, images or None, lead_days, pairs, margin, life_days, typed_quantity, handling, png
    )
    with opened(config) as db:
        changed = describe(db, operator(), sku, change)
    click.echo(f"{one_line(sku)} is {'changed' if changed else 'as it was'}", err=True)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise DomainError("invalid", f"attribute: expected NAME=VALUE, found {text[:40]!r}")
    return name.strip(), value.strip()
