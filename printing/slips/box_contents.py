"""What is in one of several boxes."""

from collections.abc import Iterator

from printing.documents import BoxContents
from printing.slips.blocks import Block, Facts, Goods, Logo, Scan, Title, Words, address, of_boxes


def blocks(contents: BoxContents) -> Iterator[Block]:
    """From the logo to the footer."""
    if contents.look.logo:
        yield Logo(contents.look.logo)
    yield Title("Box contents")
    yield Facts((("BOX", of_boxes(contents.box, contents.boxes)), ("ORDER", contents.order_number)), large=True)
    units = sum(line.units for line in contents.lines)
    weight = "-" if contents.weight_grams is None else f"{contents.weight_grams / 1000:.2f} kg"
    yield Facts((("PARCEL", contents.parcel_id), ("UNITS", str(units)), ("WEIGHT", weight)))
    yield address("SHIP TO", contents.ship_to)
    yield Goods(contents.lines)
    if contents.look.footer:
        yield Words(contents.look.footer)
    yield Scan(contents.code, "TRACKING NUMBER")
