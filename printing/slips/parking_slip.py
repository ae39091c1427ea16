"""The slip for a box that waits, where it comes from a receipt printer."""

from collections.abc import Iterator

from printing.documents import ParkingSlip
from printing.slips.blocks import Block, Facts, Scan, Title, Words


def blocks(slip: ParkingSlip) -> Iterator[Block]:
    """From the word that counts to the code which takes the box up again."""
    yield Title("PARKED", "not a shipping label: do not load", loud=True)
    yield Facts((("ORDER", slip.order_number),), large=True)
    yield Words(slip.reason, large=True)
    yield Facts((("BENCH", slip.bench), ("SINCE", slip.at)))
    yield Scan(slip.code, "SCAN TO GO ON WITH THIS BOX")
