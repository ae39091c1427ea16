"""What the buyer finds in the box."""

from collections.abc import Iterator

from printing.documents import PackingSlip
from printing.plain_text import clean
from printing.slips.blocks import Block, Facts, Goods, Logo, Scan, Title, Words, address, of_boxes


def blocks(slip: PackingSlip) -> Iterator[Block]:
    """From the logo to the footer."""
    if slip.look.logo:
        yield Logo(slip.look.logo)
    yield Title("Packing slip", ", ".join(address("", slip.sender).lines))
    facts = [("ORDER", slip.order_number), ("DATE", slip.date)]
    if clean(slip.channel_order) not in ("", clean(slip.order_number)):
        facts.append((clean(slip.channel).upper() or "YOUR ORDER", slip.channel_order))
    if slip.boxes and slip.boxes > 1:
        facts.append(("BOX", of_boxes(slip.box, slip.boxes)))
    yield Facts(tuple(facts))
    yield address("SHIP TO", slip.ship_to)
    yield Goods(slip.lines, slip.prices, slip.total)
    if slip.look.footer:
        yield Words(slip.look.footer)
    yield Scan(slip.code, "ORDER")
