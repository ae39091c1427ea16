"""What somebody finds who was given this: no price, and the giver's words first."""

from collections.abc import Iterator
from textwrap import wrap

from printing.documents import GiftSlip
from printing.plain_text import clean
from printing.slips.blocks import Block, Facts, Goods, Lines, Logo, Scan, Title, Words, of_boxes

_AT_ONCE, _AT_ONCE_SPELT = 280, 100
"""Letters of one block, which a label holds; of other scripts fewer, for a letter may become six in its spelling."""


def blocks(slip: GiftSlip) -> Iterator[Block]:
    """From the logo to the footer."""
    if slip.look.logo:
        yield Logo(slip.look.logo)
    yield Title("A gift for you", slip.ship_to.name)
    message = clean(slip.message)
    latin = max(message, default="") < "\u0250"
    for part in wrap(message, _AT_ONCE if latin else _AT_ONCE_SPELT):
        yield Words(part, large=True)
    yield Goods(slip.lines)
    facts = [("ORDER", slip.order_number)]
    if slip.boxes and slip.boxes > 1:
        facts.append(("BOX", of_boxes(slip.box, slip.boxes)))
    yield Facts(tuple(facts))
    yield Lines("SENT BY", (slip.sender.name,))
    if slip.look.footer:
        yield Words(slip.look.footer)
    yield Scan(slip.code, "ORDER")
