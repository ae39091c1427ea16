"""Whose paper the next one is, where it prints at another bench."""

from collections.abc import Iterator

from printing.documents import FetchSlip
from printing.slips.blocks import Block, Facts, Title, Words


def blocks(slip: FetchSlip) -> Iterator[Block]:
    """The bench in the largest letters, then the order."""
    yield Title(f"FOR {slip.bench}", "it was printed here because the printer there does not print", loud=True)
    yield Facts((("ORDER", slip.order_number),), large=True)
    yield Words(f"The paper after this one belongs to {slip.bench}. Take both there.", large=True)
