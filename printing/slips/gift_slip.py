"""What somebody finds who was given this: no price, and the giver's words first."""

from collections.abc import Iterator

from printing.documents import GiftSlip
from printing.slips.blocks import Block, Facts, Goods, Lines, Logo, Scan, Title, Words, of_boxes


def blocks(slip: GiftSlip) -> Iterator[Block]:
    """From the logo to the footer."""
    if slip.look.logo:
        yield Logo(slip.look.logo)
    yield Title("A gift for you", slip.ship_to.name)
    if slip.message:
        yield Words(slip.message, large=True)
    yield Goods(slip.lines)
    facts = [("ORDER", slip.order_number)]
    if slip.boxes and slip.boxes > 1:
        facts.append(("BOX", of_boxes(slip.box, slip.boxes)))
    yield Facts(tuple(facts))
    yield Lines("SENT BY", (slip.sender.name,))
    if slip.look.footer:
        yield Words(slip.look.footer)
    yield Scan(slip.code, "ORDER")
