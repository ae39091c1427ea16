"""A parcel that must not leave."""

from collections.abc import Iterator

from printing.documents import PullSlip
from printing.slips.blocks import Block, Facts, Scan, Title, Words


def blocks(slip: PullSlip) -> Iterator[Block]:
    """From what to do to the code of the parcel."""
    yield Title("PULL", "this parcel must not be loaded", loud=True)
    yield Facts((("ORDER", slip.order_number),), large=True)
    yield Words(slip.reason, large=True)
    yield Facts((("WHERE IT IS", slip.where), ("SINCE", slip.at)))
    yield Words(slip.action)
    yield Scan(slip.code, "TRACKING NUMBER")
