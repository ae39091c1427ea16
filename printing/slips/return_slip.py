"""What a buyer sends back with goods."""

from collections.abc import Iterator

from printing.documents import ReturnSlip
from printing.slips.blocks import Block, Choices, Facts, Goods, Logo, Scan, Title, Words, address


def blocks(slip: ReturnSlip) -> Iterator[Block]:
    """From the logo to the footer."""
    if slip.look.logo:
        yield Logo(slip.look.logo)
    yield Title("Return slip", "Lay this in the box with what you send back.")
    yield Facts((("ORDER", slip.order_number),))
    yield Goods(slip.lines, ticked=True)
    if slip.reasons:
        yield Choices("WHY", slip.reasons)
    if slip.note:
        yield Words(slip.note)
    yield address("SEND IT TO", slip.return_to)
    if slip.look.footer:
        yield Words(slip.look.footer)
    yield Scan(slip.code, "RETURN")
